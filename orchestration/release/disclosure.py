"""Disclosure control: what the public profile hides of the marts before anything is compared or released.

Three steps, each one set-based statement per rule:
1. every number of a released table must be declared in data/catalog/disclosure.yml, else nothing is released;
2. a mask names each hidden cell (table, row, cell, reason): counts of 1 to smallest_published_count - 1, and areas that
   would give such a count of one of their municipalities back (complementary.py);
3. the protected table is a view of the mart through the mask. Hidden values are never written to a released file and then
   removed, since a database file can keep what was overwritten.

All of it lies in the warehouse: what is computed of protected tables (dbt's tag after_protection) and the release read it
there. A mask knows its rows by their place in the mart, so it is made anew whenever a mart is.
"""

from __future__ import annotations

import duckdb

from orchestration.catalog.loader import Catalog, load_catalog
from orchestration.catalog.models import Disclosure, Follows, ProtectedCell, TableDisclosure
from orchestration.database import literal, one_row, open_database, quoted
from orchestration.errors import PlainError
from orchestration.release.complementary import mask_telling_areas
from orchestration.settings import Settings

# Cell number of what follows from another table, beside the table's own cells 0, 1, 2 …; each is a bit of an integer
FOLLOWED = 62

_SCHEMAS = ("unprotected", "mask", "protected")
_NUMBER_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")


class DisclosureError(PlainError):
    """A table cannot be protected; the message is one plain Swedish sentence."""


def protect_marts(settings: Settings) -> None:
    """Make `protected.<table>` in the warehouse for each released mart, and the one row of `protected.release_profile`, in the
    profile of `settings`. Raises DisclosureError, and then nothing is protected and so nothing can be released."""
    catalog = load_catalog(settings)
    rules = catalog.disclosure
    tables = [one.table for one in catalog.release.tables if not one.is_after_protection]
    with open_database(settings.warehouse) as connection:
        connection.begin()
        found = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
        if missing := sorted(set(tables) - {name for (name,) in found}):
            raise DisclosureError(
                f"Tabellen {missing[0]} saknas i datalagret; kör bistand run så att den byggs."
            )
        _drop(connection)
        protect(connection, catalog, settings.profile, {table: f"marts.{quoted(table)}" for table in tables})
        connection.execute(
            "create table protected.release_profile as "
            "select cast($profile as varchar) as profile, cast($smallest as integer) as smallest_published_count",
            {
                "profile": settings.profile,
                "smallest": rules.smallest_published_count if rules.hides(settings.profile) else 0,
            },
        )
        connection.commit()


def forget_protection(settings: Settings) -> None:
    """Before a mart is built again: what was protected is of the marts as they were."""
    if settings.warehouse.is_file():
        with open_database(settings.warehouse) as connection:
            _drop(connection)


def _drop(connection: duckdb.DuckDBPyConnection) -> None:
    for schema in reversed(_SCHEMAS):
        connection.execute(f"drop schema if exists {schema} cascade")


def protect(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, profile: str, sources: dict[str, str]
) -> None:
    """Make the view `protected.<table>` for each table in `sources` (table name to the qualified table it reads).

    The schemas `unprotected`, `mask` and `protected` are made in the connection's own database; nothing is copied. Raises DisclosureError for an undeclared or a missing column.
    """
    rules = catalog.disclosure
    for schema in _SCHEMAS:
        connection.execute(f"create schema {schema}")
    columns: dict[str, dict[str, str]] = {}
    for table, source in sources.items():
        # a row is known by its place in the table it comes from; a view has no such place, and nothing to hide
        place = "" if _rules_of(rules, table).no_person_counts else ", rowid as row_id"
        connection.execute(f"create view unprotected.{quoted(table)} as select *{place} from {source}")
        columns[table] = _columns(connection, table)
        _check_declared(table, columns[table], _rules_of(rules, table))
        connection.execute(f"create table mask.{quoted(table)} (row_id bigint, cell integer, reason varchar)")
    if rules.hides(profile):
        _mask_small_counts(connection, rules, list(sources))
        mask_telling_areas(connection, catalog, list(sources), _small_cells(rules, list(sources)))
        _mask_followers(connection, rules, list(sources))
    for table in sources:
        _make_protected(connection, table, columns[table], _rules_of(rules, table))


def small_counts_left(
    connection: duckdb.DuckDBPyConnection, rules: Disclosure, table: str, qualified_name: str
) -> int:
    """Rows of a released table that still show a count of 1 to smallest_published_count - 1."""
    table_rules = rules.tables[table]
    shown = [cell for cell in table_rules.cells if cell.count not in table_rules.dropped_columns]
    if not shown:
        return 0
    conditions = " or ".join(_is_small(cell, rules.smallest_published_count) for cell in shown)
    return int(
        one_row(connection.execute(f"select count(*) from {qualified_name} as rows where {conditions}"))[0]
    )


def _rules_of(rules: Disclosure, table: str) -> TableDisclosure:
    if table not in rules.tables:
        raise DisclosureError(
            f"Tabellen {table} saknar röjandekontroll och publiceras inte; lägg till den i disclosure.yml."
        )
    return rules.tables[table]


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    described = connection.execute(f"describe unprotected.{quoted(table)}").fetchall()
    return {row[0]: row[1] for row in described if row[0] != "row_id"}


