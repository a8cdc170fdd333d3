"""A municipality's own fixed questions, answered in every year's report: a YAML file that only says which measures.

What the file asks for and the release does not have is refused with what is nearest: a question is never left out unseen.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestration.errors import PlainError
from orchestration.intake.scrubbing import scrub_text
from orchestration.release.figure import find_area, open_release
from orchestration.release.report import tables
from orchestration.release.report.blocks import Answer
from orchestration.release.report.figures import Figures
from orchestration.release.store import Release
from orchestration.yaml_files import read_yaml

# room for a paragraph, not for a chapter
_LONGEST_COMMENT = 1200


class QuestionsError(PlainError):
    """The file of questions cannot be used; the message is one plain Swedish sentence."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(_Entry):
    """A question. `breakdown` is `total`, one group (`sex=K`) or every group of a dimension (`sex`); `comments` by year."""

    question: str = Field(min_length=1, max_length=300)
    indicator: str
    definition: str | None = None
    breakdown: str = "total"
    comments: dict[int, str] = Field(default_factory=dict)


class Questions(_Entry):
    """The file, whole."""

    title: str = "Våra fasta frågor"
    questions: list[Asked] = Field(min_length=1, max_length=60)

    def measures(self, connection: duckdb.DuckDBPyConnection) -> list[Wanted]:
        """What each question asks of the release that `connection` sees. Raises QuestionsError for what it does not have."""
        return [_wanted(connection, number, asked) for number, asked in enumerate(self.questions, 1)]

    def answers(self, figures: Figures, wanted: list[Wanted]) -> Iterator[Answer]:
        """Each question with its years and its comment of the report's year."""
        for number, (asked, one) in enumerate(zip(self.questions, wanted, strict=True), 1):
            first = figures.find(one.indicator_id, one.definition_id)
            measures = (
                [
                    *([first] if first else []),
                    *figures.split(one.indicator_id, one.definition_id, one.breakdown),
                ]
                if one.is_dimension
                else [found for found in [figures.find(*one[:3])] if found]
            )
            if not measures:
                raise QuestionsError(
                    f"Fråga {number}: {one.indicator_id} räknas inte för {figures.area['geography_name']} i den här utgåvan; "
                    "ta bort frågan eller välj ett annat mått."
                )
            comment = asked.comments.get(figures.year)
            yield Answer(
                number,
                asked.question,
                tables.years(figures, measures[0].name, measures),
                scrub_text(comment.strip(), _LONGEST_COMMENT) if comment else None,
            )


class Wanted(NamedTuple):
    """Which figures of the release a question is answered by."""

    indicator_id: str
    definition_id: str
    breakdown: str
    is_dimension: bool


def own_questions(home: Path, release: Release, area: str) -> Questions | None:
    """The questions of a municipality (id or name) that lie in the home, `<home>/fragor/1490.yml`, or None without such a file."""
    folder = home / "fragor"
    if not folder.is_dir():
        return None
    with open_release(release) as connection:
        path = folder / f"{find_area(connection, area).replace(':', '_')}.yml"
    return read_questions(path) if path.is_file() else None


def read_questions(path: Path) -> Questions:
    """The questions of a file. Raises QuestionsError naming the file and what to mend."""
    problem = f"Frågorna i {path.name} kan inte användas"
    try:
        content = read_yaml(path)
    except FileNotFoundError:
        raise QuestionsError(
            f"Filen {path.name} finns inte; skriv den som docs/how-to/yearly-report.md visar."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise QuestionsError(f"{problem}: filen går inte att läsa som text i UTF-8; spara om den.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" på rad {mark.line + 1}" if mark else ""
        raise QuestionsError(f"{problem}: den är inte rätt YAML{line}; rätta den.") from None
    if not isinstance(content, dict):
        raise QuestionsError(f"{problem}: den är tom eller ingen lista av nycklar; fyll i den.")
    try:
        return Questions.model_validate(content)
    except ValidationError as error:
        raise QuestionsError(f"{problem}: {_swedish(error)}; rätta filen.") from None


def _swedish(error: ValidationError) -> str:
    """The first thing wrong, by its place in the file: `fråga 2, nyckeln matt är okänd`."""
    found = error.errors(include_url=False, include_input=False)
    # a name written wrong is both unknown and missing: the word that stands there says more
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    place = [part for part in first["loc"] if part != "questions" or len(first["loc"]) == 1]
    where = f"fråga {int(place.pop(0)) + 1}, " if place and isinstance(place[0], int) else ""
    told = {
        "missing": "saknas",
        "extra_forbidden": "är okänd",
        "too_short": "är tom",
        "too_long": "är för lång",
    }
    name = ".".join(str(part) for part in place if part != "[key]")
    return f"{where}nyckeln {name} {told.get(first['type'], 'har ett otillåtet värde')}"


def _wanted(connection: duckdb.DuckDBPyConnection, number: int, asked: Asked) -> Wanted:
    definitions = [
        definition
        for (definition,) in connection.execute(
            "select definition_id from dim_indicators where indicator_id = $id and (indicator_id, definition_id) in "
            "(select (indicator_id, definition_id) from indicator_values where period_kind = 'year') order by sort_order",
            {"id": asked.indicator},
        ).fetchall()
    ]
    if not definitions:
        known = connection.execute(
            "select distinct indicator_id from indicator_values where period_kind = 'year'"
        ).fetchall()
        raise QuestionsError(
            f"Fråga {number}: måttet {asked.indicator} har inga årssiffror i utgåvan{_near(asked.indicator, [one for (one,) in known])}"
        )
    definition_id = asked.definition or definitions[0]
    if definition_id not in definitions:
        raise QuestionsError(
            f"Fråga {number}: {asked.indicator} räknas inte enligt {definition_id}; välj {', '.join(definitions)}."
        )
    breakdowns = [
        breakdown
        for (breakdown,) in connection.execute(
            "select distinct breakdown from indicator_values where indicator_id = $i and definition_id = $d "
            "and period_kind = 'year' order by 1",
            {"i": asked.indicator, "d": definition_id},
        ).fetchall()
    ]
    dimensions = {one.split("=")[0] for one in breakdowns if one != "total" and ";" not in one}
    if asked.breakdown not in breakdowns and asked.breakdown not in dimensions:
        raise QuestionsError(
            f"Fråga {number}: {asked.indicator} är inte uppdelat på {asked.breakdown}"
            f"{_near(asked.breakdown, [*sorted(dimensions), *breakdowns])}"
        )
    return Wanted(asked.indicator, definition_id, asked.breakdown, asked.breakdown in dimensions)


def _near(asked: str, known: list[str]) -> str:
    """The end of a sentence: `; menar du a eller b?`, or the first that there are."""
    close = difflib.get_close_matches(asked, known, n=3, cutoff=0.5)
    return f"; menar du {' eller '.join(close)}?" if close else f"; välj till exempel {', '.join(known[:3])}."
