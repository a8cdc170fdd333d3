"""One figure of a release, found by what a reader would write; what is not there is refused with what is nearest."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.database import attach, open_database
from orchestration.errors import PlainError
from orchestration.release.files import DATABASE, read_manifest
from orchestration.release.store import Release

# the first whose figures and what tells of them lie in a schema each
_SCHEMA_VERSION = 4


@dataclass(frozen=True)
class Question:
    """Which figure. Indicator and area are an id or a name, the period a year (2019) or a month (2019-05).

    Without `definition_id` it is the official definition, or the only one.
    """

    indicator: str
    area: str
    period: str
    breakdown: str = "total"
    definition_id: str | None = None


# indicator and definition of what a manager asks for first, in that order
KEY_FIGURES = [
    ("recipients", "default"),
    ("recipients_share_population", "default"),
    ("longterm_adults_share_recipients", "longterm:person_wide"),
    ("very_longterm_adults_share_recipients", "very_longterm:interior"),
    ("longterm_children", "longterm:person_wide"),
    ("paid_sek", "default"),
    ("households", "default"),
    ("months_per_household_mean", "default"),
]
# a row of indicator_values with what the catalogue says of it
Figure = dict[str, Any]


@contextmanager
def open_release(release: Release) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees the tables of the release by their names.

    Raises PlainError when it was made by a version that did not say how it is protected.
    """
    manifest = read_manifest(release.folder) or {}
    if (manifest.get("schema_version") or 0) < _SCHEMA_VERSION:
        raise PlainError(
            f"Utgåvan {release.release_id} är gjord av en tidigare version och kan inte öppnas siffra för siffra; "
            "kör bistand run för en ny."
        )
    with open_database() as connection:
        attach(connection, release.folder / DATABASE, "release")
        connection.execute("set search_path = 'release.marts,release.meta'")
        yield connection


