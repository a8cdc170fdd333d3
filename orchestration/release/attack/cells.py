"""What an outsider sees: each count behind a shown or a hidden cell, once, with what the release and its rule say of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.database import literal

# counts are far below it; a bound that says nothing
UNKNOWN = 1_000_000_000


@dataclass(frozen=True)
class Rule:
    """How small counts are hidden: from `least` to `most`, others rounded to `base` (0: shown whole).

    `is_band` says that whatever is hidden lies in the band; otherwise an area may be hidden for another's sake.
    """

    least: int
    most: int
    base: int
    is_band: bool
    money_base: int = 1000


WHOLE = Rule(0, -1, 0, is_band=True)


def read_rule(connection: duckdb.DuckDBPyConnection) -> Rule:
    """The rule as the release itself tells it (`release_info`); one that tells none hides 1 to 3 and rounds nothing."""
    if {"band_to", "rounding_base", "money_base"} <= columns_of(connection, "release_info"):
        row = connection.execute(
            "select band_to, rounding_base, money_base from release.release_info"
        ).fetchone()
        if row is not None:
            return Rule(0, int(row[0]), int(row[1] or 0), is_band=True, money_base=int(row[2] or 0))
    return Rule(0, 3, 0, is_band=False)


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    """The columns of a released table; none when the release does not have it."""
    rows = connection.execute(
        "select column_name from duckdb_columns() where table_name = $table and schema_name = 'release'",
        {"table": table},
    ).fetchall()
    return {name for (name,) in rows}


def open_release(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Show the tables of a release folder as views in the schema `release`, whatever tables it has."""
    connection.execute("drop schema if exists release cascade")
    connection.execute("create schema release")
    for file in sorted((folder / "parquet").glob("*.parquet")):
        connection.execute(
            f'create view release."{file.stem}" as select * from read_parquet({literal(str(file))})'
        )


def observe(connection: duckdb.DuckDBPyConnection, known: dict[str, Any], rule: Rule) -> None:
    """Table `bounded`: one row per count in a column of the release, with its bounds `lo` and `hi` (persons or households)."""
    connection.execute("""
        create or replace table observed (
            table_name varchar, measure varchar, geography_id varchar, period varchar, printed varchar, without varchar[],
            value double, status varchar, is_count boolean, is_whole boolean
        )
    """)
    for one in known["counts"]:
        _observe_count(connection, one, rule)
    _observe_shares(connection, known["shares"])
    # the same breakdown is written alike everywhere, and each spelling looked at once
    connection.execute("""
        create or replace temp table spellings as
        select printed, without, array_to_string(list_sort(list_filter(
            string_split(printed, ';'),
            lambda x: x not in ('', 'total') and not list_contains(without, split_part(x, '=', 1))
        )), ';') as breakdown
        from (select distinct printed, without from observed)
    """)
    _bound(connection, rule)


def _observe_count(connection: duckdb.DuckDBPyConnection, one: dict[str, Any], rule: Rule) -> None:
    columns = columns_of(connection, one["table"])
    count = one["count"]
    if not {name.strip() for name in count.split("+")} <= columns:
        return
    status = next((name for name in one.get("status", []) if name in columns), None)
    if "dimensions" in one:
        breakdown = (
            "concat_ws(';', "
            + ", ".join(
                f"'{dimension}=' || case when cast({column} as varchar) <> 'all' then cast({column} as varchar) end"
                for dimension, column in one["dimensions"].items()
            )
            + ")"
        )
    else:
        breakdown = one.get("breakdown", "breakdown")
    geography = one.get("geography", "geography_id")
    period = one.get("period", "period")
    connection.execute(f"""
        insert into observed
        select {literal(one["table"])}, {one["measure"]}, {geography}, cast({period} as varchar),
            {breakdown}, []::varchar[], {count}, {status or "case when " + count + " is not null then 'published' end"},
            {status is not None and (rule.is_band or not one.get("hidden_with"))}, {"not is_rounded" if "is_rounded" in columns else "null"}
        from release.{one["table"]}
        where {one.get("where", "true")} and {geography} is not null
    """)
    if rule.is_band and rule.most > 0 and one.get("is_sparse"):
        _observe_absent(connection, one["table"])


