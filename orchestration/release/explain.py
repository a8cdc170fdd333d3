"""One figure of a release opened: what it is, what it is made of, and where it can be trusted.

Read from the release alone, so that it says the same on the command line, on the pages and years later.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.database import attach, open_database
from orchestration.errors import PlainError
from orchestration.release.files import DATABASE, parquet_of
from orchestration.release.store import Release

_UNITS = {"share": (100, " %"), "sek": (1, " kr"), "sek_per_household": (1, " kr"), "months": (1, " månader")}
_STATUS = {
    "suppressed": "för få personer eller hushåll för att visas",
    "not_reported": "ej rapporterat: minst en månad som behövs är inte levererad",
    "not_applicable": "ej tillämpligt: det finns inget att räkna på",
    "not_comparable": "går inte att jämföra",
    "missing": "en uppgift som behövs saknas, till exempel folkmängd",
}
_MOST_DELIVERIES = 12


@dataclass(frozen=True)
class Question:
    """Which figure: `period` is a year or a month; without `definition_id` the official one, or the only one."""

    indicator_id: str
    geography_id: str
    period: str
    breakdown: str = "total"
    definition_id: str | None = None


Section = tuple[str, list[str]]


def explain(release: Release, question: Question, others: list[Release] | None = None) -> list[Section]:
    """Headings with their lines, in Swedish. `others` are further releases of the profile to look for another value in.

    Raises PlainError when the release has no such figure; the sentence names the nearest ones.
    """
    with open_database() as connection:
        attach(connection, release.folder / DATABASE, "release")
        connection.execute("use release.marts")
        figure = _figure(connection, question)
        sections = [
            ("Siffran", _value(connection, figure)),
            (
                "Definition",
                [f"{figure['indicator_name']} ({figure['definition_name']})", figure["definition_text"]],
            ),
            ("Uträkning", _parts(figure)),
            ("Leveranser bakom", _deliveries(connection, figure)),
            ("Rader som inte räknats", _set_aside(connection, figure)),
            ("Månader med bistånd", _months(connection, figure)),
            ("Källor", _sources(connection, figure)),
            ("Att tänka på", [figure["caveat_text"]] if figure["caveat_text"] else []),
            ("Publicerat av andra", _published(connection, figure)),
            ("I andra utgåvor", _other_releases(connection, figure, others or [])),
        ]
    return [(heading, lines) for heading, lines in sections if lines]


def _figure(connection: duckdb.DuckDBPyConnection, question: Question) -> dict[str, Any]:
    """The row of indicator_values with what the catalogue says of it."""
    for what, column, table, asked in (
        ("Indikatorn", "indicator_id", "dim_indicators", question.indicator_id),
        ("Kommunen eller området", "geography_id", "dim_geographies", question.geography_id),
    ):
        _stop_unless_known(connection, what, column, table, asked)
    definitions = connection.execute(
        "select distinct definition_id from indicator_values where indicator_id = $indicator_id order by 1",
        {"indicator_id": question.indicator_id},
    ).fetchall()
    # the official definition stands first in the catalogue
    chosen = question.definition_id or _one(
        connection,
        "select definition_id from dim_indicators where indicator_id = $id order by sort_order limit 1",
        {"id": question.indicator_id},
    )
    if (chosen,) not in definitions:
        raise PlainError(
            f"{question.indicator_id} räknas inte enligt {chosen}; välj {', '.join(one for (one,) in definitions) or 'en annan indikator'}."
        )
    cursor = connection.execute(
        """
        select
            figures.*, indicators.* exclude (indicator_id, definition_id, unit),
            geographies.geography_name, geographies.geography_type
        from indicator_values as figures
        inner join dim_indicators as indicators using (indicator_id, definition_id)
        inner join dim_geographies as geographies using (geography_id)
        where indicator_id = $indicator_id and definition_id = $definition_id and geography_id = $geography_id
            and period = $period and breakdown = $breakdown
        """,
        {
            "indicator_id": question.indicator_id, "definition_id": chosen, "geography_id": question.geography_id,
            "period": question.period, "breakdown": question.breakdown,
        },
    )  # fmt: skip
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    if row is None:
        raise PlainError(_nothing_there(connection, question, chosen))
    return dict(zip(names, row, strict=True))


def _stop_unless_known(
    connection: duckdb.DuckDBPyConnection, what: str, column: str, table: str, asked: str
) -> None:
    known = [name for (name,) in connection.execute(f"select distinct {column} from {table}").fetchall()]
    if asked not in known:
        near = difflib.get_close_matches(asked, known, n=3, cutoff=0.5)
        raise PlainError(
            f"{what} {asked} finns inte i utgåvan" + (f"; menade du {', '.join(near)}?" if near else ".")
        )


def _nothing_there(connection: duckdb.DuckDBPyConnection, question: Question, definition_id: str) -> str:
    rows = connection.execute(
        "select distinct period, breakdown from indicator_values where indicator_id = $id and definition_id = $definition "
        "and geography_id = $geography",
        {"id": question.indicator_id, "definition": definition_id, "geography": question.geography_id},
    ).fetchall()
    periods = sorted({period for period, _ in rows if len(period) == len(question.period)})
    if question.period not in periods:
        told = f"{periods[0]}–{periods[-1]}" if periods else "ingen"
        return f"Utgåvan har inte {question.indicator_id} för {question.geography_id} {question.period}; tider som finns: {told}."
    near = difflib.get_close_matches(question.breakdown, sorted({one for _, one in rows}), n=4, cutoff=0.2)
    return (
        f"Utgåvan har inte uppdelningen {question.breakdown} där; närmast finns {', '.join(near) or 'total'}."
    )


def _value(connection: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[str]:
    place = f"{figure['geography_name']} {figure['period']}"
    place += "" if figure["breakdown"] == "total" else f", {figure['breakdown']}"
    told = _shown(figure["value"], figure["unit"], figure["decimals"])
    lines = [f"{place}: {told if figure['value_status'] == 'published' else _STATUS[figure['value_status']]}"]
    (release_id, profile, as_of, band_to, base, least) = connection.execute(
        "select release_id, profile, as_of, band_to, rounding_base, least_denominator from release_info"
    ).fetchall()[0]
    lines.append(f"Utgåva {release_id}, profil {profile}, uppgifter per {as_of}.")
    if figure["is_rounded"] or figure["value_status"] == "suppressed":
        lines.append(
            f"Skyddad: antal 0–{band_to} skiljs inte åt, andra avrundas till närmaste {base}, och andelar kräver minst {least} i "
            "nämnaren."
        )
    if figure["is_estimated"]:
        lines.append("Folkmängden är uppskattad.")
    covered = connection.execute(
        "select municipalities_included, municipalities_total from geography_coverage where geography_id = $id "
        "and cast(period_year as varchar) = left($period, 4) and window_years = $years",
        {
            "id": figure["geography_id"], "period": figure["period"],
            "years": 3 if (figure["window_months"] or 12) > 12 else 1,
        },
    ).fetchall()  # fmt: skip
    if covered and figure["geography_type"] != "municipality":
        lines.append(f"Bygger på {covered[0][0]} av {covered[0][1]} kommuner.")
    return lines


def _parts(figure: dict[str, Any]) -> list[str]:
    lines = []
    for name, said, count in (
        ("Täljare", figure["numerator_text"], figure["numerator"]),
        ("Nämnare", figure["denominator_text"], figure["denominator"]),
    ):
        if said or count is not None:
            lines.append(
                f"{name}: {said or 'antalet själv'}" + (f" = {_number(count)}" if count is not None else "")
            )
    return lines


def _window(figure: dict[str, Any]) -> tuple[str, str]:
    """First and last month that the figure is counted over."""
    last = figure["period"] if len(figure["period"]) == 7 else f"{figure['period']}-12"
    is_month = len(figure["period"]) == 7
    # a month is itself, unless the definition rolls over the months before it
    months = (
        1 if is_month and "rolling" not in figure["definition_id"] else int(figure["window_months"] or 12)
    )
    index = int(last[:4]) * 12 + int(last[5:]) - months
    return f"{index // 12:04d}-{index % 12 + 1:02d}", last


_BEHIND = """
from deliveries
where state = 'accepted' and period between $first and $last
    and (municipality_code = $id or municipality_code in (
        select municipality_code from geography_members
        where geography_id = $id and cast(left($last, 4) as integer)
            between coalesce(first_year, 0) and coalesce(last_year, 9999)
    ) or $id = '0000')
