"""Areas that would give a hidden municipality back: the area less the municipalities that are shown.

A hidden count is known to lie between 1 and smallest - 1. What an area shows less its shown municipalities is the sum of
its hidden ones; with one hidden, or with all of them at the lowest or the highest, that sum tells each of them. Then the
area's cell is hidden too, in every table alike, since the rule looks at nothing but the counts. A hidden area is in turn
given back by the area above it less those beside it, so the same is asked of the areas above, with the municipalities
that the hidden areas below stand for.
"""

from __future__ import annotations

import duckdb

from orchestration.catalog.loader import Catalog
from orchestration.database import literal, quoted

# Which areas make up which: country of counties, main groups of groups, country of main groups; in this order.
_PARTS = (
    ("skr_group", "substr(part_id, 1, 5)"),
    ("county", "'0000'"),
    ("skr_main_group", "'0000'"),
)
_MEMBERS = "geography_members"


def mask_telling_areas(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    tables: list[str],
    is_small: dict[tuple[str, int], str],
) -> None:
    """Add rows with reason `complementary` to `mask.<table>` for each table of areas.

    `is_small` gives, for (table, cell), the condition on `rows` that hides the cell. Needs `unprotected.<table>` and
    `unprotected.geography_members`; without the latter nothing is done.
    """
    if _MEMBERS not in tables:
        return
    keys = {one.table: [name for name in one.key if name != "geography_id"] for one in catalog.release.tables}
    for (table, cell), condition in is_small.items():
        columns = {row[0] for row in connection.execute(f"describe unprotected.{quoted(table)}").fetchall()}
        if "geography_id" not in columns:
            continue
        count = catalog.disclosure.tables[table].cells[cell].count
        _find_telling(
            connection, table, count, condition, keys[table], catalog.disclosure.smallest_published_count
        )
        connection.execute(f"""
            insert into mask.{quoted(table)}
            select distinct rows.row_id, {cell}, 'complementary'
            from unprotected.{quoted(table)} as rows
            inner join telling on {_same("rows", "telling", keys[table])} and rows.geography_id = telling.part_id
            where rows.{quoted(count)} > 0
        """)


def _find_telling(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    count: str,
    condition: str,
    key: list[str],
    smallest: int,
) -> None:
    """Temp table `telling`: per key the areas to hide, with the number and the sum of the hidden counts they tell of."""
    year = next((f"rows.{name}" for name in ("period_year", "entry_year") if name in key), None)
    year = year or "cast(left(rows.period, 4) as integer)"
    names = ", ".join(quoted(name) for name in key)
    connection.execute(f"""
        create or replace temp table telling as
        select {", ".join(f"rows.{quoted(name)}" for name in key)},
            members.geography_id as part_id, members.geography_type as part_type,
            count(*) as hidden_count, sum(rows.{quoted(count)}) as hidden_sum
        from unprotected.{quoted(table)} as rows
        inner join unprotected.{_MEMBERS} as members
            on
                rows.geography_id = members.municipality_code and members.geography_type <> 'similar'
                and {year} between coalesce(members.first_year, 0) and coalesce(members.last_year, 9999)
        where {condition}
        group by all
        having {_tells("count(*)", f"sum(rows.{quoted(count)})", smallest)}
    """)
    for part_type, whole in _PARTS:
        connection.execute(f"""
            insert into telling
            select {names}, {whole} as whole_id,
                case when whole_id = '0000' then 'country' else 'skr_main_group' end,
                sum(hidden_count), sum(hidden_sum)
            from telling where part_type = {literal(part_type)}
            group by {names}, whole_id
            having {_tells("sum(hidden_count)", "sum(hidden_sum)", smallest)} or count(*) = 1
        """)


def _tells(hidden_count: str, hidden_sum: str, smallest: int) -> str:
    return f"({hidden_count} = 1 or {hidden_sum} <= {hidden_count} or {hidden_sum} >= {hidden_count} * {smallest - 1})"


def _same(one: str, other: str, names: list[str]) -> str:
    return " and ".join(f"{one}.{quoted(name)} = {other}.{quoted(name)}" for name in names)
