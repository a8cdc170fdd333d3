"""What a municipality's workbook holds: the rows of each sheet, asked of the release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration.release.figure import KEY_FIGURES, records

# a year after a gap has months alone, as on the pages
_YEAR = (
    "length(period) = 4 and try_cast(period as integer) not in "
    "(select period_year from geography_coverage where is_after_gap)"
)
# sheet: which rows of indicator_values
YEARLY = {
    "Nyckeltal": f"{_YEAR} and breakdown = 'total'",
    "Långvarigt": f"{_YEAR} and indicator_id like '%longterm%' and not contains(breakdown, ';')",
    "Försörjningshinder": f"{_YEAR} and breakdown like 'reason=%'",
    "Ålder och kön": f"{_YEAR} and (breakdown like 'age=%' or breakdown like 'sex=%') and not contains(breakdown, ';') "
    "and indicator_id in ('adult_recipients', 'longterm_adults', 'longterm_adults_share_recipients', 'child_recipients')",
}
# sheet of shorter periods: what heads their column, and which rows
WITHIN_YEARS = {
    "Kvartal": ("Kvartal", "period_kind = 'quarter' and breakdown = 'total'"),
    "Månader": ("Månad", "period_kind = 'month' and breakdown = 'total'"),
}
_FIGURES = """
select
    indicator_id, definition_id, breakdown, indicators.indicator_name, indicators.definition_name,
    case breakdown when 'total' then 'Alla' else coalesce(names.value_name, breakdown) end as part,
    figures.unit, indicators.decimals, period, value, value_status
from indicator_values as figures
inner join dim_indicators as indicators using (indicator_id, definition_id)
left join dim_breakdowns as names on breakdown = names.dimension_id || '=' || names.value_code
where geography_id = $id and {where}
order by indicators.sort_order, names.dimension_order nulls first, names.value_order, period
"""
_ALL_MUNICIPALITIES = """
select
    indicator_id, definition_id, breakdown, value, value_status, members_included, median, members_shown
from comparison_groups
where geography_id = '0000' and period = $year
"""
LISTS = {
    "Definitioner": """
        select
            indicator_name as "Mått", definition_name as "Definition", definition_text as "Så räknas det",
            numerator_text as "Täljare", denominator_text as "Nämnare", kolada_id as "Kolada", caveat_text as "Att tänka på"
        from dim_indicators
        where (indicator_id, definition_id) in (
            select (indicator_id, definition_id) from indicator_values where geography_id = $id
        )
        order by sort_order
    """,
    "Källor": """
        select source_name as "Källa", publisher as "Utgivare", licence as "Licens", source_text as "Innehåll",
            caveat_text as "Att tänka på"
        from dim_sources
        where source_id in (
            select source_id from indicator_values where geography_id = $id
            union
            select source_id from source_datasets where retrieved_at is not null
        )
        -- what was laid in as a file, which has no snapshot
        or (source_id like 'population%' and is_synthetic = (select is_synthetic from release_info))
        order by source_name collate sv
    """,
}


@dataclass(frozen=True)
class Row:
    """A measure of a group of people: value and status by period."""

    key: tuple[str, str, str]
    name: str
    definition: str
    part: str
    unit: str
    decimals: int
    cells: dict[str, tuple[float | None, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Beside:
    """What all municipalities of the release are in a year: the figure of their counts, and the median of theirs."""

    value: float | None
    status: str
    included: int
    median: float | None
    shown: int


def figures_of(connection: duckdb.DuckDBPyConnection, geography_id: str, where: str) -> list[Row]:
    """Rows in the order of the catalogue, what a manager asks for first before the others."""
    found: dict[tuple[str, str, str], Row] = {}
    for *key, name, definition, part, unit, decimals, period, value, status in connection.execute(
        _FIGURES.format(where=where), {"id": geography_id}
    ).fetchall():
        own = (key[0], key[1], key[2])
        row = found.setdefault(own, Row(own, name, definition, part, unit, decimals))
        row.cells[period] = (value, status)
    places = {key: place for place, key in enumerate(KEY_FIGURES)}
    return sorted(found.values(), key=lambda row: places.get(row.key[:2], len(places)))


def latest_year(rows: list[Row]) -> str | None:
    """The latest year in which a figure is shown."""
    years = {year for row in rows for year, (_, status) in row.cells.items() if status == "published"}
    return max(years, default=None)


def all_municipalities(
    connection: duckdb.DuckDBPyConnection, year: str | None
) -> dict[tuple[str, str, str], Beside]:
    """By indicator, definition and breakdown, of those that are compared; nothing without a year."""
    rows = connection.execute(_ALL_MUNICIPALITIES, {"year": year}).fetchall()
    return {(row[0], row[1], row[2]): Beside(*row[3:]) for row in rows}


def release_info(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The one row of the table."""
    return records(connection, "select * from release_info")[0]
