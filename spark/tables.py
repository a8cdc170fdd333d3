"""What goes to Spark and what comes back: Parquet out of a home, and each table beside DuckDB's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.database import attach, literal, open_database, quoted
from orchestration.settings import Settings
from orchestration.vault.file import attach_for_reading

# what the models begin with: the vault, the raw tables and the seeds
SOURCES = {"vault": ("register",), "warehouse": ("raw", "reference")}
# types that Spark has under another name, as Parquet holds them best
_AS = {"UUID": "varchar", "HUGEINT": "bigint"}
SHOWN = 3


@dataclass(frozen=True)
class Comparison:
    """A table in both: its rows in DuckDB, how many rows only one of the two has, and some of them."""

    name: str
    rows: int
    differing: int
    examples: tuple[str, ...] = ()


def lay_out(settings: Settings, folder: Path) -> int:
    """Write what the models begin with to FOLDER/<schema>/<table>.parquet; returns the person-months."""
    with open_database() as connection:
        attach_for_reading(connection, settings.vault)
        attach(connection, settings.warehouse, "warehouse")
        for database, schemas in SOURCES.items():
            for schema in schemas:
                (folder / schema).mkdir(parents=True)
                for table in _tables(connection, database, schema):
                    source = f"{database}.{schema}.{quoted(table)}"
                    chosen = ", ".join(
                        f"cast({quoted(name)} as {_AS[kind]}) as {quoted(name)}"
                        if kind in _AS
                        else quoted(name)
                        for name, kind in _columns(connection, source)
                    )
                    file = literal(str(folder / schema / f"{table}.parquet"))
                    connection.execute(f"copy (select {chosen} from {source}) to {file} (format parquet)")
        (rows,) = connection.execute("select count(*) from vault.register.person_months").fetchall()[0]
    return rows


def compare(settings: Settings, made: Path) -> list[Comparison]:
    """Every table that dbt made in DuckDB, row by row beside Spark's. Nothing is rounded; a column is read as DuckDB's type."""
    found = []
    with open_database() as connection:
        connection.execute("set timezone = 'UTC'")
        attach(connection, settings.warehouse, "warehouse")
        for schema in ("intermediate", "protected", "marts", "meta"):
            for table in _tables(connection, "warehouse", schema):
                found.append(_compare(connection, schema, table, made / f"{schema}.db" / table))
    return found


def _compare(connection: duckdb.DuckDBPyConnection, schema: str, table: str, files: Path) -> Comparison:
    ours = f"warehouse.{schema}.{quoted(table)}"
    (rows,) = connection.execute(f"select count(*) from {ours}").fetchall()[0]
    if not list(files.glob("*.parquet")):
        return Comparison(f"{schema}.{table}", rows, rows or 1, ("saknas i Spark",))
    columns = ", ".join(
        f"cast({quoted(name)} as {kind}) as {quoted(name)}" for name, kind in _columns(connection, ours)
    )
    theirs = f"select {columns} from read_parquet({literal(str(files / '*.parquet'))})"
    mine = f"select {columns} from {ours}"
    connection.execute(
        f"create or replace temp table differing as select 'DuckDB' as only_in, * from ({mine} except all {theirs}) "
        f"union all select 'Spark', * from ({theirs} except all {mine})"
    )
    (differing,) = connection.execute("select count(*) from differing").fetchall()[0]
    shown = (
        connection.execute(f"from differing order by all limit {2 * SHOWN}").fetchall() if differing else []
    )
    return Comparison(f"{schema}.{table}", rows, differing, tuple(map(str, shown)))


def _tables(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[str]:
    asked = "select table_name from duckdb_tables() where database_name = ? and schema_name = ? order by 1"
    return [name for (name,) in connection.execute(asked, [database, schema]).fetchall()]


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    return [row[:2] for row in connection.execute(f"describe {relation}").fetchall()]
