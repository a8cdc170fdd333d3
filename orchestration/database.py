"""One way to open DuckDB: never reaches for the network, never leaves a connection open."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

Config = dict[str, str | bool | int | float | list[str]]
# The same everywhere: DuckDB refuses two connections of one process to one file with different configurations.
CONFIG: Config = {"autoinstall_known_extensions": "false"}
# for a warehouse that is made anew: DuckDB from 1.4 on packs text in a third less time, and nobody else opens the file
WAREHOUSE_CONFIG = CONFIG | {"storage_compatibility_version": "v1.4.0"}

_ROWS_AT_ONCE = 500


@contextmanager
def open_database(
    path: Path | str = ":memory:", config: Config = CONFIG, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is closed at the end; `path` is created when it does not exist.

    Processes that only read a file may have it open at the same time; one that writes has it alone.
    """
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    try:
        yield connection
    finally:
        connection.close()


def attach(connection: duckdb.DuckDBPyConnection, path: Path, alias: str, read_only: bool = True) -> None:
    """Attach a database file. Attached from a connection in memory, a swapped file is always read anew."""
    mode = " (read_only)" if read_only else ""
    connection.execute(f"attach {literal(str(path))} as {alias}{mode}")


@cache
def extension_file(name: str) -> Path | None:
    """The file of DuckDB's extension as the package duckdb-extension-<name> has it; None when that is not installed."""
    package = importlib.util.find_spec(f"duckdb_extension_{name.replace('-', '_')}")
    places = package.submodule_search_locations if package else None
    return next((file for place in places or () for file in Path(place).rglob("*.duckdb_extension")), None)


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Puts `rows`, all of the table's columns in order, into `table`; many in a statement, since each takes milliseconds."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        places = ", ".join(f"({', '.join('?' for _ in row)})" for row in some)
        connection.execute(f"insert into {table} values {places}", [value for row in some for value in row])


def one_row(answer: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """The first row of an answer that always has one: a count, a maximum."""
    row: tuple[Any, ...] | None = answer.fetchone()
    assert row is not None
    return row


def literal(text: str) -> str:
    """A string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A column or table name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@cache
def sql_text(path: Path) -> str:
    """The text of an SQL file that lies beside the code."""
    return path.read_text(encoding="utf-8")


@cache
def named_statements(path: Path) -> dict[str, str]:
    """The statements of an SQL file, by the name that stands above each (`-- name: units`)."""
    named = {}
    for part in sql_text(path).split("-- name: ")[1:]:
        name, body = part.split("\n", 1)
        named[name.strip()] = body
    return named


def table_rows(path: Path) -> dict[str, int]:
    """Rows per table of a database file, from its own statistics; views are not in it."""
    with open_database() as connection:
        attach(connection, path, "counted")
        return attached_rows(connection, "counted")


def attached_rows(connection: duckdb.DuckDBPyConnection, alias: str) -> dict[str, int]:
    """As `table_rows`, of a database that is attached already."""
    return dict(
        connection.execute(
            "select table_name, estimated_size from duckdb_tables() where database_name = $alias",
            {"alias": alias},
        ).fetchall()
    )
