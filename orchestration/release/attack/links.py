"""Which counts may add up to which: by the release's own dimensions, areas and periods, and by the measures that go together."""

from __future__ import annotations

import re
from typing import Any

import duckdb

from orchestration.database import insert_rows


def make_links(connection: duckdb.DuckDBPyConnection, known: dict[str, Any]) -> None:
    """Table `links`: one row per part of a whole (kind, group_id, whole_id, part_id), both by cell_id."""
    connection.execute("""
        create or replace table links (kind varchar, group_id bigint, whole_id integer, part_id integer)
    """)
    _divide(connection, known)
    _link_breakdowns(connection)
    _link_areas(connection)
    _link_periods(connection)
    _link_measures(connection, known)
    _link_curves(connection)


def _divide(connection: duckdb.DuckDBPyConnection, known: dict[str, Any]) -> None:
    """Table `divisions`: the coordinates (`dimension=value`, or none) that parts of a division have and its whole has."""
    values = connection.execute("""
        select distinct split_part(coordinate, '=', 1), split_part(coordinate, '=', 2)
        from (select unnest(coordinates) as coordinate from breakdowns)
        order by 1, 2
    """).fetchall()
    by_dimension: dict[str, list[str]] = {}
    for dimension, value in values:
        by_dimension.setdefault(dimension, []).append(value)
    divisions: list[tuple[str, list[str]]] = []
    for dimension, found in by_dimension.items():
        composites = known["composites"].get(dimension, {})
        simple = [value for value in found if value not in composites]
        for value, parts in composites.items():
            if value in found:
                divisions.append((f"{dimension}={value}", [f"{dimension}={part}" for part in parts]))
                held = [one for one in simple if one not in parts] + [value]
                divisions.append(("", [f"{dimension}={one}" for one in held]))
        if composites and all(value in found for value in composites):
            divisions.append(("", [f"{dimension}={value}" for value in composites]))
        if all(_ages(value) for value in simple):
            divisions += [
                (f"{dimension}={whole}" if whole else "", [f"{dimension}={part}" for part in parts])
                for whole, parts in _tilings(simple)
            ]
        elif dimension not in ("month", "delivery"):
            divisions.append(("", [f"{dimension}={value}" for value in simple]))
    rows = [(number, whole, part) for number, (whole, parts) in enumerate(divisions) for part in parts]
    rows += _groupings(connection, len(divisions))
    connection.execute("create or replace table divisions (group_id bigint, whole varchar, part varchar)")
    insert_rows(connection, "divisions", rows)


def _groupings(connection: duckdb.DuckDBPyConnection, first: int) -> list[tuple[int, str, str]]:
    """A group of reasons is the sum of its reasons."""
    rows: list[tuple[int, str, str]] = []
    for column in ("national_group", "gr_group"):
        groups = (
            connection.execute(f"""
            select '{column}=' || {column}, list(distinct 'reason=' || reason)
            from release.reason_for_need group by 1 order by 1
        """).fetchall()
            if _has(connection, "reason_for_need", column)
            else []
        )
        for whole, parts in groups:
            rows += [(first, whole, part) for part in parts]
            first += 1
    return rows