def _observe_absent(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """A group that has no row, in a place and period where others have: none are in it, or few."""
    connection.execute(f"""
        insert into observed
        with rows as (select * from observed where table_name = {literal(table)}),
        groups as (select distinct measure, printed from rows where status = 'published'),
        places as (select distinct measure, geography_id, period from rows where status = 'published')
        select {literal(table)}, measure, geography_id, period, printed, []::varchar[], null, 'suppressed', true, false
        from groups inner join places using (measure)
        where not exists (
            select 1 from rows
            where rows.measure = groups.measure and rows.printed = groups.printed
                and rows.geography_id = places.geography_id and rows.period = places.period
        )
    """)


def _observe_shares(connection: duckdb.DuckDBPyConnection, shares: list[dict[str, Any]]) -> None:
    """Numerators and denominators. A row is hidden for one of the two, so that null tells of neither."""
    columns = columns_of(connection, "indicator_values")
    if not {"numerator", "denominator"} <= columns:
        return
    connection.execute("""
        create or replace temp table parts_of_shares
            (indicator_id varchar, unless varchar, is_numerator boolean, measure varchar, without varchar[])
    """)
    connection.executemany(
        "insert into parts_of_shares values ($1, $2, $3, $4, $5)",
        [
            (one["indicator"], one.get("unless", ""), part == "numerator", one[part], one.get("without", []))
            for one in shares
            for part in ("numerator", "denominator")
            if part in one
        ],
    )
    connection.execute(f"""
        insert into observed
        select 'indicator_values', replace(parts.measure, '*', rows.definition_id), rows.geography_id, rows.period,
            rows.breakdown, case when parts.is_numerator then [] else parts.without end,
            case when parts.is_numerator then rows.numerator else rows.denominator end,
            rows.value_status, false, {"not rows.is_rounded" if "is_rounded" in columns else "null"}
        from release.indicator_values as rows
        inner join parts_of_shares as parts
            on rows.indicator_id = parts.indicator_id and rows.definition_id <> parts.unless
    """)


def _bound(connection: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """What each observation says. A rounded value is 2 more or less when rounded to 5, and never in the band."""
    rest = (rule.base - 1) // 2 if rule.base else 0
    is_whole = f"coalesce(is_whole, value % {rule.base} <> 0)" if rule.base else "true"
    is_area = "not regexp_full_match(geography_id, '[0-9]{4}') or geography_id = '0000'"
    # a count that is nowhere shown is left out, and its null does not say that it is small
    is_shown = "measure in (select measure from observed where value is not null)"
    is_banded = f"is_count and {is_shown}" if rule.is_band else f"is_count and not ({is_area})"
    connection.execute(f"""
        create or replace table bounded as
        select table_name, measure, geography_id, period, breakdown, value,
            case
                when value is null then {rule.least}
                when {is_whole} then round(value)
                else greatest(value - {rest}, {rule.most + 1})
            end as lo,
            case
                when value is null and {is_banded} then {rule.most}
                when value is null then {UNKNOWN}
                when {is_whole} then round(value)
                else value + {rest}
            end as hi,
            value is null as is_hidden
        from observed inner join spellings using (printed, without)
        where value is not null or status = 'suppressed'
    """)


def make_cells(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `cells`: one row per count, numbered from 0, with the narrowest bounds that its columns give; `slices` and
    `breakdowns` number what a count is of (measure, geography, period) and how it is broken down."""
    connection.execute("""
        create or replace table breakdowns as
        select cast(row_number() over (order by breakdown) - 1 as integer) as breakdown_id, breakdown,
            case when breakdown = '' then [] else string_split(breakdown, ';') end as coordinates
        from (select distinct breakdown from bounded union select '')
    """)
    connection.execute("""
        create or replace table slices as
        select cast(row_number() over (order by measure, geography_id, period) - 1 as integer) as slice_id,
            measure, geography_id, period
        from (select distinct measure, geography_id, period from bounded)
    """)
    connection.execute("""
        create or replace table cells as
        select cast(row_number() over (order by slice_id, breakdown_id) - 1 as integer) as cell_id, *
        from (
            select slices.slice_id, breakdowns.breakdown_id, min(bounded.table_name) as table_name,
                max(bounded.lo) as lo, min(bounded.hi) as hi, bool_and(bounded.is_hidden) as is_hidden
            from bounded
            inner join slices using (measure, geography_id, period)
            inner join breakdowns using (breakdown)
            group by slices.slice_id, breakdowns.breakdown_id
        )
    """)