def _check_declared(table: str, columns: dict[str, str], rules: TableDisclosure) -> None:
    declared = {*rules.other_numbers, *rules.dropped_columns}
    for cell in rules.cells:
        declared |= {cell.count, *cell.hides, *cell.status_columns, *cell.when}
    if rules.follows:
        follows = rules.follows
        declared |= {*follows.same, *follows.hides, *follows.sets, *follows.when, *follows.period_between}
    if missing := sorted(declared - set(columns)):
        raise DisclosureError(
            f"Röjandekontrollen av {table} nämner kolumnen {missing[0]}, som inte finns; rätta disclosure.yml."
        )
    numbers = {name for name, kind in columns.items() if kind.removeprefix("U").startswith(_NUMBER_TYPES)}
    if not rules.no_person_counts and (undeclared := sorted(numbers - declared)):
        raise DisclosureError(
            f"Kolumnen {undeclared[0]} i {table} saknar röjandekontroll och tabellen publiceras inte; lägg kolumnen "
            "under cells eller other_numbers i disclosure.yml."
        )


def _small_cells(rules: Disclosure, tables: list[str]) -> dict[tuple[str, int], str]:
    """The condition on `rows` that hides each (table, cell)."""
    return {
        (table, number): _is_small(cell, rules.smallest_published_count)
        for table in tables
        for number, cell in enumerate(rules.tables[table].cells)
    }


def _mask_small_counts(connection: duckdb.DuckDBPyConnection, rules: Disclosure, tables: list[str]) -> None:
    for (table, number), condition in _small_cells(rules, tables).items():
        connection.execute(f"""
            insert into mask.{quoted(table)}
            select row_id, {number}, 'small_count' from unprotected.{quoted(table)} as rows
            where {condition}
        """)


def _mask_followers(connection: duckdb.DuckDBPyConnection, rules: Disclosure, tables: list[str]) -> None:
    for table in tables:
        follows = rules.tables[table].follows
        if follows is None:
            continue
        if follows.table not in tables:
            raise DisclosureError(
                f"{table} följer {follows.table}, som inte publiceras; rätta disclosure.yml."
            )
        connection.execute(f"""
            insert into mask.{quoted(table)}
            select distinct rows.row_id, {FOLLOWED}, 'follows'
            from unprotected.{quoted(table)} as rows
            inner join (
                select * from unprotected.{quoted(follows.table)} as origin_rows
                where origin_rows.row_id in (select row_id from mask.{quoted(follows.table)})
            ) as origin on {_follows(follows)}
        """)


def _follows(follows: Follows) -> str:
    conditions = [f"rows.{quoted(name)} is not distinct from origin.{quoted(name)}" for name in follows.same]
    conditions += _when(follows.when)
    if follows.period_between:
        first, last = follows.period_between
        conditions.append(
            f"try_cast(origin.period as integer) between rows.{quoted(first)} and rows.{quoted(last)}"
        )
    return " and ".join(conditions)


def _is_small(cell: ProtectedCell, smallest: int) -> str:
    # greater than 0 and not "from 1": a count averaged over something must not slip through between them
    small = [f"rows.{quoted(cell.count)} > 0 and rows.{quoted(cell.count)} < {smallest}", *_when(cell.when)]
    return "(" + " and ".join(small) + ")"


def _when(when: dict[str, list[str]]) -> list[str]:
    return [
        f"rows.{quoted(name)} in ({', '.join(literal(value) for value in values)})"
        for name, values in when.items()
    ]


def _make_protected(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rules: TableDisclosure
) -> None:
    hiders: dict[str, list[int]] = {}
    statuses: dict[str, list[int]] = {}
    for number, cell in enumerate(rules.cells):
        for name in (cell.count, *cell.hides):
            hiders.setdefault(name, []).append(number)
        for name in cell.status_columns:
            statuses.setdefault(name, []).append(number)
    sets = rules.follows.sets if rules.follows else {}
    for name in rules.follows.hides if rules.follows else []:
        hiders.setdefault(name, []).append(FOLLOWED)
    # a status that the table's own cells decide follows by the same rule: only what was published becomes hidden
    for name in set(sets) & set(statuses):
        statuses[name].append(FOLLOWED)
    selected = []
    for name in columns:
        column = f"rows.{quoted(name)}"
        if name in rules.dropped_columns:
            continue
        if name in hiders:
            column = f"case when {_any_masked(hiders[name])} then null else {column} end"
        elif name in statuses:
            column = (
                f"case when {column} = 'published' and {_any_masked(statuses[name])} then 'suppressed' "
                f"else {column} end"
            )
        elif name in sets:
            column = f"case when {_any_masked([FOLLOWED])} then {literal(sets[name])} else {column} end"
        selected.append(f"{column} as {quoted(name)}")
    if rules.no_person_counts:
        connection.execute(
            f"create view protected.{quoted(table)} as select {', '.join(selected)} from unprotected.{quoted(table)} as rows"
        )
        return
    connection.execute(f"""
        create view protected.{quoted(table)} as
        select {", ".join(selected)}
        from unprotected.{quoted(table)} as rows
        left join (
            select row_id, bit_or(cast(1 as bigint) << cell) as cells from mask.{quoted(table)} group by row_id
        ) as hidden on rows.row_id = hidden.row_id
    """)


def _any_masked(cells: list[int]) -> str:
    bits = sum(1 << cell for cell in set(cells))
    return f"coalesce(hidden.cells & {bits} <> 0, false)"
