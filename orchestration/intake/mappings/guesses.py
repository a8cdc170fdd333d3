"""What the columns of an unknown file may be, guessed from their names and the contents of its first rows."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from orchestration.database import sql_text
from orchestration.intake.files.headers import FoundHeader, normalised_name
from orchestration.intake.files.opening import DeliveryRejectedError, OpenedFile, open_file
from orchestration.intake.mappings.mapping_files import load_mappings
from orchestration.intake.mappings.mapping_sql import AMOUNTS
from orchestration.intake.reading import looks_like_data, release_file
from orchestration.intake.rules.catalogue import CATALOG, canonical_columns, municipality_codes
from orchestration.intake.rules.judging import MACROS
from orchestration.settings import Settings
from orchestration.yaml_files import read_yaml

SAMPLE_ROWS = 500
_PERSONNUMMER = re.compile(r"(?:[0-9]{6}|[0-9]{8}) ?[-+]?[0-9]{4}(?:\.0)?")
_PERIODS = (
    ("ÅÅÅÅ-MM", r"(19|20)\d\d-(0[1-9]|1[0-2])"),
    ("ÅÅÅÅMM", r"(19|20)\d\d(0[1-9]|1[0-2])"),
    ("ÅÅÅÅ-MM-DD", r"(19|20)\d\d-(0[1-9]|1[0-2])-\d\d([ T].*)?"),
    ("ÅÅÅÅMMDD", r"(19|20)\d\d(0[1-9]|1[0-2])[0-3]\d"),
    ("månad ÅÅÅÅ", r"[^\W\d]{3,9}\.? (19|20)\d\d"),
    ("ÅÅÅÅ månad", r"(19|20)\d\d [^\W\d]{3,9}\.?"),
    ("MM/ÅÅÅÅ", r"(0[1-9]|1[0-2])/(19|20)\d\d"),
    ("DD.MM.ÅÅÅÅ", r"[0-3]\d\.(0[1-9]|1[0-2])\.(19|20)\d\d"),
)
_AMOUNT = re.compile(r"[0-9]{1,3}(?:[ \u00a0]?[0-9]{3})*(?:[.,][0-9]{1,2})?(?: ?(?:kr|SEK|:-))?")
_DAY = re.compile(r"(19|20)\d\d-?(0[1-9]|1[0-2])-?[0-3]\d([ T].*)?")
_SHARE = 0.8
_LIKE = 0.75
PERSON_COLUMNS = ("forsorjningshinder", "forsorjningshinder_2", "kon", "utrikes_fodd")


@dataclass
class DraftPerson:
    """One person of a household row; `up_to` is above 0 when `columns` hold `{n}`."""

    role: str
    columns: dict[str, str]
    up_to: int = 0


@dataclass
class Draft:
    """What is guessed of one file. `sources` has the column of each canonical column that one was found for."""

    header: FoundHeader
    samples: dict[str, list[str]]
    sources: dict[str, str] = field(default_factory=dict)
    persons: list[DraftPerson] = field(default_factory=list)
    period_format: str = ""
    granted: tuple[str, tuple[str, ...]] | None = None
    # the columns of the first and last day, the sheet when it is not the first, and the columns with cells merged downwards
    months: tuple[str, str] | None = None
    sheet: str = ""
    merged: tuple[str, ...] = ()


@cache
def guess_words() -> dict[str, Any]:
    words: dict[str, Any] = read_yaml(CATALOG / "column_guesses.yml")
    return words


def _likeliest_sheet(path: Path, known: set[str]) -> tuple[OpenedFile, str]:
    """The opened file, and of a book the name of the sheet where that is not the first: the one whose header has most names
    that are known or guessed from. Raises DeliveryRejectedError."""
    words = known | {normalised_name(word) for names in guess_words()["names"].values() for word in names}
    first = open_file(path, known, may_be_blank=True)
    others = [open_file(path, known, name, may_be_blank=True) for name in first.other_sheets]
    best = max((first, *others), key=lambda source: source.table.header.known(words))
    best.stop_if_blank()
    return best, "" if best is first else best.sheet


def guess(path: Path, settings: Settings) -> Draft:
    """Looks at the header and the first rows. Raises DeliveryRejectedError when there is nothing to look at."""
    source, sheet = _likeliest_sheet(path, load_mappings(settings).known_names())
    header = source.table.header
    if looks_like_data(header):
        raise DeliveryRejectedError("D01", "rubrikraden saknas")
    if source.is_empty:
        raise DeliveryRejectedError("D03", "filen har bara en rubrikrad")
    places = [place for place, name in enumerate(header.names) if normalised_name(name)]
    cells = ", ".join(f"{source.table.cell(place, None)} as c{place}" for place in places)
    connection = duckdb.connect(config={"temp_directory": "", "autoload_known_extensions": "false"})
    try:
        connection.execute(sql_text(MACROS))
        source.stream(connection)
        rows = connection.execute(
            f"select {cells} from ({source.table.relation}) as delivered where is_whole limit {SAMPLE_ROWS}"
        ).fetchall()
    except duckdb.Error:
        raise DeliveryRejectedError("D01", "innehållet är skadat") from None
    finally:
        release_file(connection)
        connection.close()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(places)
    samples = {
        header.names[place]: [cell for cell in column if cell]
        for place, column in zip(places, columns, strict=True)
    }
    draft = _guessed(header, samples)
    draft.sheet = sheet
    # an amount that is filled down would be counted on every row
    amounts = {draft.sources.get(name) for name in AMOUNTS}
    merged = (header.names[place] for place in source.merged_places if place in places)
    draft.merged = tuple(name for name in merged if name not in amounts)
    return draft


def _guessed(header: FoundHeader, samples: dict[str, list[str]]) -> Draft:
    draft = Draft(header, samples)
    numbers = [name for name, cells in samples.items() if _share(cells, _PERSONNUMMER) >= _SHARE]
    taken: set[str] = set()
    if len(numbers) > 1 and any(_person_role(name) != "RL" for name in numbers):
        draft.persons, taken = _household(numbers, list(samples))
    fits = _fitting(samples, numbers)
    # months of the export's own go before days
    if all(_share(samples[name], _DAY) >= _SHARE for name in fits["period"]):
        draft.months = _first_and_last_day(samples)
        taken |= set(draft.months or ())
    wanted = [
        column.name
        for column in canonical_columns()
        if (not draft.persons or column.name not in ("personnummer", "roll"))
        and (not draft.months or column.name != "period")
    ]
    # the surest pair first, so that two canonical columns never take the same one
    ranked = sorted(
        (-_likeness(canonical, name), place, canonical, name)
        for canonical in wanted
        for place, name in enumerate(samples)
        if name in fits.get(canonical, samples)
    )
    for distance, _, canonical, name in ranked:
        if -distance >= _LIKE and canonical not in draft.sources and name not in taken:
            draft.sources[canonical] = name
            taken.add(name)
    for canonical in ("personnummer", "period", "kommunkod"):
        free = [name for name in fits[canonical] if name not in taken]
        if canonical in wanted and canonical not in draft.sources and len(free) == 1:
            draft.sources[canonical] = free[0]
            taken.add(free[0])
    draft.period_format = next(iter(_period_formats(samples.get(draft.sources.get("period", ""), []))), "")
    draft.granted = _decisions({name: cells for name, cells in samples.items() if name not in taken})
    return draft


def _fitting(samples: dict[str, list[str]], numbers: list[str]) -> dict[str, list[str]]:
    """The columns whose cells have the form that some of the canonical columns need."""
    amounts = [name for name, cells in samples.items() if _share(cells, _AMOUNT) >= _SHARE]
    return {
        # a spreadsheet has often taken the zero in front
        "kommunkod": [name for name in samples if _are_municipalities(samples[name])],
        "period": [name for name in samples if name not in numbers and _period_formats(samples[name])],
        "personnummer": numbers,
        "forsorjningsstod_kr": amounts,
        "ovrigt_bistand_kr": [name for name in samples if not samples[name] or name in amounts],
    }


def _household(numbers: list[str], names: list[str]) -> tuple[list[DraftPerson], set[str]]:
    """The persons of a household row, each with the columns that share what stands before its personnummer."""
    persons, taken, repeated = [], set(numbers), set()
    for number in numbers:
        stem = _stem(number)
        columns = {"personnummer": number}
        for name in names:
            if name in numbers or (rest := _beside(name, stem)) is None:
                continue
            taken.add(name)
            likeness = {column: _likeness(column, rest) for column in PERSON_COLUMNS}
            best = max(likeness, key=lambda column: likeness[column])
            if likeness[best] >= _LIKE:
                columns.setdefault(best, name)
        counted = re.search(r"[0-9]+$", stem)
        if not counted:
            persons.append(DraftPerson(_person_role(number), columns))
            continue
        key = stem[: counted.start()]
        if key not in repeated:
            repeated.add(key)
            general = {column: name.replace(stem, f"{key}{{n}}", 1) for column, name in columns.items()}
            persons.append(DraftPerson(_person_role(number), general, up_to=10))
    return persons, taken


def _stem(number: str) -> str:
    """Whose number a column holds: `RL` of `RL personnr`, and of `Personnr RL`."""
    words = re.split(r"[ _.-]+", number)
    if len(words) > 1 and _likeness("personnummer", words[0]) >= _LIKE > _likeness("personnummer", words[-1]):
        return re.sub(r"^[^ _.-]+[ _.-]+", "", number)
    return re.sub(r"[ _.-]*\S*$", "", number) or number


def _beside(name: str, stem: str) -> str | None:
    """What a column says beside the person it is about, whichever comes first: `RL hinder` and `Hinder RL`."""
    for mark in " _.-":
        if name.startswith(f"{stem}{mark}"):
            return name[len(stem) + 1 :]
        if name.endswith(f"{mark}{stem}"):
            return name[: -len(stem) - 1]
    return None


def _are_municipalities(cells: list[str]) -> bool:
    """Whether nearly all cells are codes of municipalities; a spreadsheet has often taken the zero in front."""
    known = municipality_codes()
    return bool(cells) and sum(cell.zfill(4) in known for cell in cells if cell.isdigit()) >= _SHARE * len(
        cells
    )


def _share(cells: list[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(cell)) for cell in cells) / len(cells) if cells else 0.0


def _period_formats(cells: list[str]) -> list[str]:
    """The forms of month that nearly all cells have, the one to write down first.

    Beside dates, which a spreadsheet makes of some months by itself, another form is the one to write down.
    """
    shares = {name: _share(cells, re.compile(form)) for name, form in _PERIODS}
    found = [name for name, share in shares.items() if share]
    if sum(shares.values()) < _SHARE:
        return []
    return sorted(found, key=lambda name: (name == "ÅÅÅÅ-MM-DD", -shares[name]))


def _likeness(canonical: str, name: str) -> float:
    known = [normalised_name(word) for word in (canonical, *guess_words()["names"].get(canonical, []))]
    own = normalised_name(name)
    # in a header of two rows the last word is the column's own
    endings = [own, normalised_name(name.split(" ")[-1])]
    return max(difflib.SequenceMatcher(None, word, ending).ratio() for word in known for ending in endings)


def _person_role(name: str) -> str:
    own = " ".join(re.findall(r"\w+", name.lower()))
    for role, words in guess_words()["persons"].items():
        if any(re.search(rf"\b{word}", own) for word in words):
            return str(role)
    return "RL"


def _first_and_last_day(samples: dict[str, list[str]]) -> tuple[str, str] | None:
    """The columns that say from which day to which a row holds, by their names and that they hold days."""
    days = [name for name, cells in samples.items() if _share(cells, _DAY) >= _SHARE]
    ends = []
    for words in (guess_words()["days"]["from"], guess_words()["days"]["to"]):
        known = {normalised_name(word) for word in words}
        ends.append([name for name in days if normalised_name(name) in known])
    return (ends[0][0], ends[1][0]) if len(ends[0]) == len(ends[1]) == 1 else None


def _decisions(samples: dict[str, list[str]]) -> tuple[str, tuple[str, ...]] | None:
    for name, cells in samples.items():
        values = {cell.lower() for cell in cells}
        granted = tuple(word for word in guess_words()["granted"] if word in values)
        if granted and len(values) <= 12:
            return name, granted
    return None