"""


def _deliveries(connection: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[str]:
    first, last = _window(figure)
    rows = connection.execute(
        "select delivery_id, min(received_at), count(distinct municipality_code), min(period), max(period) "
        f"{_BEHIND} group by delivery_id order by 2, 1",
        {"id": figure["geography_id"], "first": first, "last": last},
    ).fetchall()
    if not rows:
        return [f"Inga månader {first}–{last} är levererade."]
    lines = [
        f"Leverans {delivery_id}, mottagen {received:%Y-%m-%d}: {start if start == end else f'{start} till {end}'}"
        + (f", {codes} kommuner" if codes > 1 else "")
        for delivery_id, received, codes, start, end in rows[-_MOST_DELIVERIES:]
    ]
    if len(rows) > _MOST_DELIVERIES:
        lines.insert(0, f"{len(rows)} leveranser; de {_MOST_DELIVERIES} senaste:")
    missing = connection.execute(
        "select missing_months, missing_municipalities from missing_months where geography_id = $id and period = $period "
        "and window_months = $months",
        {"id": figure["geography_id"], "period": figure["period"], "months": figure["window_months"] or 12},
    ).fetchall()
    for months, municipalities in missing:
        if months or municipalities:
            lines.append(f"Saknas: {months or municipalities}.")
    return lines


def _set_aside(connection: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[str]:
    first, last = _window(figure)
    rows = connection.execute(
        "select rule_id, count(*), count(rows_count), sum(rows_count) from delivery_rule_hits "
        "where severity = 'error' and period between $first and $last "
        f"and delivery_id in (select delivery_id {_BEHIND}) "
        "and (municipality_code = $id or municipality_code in (select municipality_code from geography_members "
        "where geography_id = $id) or $id = '0000') group by rule_id order by rule_id",
        {"id": figure["geography_id"], "first": first, "last": last},
    ).fetchall()
    return [
        f"{rule_id}: "
        + (
            "för få för att visas"
            if rows is None
            else f"{'minst ' if shown < hits else ''}{_number(rows)} rader"
        )
        for rule_id, hits, shown, rows in rows
    ]


def _months(connection: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[str]:
    """How many adults had aid in how many months of the year, where the figure is about a year."""
    rows = connection.execute(
        "select value_name, numerator, value_status from indicator_values inner join dim_breakdowns "
        "on breakdown = 'duration=' || value_code and dimension_id = 'duration' where indicator_id = 'duration_share' "
        "and geography_id = $id and period = $period order by value_order",
        {"id": figure["geography_id"], "period": figure["period"]},
    ).fetchall()
    return [
        f"{name}: {_number(count) if status == 'published' else 'för få för att visas'} vuxna"
        for name, count, status in rows
        if status in ("published", "suppressed")
    ]


def _sources(connection: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[str]:
    lines = [
        f"{name} ({publisher}, {licence})"
        for name, publisher, licence in connection.execute(
            "select source_name, publisher, licence from dim_sources where source_id = $id",
            {"id": figure["source_id"]},
        ).fetchall()
    ]
    if figure["indicator_id"].endswith("_share_population"):
        rows = connection.execute(
            "select dataset_name, retrieved_at from source_datasets where source_id = 'scb' and retrieved_at is not null"
        ).fetchall()
        lines += [f"Folkmängd: {name}, hämtad {retrieved:%Y-%m-%d}" for name, retrieved in rows] or [
            "Folkmängd: den som lagts i landing/population."
        ]
    return lines


def _published(connection: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[str]:
    rows = connection.execute(
        "select published_table_id, value_as_printed, verdict, cause_name from reconciliation where indicator_id = $indicator "
        "and definition_id = $definition and geography_id = $id and period = $period and breakdown = $breakdown order by 1",
        {
            "indicator": figure["indicator_id"], "definition": figure["definition_id"], "id": figure["geography_id"],
            "period": figure["period"], "breakdown": figure["breakdown"],
        },
    ).fetchall()  # fmt: skip
    words = {"agrees": "stämmer", "differs": "skiljer", "not_comparable": "går inte att jämföra"}
    return [
        f"{table}: {printed}, {words.get(verdict, 'saknas på ena hållet')}" + (f" ({cause})" if cause else "")
        for table, printed, verdict, cause in rows
    ]


def _other_releases(
    connection: duckdb.DuckDBPyConnection, figure: dict[str, Any], others: list[Release]
) -> list[str]:
    lines = []
    key = ("indicator_id", "definition_id", "geography_id", "period", "breakdown")
    for other in others:
        rows = connection.execute(
            f"select value, value_status from {parquet_of(other.folder, 'indicator_values')} "
            f"where {' and '.join(f'{name} = ${name}' for name in key)}",
            {name: figure[name] for name in key},
        ).fetchall()
        value, status = rows[0] if rows else (None, "missing")
        if value != figure["value"]:
            told = (
                _shown(value, figure["unit"], figure["decimals"])
                if status == "published"
                else _STATUS.get(status, status)
            )
            lines.append(f"{other.release_id}: {told}")
    return lines


def _one(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> Any:
    return connection.execute(sql, parameters).fetchall()[0][0]


def _shown(value: float | None, unit: str, decimals: int) -> str:
    if value is None:
        return "saknas"
    factor, suffix = _UNITS.get(unit, (1, ""))
    return f"{_number(factor * value, decimals)}{suffix}"


def _number(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".replace(",", "\u00a0").replace(".", ",")


def as_lines(sections: list[Section]) -> list[str]:
    """For a terminal: each heading above its lines."""
    return [line for heading, lines in sections for line in (heading, *(f"  {one}" for one in lines))]
