"""Which counts add up to which: made of the release's own dimensions, areas and periods, and tested on what is shown.

A relation says that the whole is the sum of its parts, is at most their sum, or is at least their sum. A kind of relation
(one measure, one way of dividing) is used only as far as it holds wherever all of it is shown.
"""

from __future__ import annotations

import re
from typing import Any

import duckdb

# a kind of relation that could be tested fewer times is not believed
LEAST_TESTS = 5


def make_relations(connection: duckdb.DuckDBPyConnection, known: dict[str, Any]) -> None:
    """Tables `relations` (relation_id, kind, lo, hi of the sum of its terms) and `terms` (relation_id, cell_id, coefficient)."""
    connection.execute("""
        create or replace table links (kind varchar, group_id bigint, whole_id integer, part_id integer)
    """)
    _divide(connection, known)
    _link_breakdowns(connection)
    _link_areas(connection)
    _link_periods(connection)
    _link_measures(connection, known)
    _link_curves(connection)
    _judge(connection, known)


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
    connection.executemany("insert into divisions values ($1, $2, $3)", rows)


def _groupings(connection: duckdb.DuckDBPyConnection, first: int) -> list[tuple[int, str, str]]:
    """A group of reasons is the sum of its reasons."""
    rows: list[tuple[int, str, str]] = []
    for column in ("national_group", "gr_group"):
        groups = connection.execute(f"""
            select '{column}=' || {column}, list(distinct 'reason=' || reason)
            from release.reason_for_need group by 1 order by 1
        """).fetchall() if _has(connection, "reason_for_need", column) else []
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
        (whole, tiling)
        for whole, start, end in wholes
        for tiling in rows(start, end)
        if tiling != [whole]
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
    """A year with its twelve months, and with each of them alone (who is in a month is in the year)."""
    connection.execute("""
        create or replace temp table month_links as
        select years.slice_id as whole_id, months.slice_id as part_id, months.period
        from slices as years
        inner join slices as months
            on years.measure = months.measure and years.geography_id = months.geography_id
            and years.period = left(months.period, 4)
        where length(years.period) = 4 and length(months.period) = 7
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
            (number, one["whole"], one.get("whole_with", ""), part, one.get("part_with", ""), one.get("part_month", ""))
            for number, one in enumerate(known["sums"])
            for part in one["parts"]
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


def _judge(connection: duckdb.DuckDBPyConnection, known: dict[str, Any]) -> None:
    """Keep each kind of relation as far as it holds wherever all its counts are shown: equal, at most or at least."""
    connection.execute("create or replace temp table not_additive (kind varchar, measure varchar)")
    connection.executemany(
        "insert into not_additive values ($1, $2)",
        [(kind, measure) for kind, measures in known["not_additive"].items() for measure in measures],
    )
    connection.execute("""
        create or replace temp table sides as
        select links.kind, links.group_id, links.whole_id, count(*) as parts_count,
            sum(parts.lo) as parts_lo, sum(parts.hi) as parts_hi, bool_or(parts.is_hidden or wholes.is_hidden) as is_hidden,
            bool_or(parts.lo < parts.hi or wholes.lo < wholes.hi) as is_open,
            any_value(wholes.lo) as whole_lo, any_value(wholes.hi) as whole_hi,
            any_value(wholes.slice_id) as slice_id, any_value(wholes.breakdown_id) as breakdown_id
        from links
        inner join cells as wholes on links.whole_id = wholes.cell_id
        inner join cells as parts on links.part_id = parts.cell_id
        group by links.kind, links.group_id, links.whole_id
    """)
    connection.execute("""
        create or replace temp table shaped as
        with named as (
            select sides.*, slices.measure,
                length(slices.period) as period_kind,
                case when kind = 'area' then left(slices.geography_id, 4) else '' end as area,
                array_to_string(list_transform(breakdowns.coordinates, lambda x: split_part(x, '=', 1)), ';') as signature
            from sides inner join slices using (slice_id) inner join breakdowns using (breakdown_id)
        )
        select named.*, not_additive.measure is null as is_additive, case when named.kind = 'area' then 0 else
            max(parts_count) over (partition by named.kind, group_id, named.measure, signature, period_kind) - parts_count
        end as absent_count
        from named
        left join not_additive
            on named.kind = not_additive.kind and split_part(named.measure, '|', 1) = not_additive.measure
    """)
    connection.execute(f"""
        create or replace temp table judged as
        select kind, group_id, measure, signature, period_kind, absent_count > 0 as has_absent, area,
            count(*) as tests_count,
            bool_and(parts_lo <= whole_hi and parts_hi >= whole_lo)
            and bool_and(is_additive) as is_equal,
            avg((parts_lo + parts_hi - whole_lo - whole_hi) / 2) as mean_off,
            greatest(0.0001, 4 * sqrt(greatest(avg((parts_hi - parts_lo + whole_hi - whole_lo) / 4), 0) / count(*))) as mean_allowed,
            bool_and(parts_hi >= whole_lo) as can_be_more,
            bool_and(parts_lo <= whole_hi) as can_be_less,
            bool_and(is_additive) as is_additive
        from shaped
        where not is_hidden and whole_hi > 0
        group by all
        having count(*) >= {LEAST_TESTS}
    """)
    connection.execute("""
        create or replace temp table directed as
        select *,
            case
                when is_equal and abs(mean_off) <= mean_allowed then 'equal'
                when can_be_more and (not can_be_less or mean_off > case when is_additive then mean_allowed else 0 end) then 'more'
                when can_be_less and (not can_be_more or mean_off < -mean_allowed) then 'less'
            end as direction
        from judged
    """)
    connection.execute("""
        create or replace table relations as
        select cast(row_number() over (order by shaped.kind, shaped.group_id, shaped.whole_id) - 1 as integer) as relation_id,
            shaped.kind, shaped.group_id, shaped.whole_id,
            -- of the parts less the whole
            case when directed.direction = 'less' then -1e9 else 0 end as lo,
            case when directed.direction = 'more' then 1e9 else 0 end as hi
        from shaped
        inner join directed
            on shaped.kind = directed.kind and shaped.group_id = directed.group_id and shaped.measure = directed.measure
            and shaped.signature = directed.signature and shaped.period_kind = directed.period_kind
            and shaped.area = directed.area and (shaped.absent_count > 0) = directed.has_absent
        where shaped.is_open and directed.direction is not null
    """)
    connection.execute("""
        create or replace table terms as
        select relations.relation_id, links.part_id as cell_id, cast(1 as tinyint) as coefficient
        from relations inner join links using (kind, group_id, whole_id)
        union all
        select relation_id, whole_id, -1 from relations
        order by 1, 2
    """)