def _has(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    return bool(
        connection.execute(
            "select 1 from duckdb_columns() where schema_name = 'release' and table_name = $1 and column_name = $2",
            [table, column],
        ).fetchall()
    )


def _ages(value: str) -> tuple[int, int] | None:
    """First and last year of a band: `18-24`, `65+`."""
    if found := re.fullmatch(r"(\d+)(?:-(\d+)|(\+))", value):
        return int(found[1]), int(found[2] or 999)
    return None


def _tilings(bands: list[str]) -> list[tuple[str, list[str]]]:
    """Each band, and what lies above the first and the 18th year, as rows of other bands without a gap."""
    spans = {band: _ages(band) or (0, 0) for band in bands}
    last = max(end for _, end in spans.values())
    wholes = [(band, *spans[band]) for band in bands]
    wholes += [("", first, last) for first in sorted({min(start for start, _ in spans.values()), 18})]

    def rows(start: int, end: int) -> list[list[str]]:
        if start == end + 1:
            return [[]]
        return [
            [band, *rest]
            for band, (first, final) in spans.items()
            if first == start and final <= end
            for rest in rows(final + 1, end)
        ]

    return [
        (whole, tiling) for whole, start, end in wholes for tiling in rows(start, end) if tiling != [whole]
    ]


def _link_breakdowns(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create or replace temp table breakdown_links as
        with coordinates as (
            select breakdown_id, unnest(coordinates) as coordinate, coordinates from breakdowns
        ), parts as (
            select divisions.group_id, coordinates.breakdown_id as part_id,
                array_to_string(list_sort(list_filter(list_append(
                    list_filter(coordinates.coordinates, lambda x: x <> coordinates.coordinate), divisions.whole
                ), lambda x: x <> '')), ';') as whole_breakdown
            from coordinates inner join divisions on coordinates.coordinate = divisions.part
        )
        select parts.group_id, breakdowns.breakdown_id as whole_id, parts.part_id
        from parts inner join breakdowns on parts.whole_breakdown = breakdowns.breakdown
    """)
    connection.execute("""
        insert into links
        select 'breakdown', pairs.group_id, wholes.cell_id, parts.cell_id
        from breakdown_links as pairs
        inner join cells as wholes on pairs.whole_id = wholes.breakdown_id
        inner join cells as parts on pairs.part_id = parts.breakdown_id and wholes.slice_id = parts.slice_id
    """)


def _link_areas(connection: duckdb.DuckDBPyConnection) -> None:
    """An area is its municipalities, and the areas of any one type that lie in it and cover it."""
    if not _has(connection, "geography_members", "municipality_code"):
        return
    connection.execute("""
        create or replace temp table members as
        select distinct members.geography_id, members.geography_type, members.municipality_code,
            coalesce(members.first_year, 0) as first_year, coalesce(members.last_year, 9999) as last_year
        from release.geography_members as members
        where members.municipality_code in (select geography_id from slices)
            and members.geography_id in (select geography_id from slices)
    """)
    connection.execute("""
        create or replace temp table area_links as
        with counted as (
            select geography_id, geography_type, count(distinct municipality_code) as members_count
            from members group by all
        ), inside as (
            select whole.geography_id as whole_id, part.geography_id as part_id, part.geography_type as part_type,
                count(distinct part.municipality_code) as shared_count
            from members as whole inner join members as part using (municipality_code)
            where whole.geography_id <> part.geography_id and whole.geography_type <> part.geography_type
            group by all
        ), whole_inside as (
            select inside.*, sum(shared_count) over (partition by whole_id, part_type) as covered_count
            from inside
            inner join counted as parts on inside.part_id = parts.geography_id and inside.shared_count = parts.members_count
        )
        select hash(part_type) % 1000000 as group_id, whole_id, part_id, 0 as first_year, 9999 as last_year
        from whole_inside
        inner join counted as wholes
            on whole_inside.whole_id = wholes.geography_id and whole_inside.covered_count = wholes.members_count
        union all
        select 0, geography_id, municipality_code, first_year, last_year from members
    """)
    connection.execute("""
        insert into links
        select 'area', pairs.group_id, whole_cells.cell_id, part_cells.cell_id
        from area_links as pairs
        inner join slices as wholes on pairs.whole_id = wholes.geography_id
        inner join slices as parts
            on pairs.part_id = parts.geography_id and wholes.measure = parts.measure and wholes.period = parts.period
        inner join cells as whole_cells on wholes.slice_id = whole_cells.slice_id
        inner join cells as part_cells
            on parts.slice_id = part_cells.slice_id and whole_cells.breakdown_id = part_cells.breakdown_id
        where cast(left(wholes.period, 4) as integer) between pairs.first_year and pairs.last_year
    """)


def _link_periods(connection: duckdb.DuckDBPyConnection) -> None:
    """A year with its months and its quarters, a quarter with its months, and each month alone (who is in a month is in the year)."""
    connection.execute("""
        create or replace temp table month_links as
        select years.slice_id as whole_id, months.slice_id as part_id, months.period
        from slices as years
        inner join slices as months
            on years.measure = months.measure and years.geography_id = months.geography_id
            and years.period = left(months.period, 4)
        where length(years.period) = 4 and length(months.period) = 7 and months.period not like '%Q%'
        union all
        select quarters.slice_id, months.slice_id, months.period
        from slices as quarters
        inner join slices as months
            on quarters.measure = months.measure and quarters.geography_id = months.geography_id
            and left(quarters.period, 4) = left(months.period, 4)
            and right(quarters.period, 1) = cast(ceil(try_cast(right(months.period, 2) as integer) / 3) as integer)::varchar
        where quarters.period like '%Q%' and length(months.period) = 7 and months.period not like '%Q%'
    """)
    connection.execute("""
        insert into links
        select 'quarters', 0, whole_cells.cell_id, part_cells.cell_id
        from slices as years
        inner join slices as quarters
            on years.measure = quarters.measure and years.geography_id = quarters.geography_id
            and years.period = left(quarters.period, 4)
        inner join cells as whole_cells on years.slice_id = whole_cells.slice_id
        inner join cells as part_cells
            on quarters.slice_id = part_cells.slice_id and whole_cells.breakdown_id = part_cells.breakdown_id
        where length(years.period) = 4 and quarters.period like '%Q%'
    """)
    connection.execute("""
        insert into links
        select kinds.kind, case when kinds.kind = 'months' then 0 else cast(right(pairs.period, 2) as integer) end,
            whole_cells.cell_id, part_cells.cell_id
        from month_links as pairs
        inner join cells as whole_cells on pairs.whole_id = whole_cells.slice_id
        inner join cells as part_cells
            on pairs.part_id = part_cells.slice_id and whole_cells.breakdown_id = part_cells.breakdown_id
        cross join (values ('months'), ('month')) as kinds (kind)
    """)


def _link_measures(connection: duckdb.DuckDBPyConnection, known: dict[str, Any]) -> None:
    """Counts of different measures, alike broken down but for a coordinate that one of them has (`whole_with`, `part_with`)."""
    connection.execute("""
        create or replace temp table sums
            (group_id bigint, whole varchar, whole_with varchar, part varchar, part_with varchar, part_month varchar)
    """)
    connection.executemany(
        "insert into sums values ($1, $2, $3, $4, $5, $6)",
        [
            (
                number,
                one["whole"],
                one.get("whole_with", ""),
                part,
                with_,
                one.get("part_month", ""),
            )
            for number, one in enumerate(known["sums"])
            for part, with_ in zip(one["parts"], _withs(one), strict=True)
        ],
    )
    connection.execute("""
        create or replace temp table alike as
        with coordinates as (
            select distinct whole_with as coordinate from sums union select distinct part_with from sums
        ), rests as (
            select coordinates.coordinate, breakdowns.breakdown_id,
                array_to_string(list_filter(breakdowns.coordinates, lambda x: x <> coordinates.coordinate), ';') as rest
            from breakdowns
            inner join coordinates
                on coordinates.coordinate = '' or list_contains(breakdowns.coordinates, coordinates.coordinate)
        )
        select sums.*, wholes.breakdown_id as whole_breakdown_id, parts.breakdown_id as part_breakdown_id
        from sums
        inner join rests as wholes on sums.whole_with = wholes.coordinate
        inner join rests as parts on sums.part_with = parts.coordinate and wholes.rest = parts.rest
    """)
    connection.execute("""
        insert into links
        select 'measure', alike.group_id, whole_cells.cell_id, part_cells.cell_id
        from (select distinct group_id, whole, part, part_month from sums) as sums
        inner join slices as wholes on sums.whole = wholes.measure
        inner join slices as parts
            on sums.part = parts.measure and wholes.geography_id = parts.geography_id
            and wholes.period || sums.part_month = parts.period
        inner join alike on sums.group_id = alike.group_id and sums.part = alike.part
        inner join cells as whole_cells
            on wholes.slice_id = whole_cells.slice_id and alike.whole_breakdown_id = whole_cells.breakdown_id
        inner join cells as part_cells
            on parts.slice_id = part_cells.slice_id and alike.part_breakdown_id = part_cells.breakdown_id
    """)


def _withs(one: dict[str, Any]) -> list[str]:
    """The coordinate that each part has besides those of the whole: one for all of them, or one for each."""
    found = one.get("part_with", "")
    return found if isinstance(found, list) else [found] * len(one["parts"])


def _link_curves(connection: duckdb.DuckDBPyConnection) -> None:
    """Those at risk in a month are those at risk in the next and those who ended or were lost from sight in it."""
    connection.execute("""
        create or replace temp table curve_cells as
        select cells.cell_id, split_part(slices.measure, '|', 1) as count_name, split_part(slices.measure, '|', 2) as definition_id,
            slices.geography_id, slices.period, try_cast(split_part(breakdowns.breakdown, '=', 2) as integer) as month
        from cells inner join slices using (slice_id) inner join breakdowns using (breakdown_id)
        where slices.measure similar to '(at_risk|ended|censored|ended_by|censored_by)[|]spell.*'
    """)
    connection.execute("""
        insert into links
        select 'curve', 0, wholes.cell_id, parts.cell_id
        from curve_cells as wholes
        inner join curve_cells as parts
            on wholes.definition_id = parts.definition_id and wholes.geography_id = parts.geography_id
            and wholes.period = parts.period
            and (
                parts.count_name in ('ended', 'censored') and parts.month = wholes.month
                or parts.count_name = 'at_risk' and parts.month = wholes.month + 1
            )
        where wholes.count_name = 'at_risk'
            and exists (select 1 from curve_cells where count_name = 'ended')
        union all
        select 'curve', 100 + parts.month, wholes.cell_id, parts.cell_id
        from curve_cells as wholes
        inner join curve_cells as parts
            on wholes.definition_id = parts.definition_id and wholes.geography_id = parts.geography_id
            and wholes.period = parts.period
        where wholes.count_name = 'at_risk' and wholes.month = 0 and parts.count_name in ('at_risk')
            and exists (select 1 from curve_cells where count_name = 'ended_by') and parts.month > 0
        union all
        select 'curve', 101 + parts.month, wholes.cell_id, parts.cell_id
        from curve_cells as wholes
        inner join curve_cells as parts
            on wholes.definition_id = parts.definition_id and wholes.geography_id = parts.geography_id
            and wholes.period = parts.period
        where wholes.count_name = 'at_risk' and wholes.month = 0 and parts.count_name in ('ended_by', 'censored_by')
        union all
        select 'rising', 0, wholes.cell_id, parts.cell_id
        from curve_cells as wholes
        inner join curve_cells as parts
            on wholes.definition_id = parts.definition_id and wholes.geography_id = parts.geography_id
            and wholes.period = parts.period and wholes.count_name = parts.count_name
            and wholes.month = parts.month + case when wholes.count_name = 'at_risk' then -1 else 1 end
        where wholes.count_name in ('at_risk', 'ended_by', 'censored_by')
    """)
