"""Which links are believed: tested on what the release shows, each kind of them as far as it holds everywhere.

A relation says that a whole is the sum of its parts, is at most their sum, or is at least their sum. A kind of relation is
one measure, divided in one way.
"""

from __future__ import annotations

from typing import Any

import duckdb

from orchestration.database import insert_rows
from orchestration.release.attack.links import make_links

# a kind of relation that could be tested fewer times is not believed
LEAST_TESTS = 5


def make_relations(connection: duckdb.DuckDBPyConnection, known: dict[str, Any]) -> None:
    """Tables `relations` (relation_id, kind, lo and hi of the parts less the whole) and `terms` (relation_id, cell_id,
    coefficient: 1 for a part, -1 for the whole)."""
    make_links(connection, known)
    _gather(connection, known)
    _test(connection)
    _keep(connection)


def _gather(connection: duckdb.DuckDBPyConnection, known: dict[str, Any]) -> None:
    """Table `shaped`: one row per whole and group, with the bounds of both sides and what kind of relation it is."""
    connection.execute("create or replace temp table not_additive (kind varchar, measure varchar)")
    named = [(kind, measure) for kind, measures in known["not_additive"].items() for measure in measures]
    insert_rows(connection, "not_additive", named)
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


def _test(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `directed`: each kind of relation with what holds wherever all its counts are shown. Rounding blurs each test; many
    together tell whether the parts are more on the whole."""
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
        where not is_hidden and whole_hi > 0 and (kind <> 'measure' or absent_count = 0)
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


def _keep(connection: duckdb.DuckDBPyConnection) -> None:
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