def records(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of a query, each by the names of its columns."""
    cursor = connection.execute(query, parameters or {})
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def find_figure(connection: duckdb.DuckDBPyConnection, question: Question) -> Figure:
    """The figure in the release whose tables `connection` sees, with names and `other_definitions` besides its columns.

    Raises PlainError when there is none.
    """
    if not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]|Q[1-4]))?", question.period):
        raise PlainError(
            f"Perioden {question.period} går inte att läsa; skriv ett år (2019), en månad (2019-05) eller ett kvartal (2026-Q4)."
        )
    indicator_id = _known(
        connection,
        "Indikatorn",
        "dim_indicators",
        "select distinct indicator_id, indicator_name from dim_indicators",
        question.indicator,
    )
    geography_id = find_area(connection, question.area)
    definitions = _definitions(connection, indicator_id)
    definition_id = question.definition_id or next(iter(definitions), "")
    if definition_id not in definitions:
        raise PlainError(
            f"{indicator_id} räknas inte enligt {definition_id}; välj {', '.join(definitions)}."
            if definitions
            else f"Utgåvan har ingen egen siffra för {indicator_id}; publicerade siffror står i published_values."
        )
    found = _row(connection, indicator_id, definition_id, geography_id, question)
    if found is None:
        raise PlainError(_nothing_there(connection, indicator_id, definition_id, geography_id, question))
    return found | {
        "other_definitions": [name for other, name in definitions.items() if other != definition_id],
    }


def why_no_figures(connection: duckdb.DuckDBPyConnection, geography_id: str) -> str:
    """That nothing is delivered there, with those that have; empty where something is."""
    (name, has_deliveries) = connection.execute(
        "select geography_name, has_deliveries from dim_geographies where geography_id = $id",
        {"id": geography_id},
    ).fetchall()[0]
    if has_deliveries:
        return ""
    delivering = connection.execute(
        "select geography_id, geography_name from dim_geographies where has_deliveries and geography_type = 'municipality' "
        "order by abs(cast(geography_id as integer) - coalesce(try_cast($id as integer), 0)), geography_id limit 3",
        {"id": geography_id},
    ).fetchall()
    near = ", ".join(f"{code} ({name})" for code, name in delivering)
    return f"{name} har inte levererat" + (f"; några som har det är {near}." if near else ".")


def find_area(connection: duckdb.DuckDBPyConnection, asked: str) -> str:
    """The id of a municipality or area that is asked for by id or name. Raises PlainError when there is none."""
    return _known(
        connection,
        "Kommunen eller området",
        "dim_geographies",
        "select geography_id, geography_name from dim_geographies",
        asked,
    )


def _known(connection: duckdb.DuckDBPyConnection, what: str, table: str, query: str, asked: str) -> str:
    """The id of `asked`, which is an id or a name."""
    names: dict[str, str] = dict(connection.execute(query).fetchall())
    if asked in names:
        return asked
    by_name = {name.casefold(): found_id for found_id, name in names.items()}
    if asked.casefold() in by_name:
        return by_name[asked.casefold()]
    words = {found_id.casefold(): found_id for found_id in names} | by_name
    near = difflib.get_close_matches(asked.casefold(), words, n=3, cutoff=0.6)
    told = ", ".join(
        f"{found_id} ({names[found_id]})" for found_id in dict.fromkeys(words[word] for word in near)
    )
    advice = f"menade du {told}?" if told else f"skriv ett id eller namn som står i tabellen {table}."
    raise PlainError(f"{what} {asked or '(tomt)'} finns inte i utgåvan; {advice}")


def _definitions(connection: duckdb.DuckDBPyConnection, indicator_id: str) -> dict[str, str]:
    """Names of the definitions that the release has figures of, the official one first, as in the catalogue."""
    return dict(
        connection.execute(
            "select definition_id, definition_name from dim_indicators where indicator_id = $id and definition_id in "
            "(select definition_id from indicator_values where indicator_id = $id) order by sort_order",
            {"id": indicator_id},
        ).fetchall()
    )


def _row(
    connection: duckdb.DuckDBPyConnection,
    indicator_id: str,
    definition_id: str,
    geography_id: str,
    question: Question,
) -> Figure | None:
    found = records(
        connection,
        """
        select
            figures.*, indicators.* exclude (indicator_id, definition_id, unit),
            geographies.geography_name, geographies.geography_type, geographies.break_years, groups.breakdown_name
        from indicator_values as figures
        inner join dim_indicators as indicators using (indicator_id, definition_id)
        inner join dim_geographies as geographies using (geography_id)
        inner join breakdown_groups as groups using (breakdown)
        where indicator_id = $indicator_id and definition_id = $definition_id and geography_id = $geography_id
            and period = $period and breakdown = $breakdown
        """,
        {
            "indicator_id": indicator_id, "definition_id": definition_id, "geography_id": geography_id,
            "period": question.period, "breakdown": question.breakdown,
        },
    )  # fmt: skip
    return found[0] if found else None


def _nothing_there(
    connection: duckdb.DuckDBPyConnection,
    indicator_id: str,
    definition_id: str,
    geography_id: str,
    question: Question,
) -> str:
    rows = connection.execute(
        "select distinct period, breakdown from indicator_values where indicator_id = $id and definition_id = $definition "
        "and geography_id = $geography",
        {"id": indicator_id, "definition": definition_id, "geography": geography_id},
    ).fetchall()
    what = f"Utgåvan har inte {indicator_id} för {geography_id}"
    if not rows:
        return f"{what}: {why_no_figures(connection, geography_id) or 'måttet räknas inte där.'}"
    periods = sorted({period for period, _ in rows if len(period) == len(question.period)})
    if not periods:
        return f"{what} {'per månad' if '-' in question.period else 'per år'}; ange {'ett år' if '-' in question.period else 'en månad'}."
    if question.period not in periods:
        return f"{what} {question.period}; tider som finns: {periods[0]}–{periods[-1]}."
    known = sorted({breakdown for period, breakdown in rows if period == question.period})
    near = difflib.get_close_matches(question.breakdown, known, n=4, cutoff=0.2) or known[:4]
    return f"Utgåvan har inte uppdelningen {question.breakdown} där; närmast finns {', '.join(near)}."
