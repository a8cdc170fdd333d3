"""The files of one release: written in order from the marts, and read back to see that they are whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.catalog.loader import Catalog
from orchestration.catalog.models import ReleasedTable
from orchestration.database import attach, literal, one_row, open_database, quoted
from orchestration.errors import PlainError

DATABASE = "indicators.duckdb"
PARQUET = "parquet"
MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"


class ReleaseError(PlainError):
    """A release cannot be built or read; the message is one plain Swedish sentence."""


@dataclass(frozen=True)
class Comments:
    """What a table and its columns hold, in words; carried from the warehouse into the released file."""

    table: str | None
    columns: dict[str, str]


def warehouse_comments(connection: duckdb.DuckDBPyConnection) -> dict[str, Comments]:
    """Comments of every table and view of the warehouse that can be released."""
    where = "database_name = 'warehouse' and schema_name in ('marts', 'meta') and comment is not null"
    columns: dict[str, dict[str, str]] = {}
    for table, column, comment in connection.execute(
        f"select table_name, column_name, comment from duckdb_columns() where {where}"
    ).fetchall():
        columns.setdefault(table, {})[column] = comment
    tables = dict(
        connection.execute(
            f"select table_name, comment from duckdb_tables() where {where} "
            f"union all select view_name, comment from duckdb_views() where {where}"
        ).fetchall()
    )
    return {
        table: Comments(tables.get(table), columns.get(table, {})) for table in tables.keys() | columns.keys()
    }


def view_definitions(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> dict[str, str]:
    """The released views as the warehouse made them, by name. Raises ReleaseError when one is not there."""
    found = dict(
        connection.execute(
            "select view_name, sql from duckdb_views() where database_name = 'warehouse' and schema_name = 'marts'"
        ).fetchall()
    )
    if missing := [name for name in catalog.release.views if name not in found]:
        raise ReleaseError(f"Vyn {missing[0]} saknas i datalagret; kör bistand run så att den byggs.")
    return {name: found[name] for name in catalog.release.views}


def column_types(connection: duckdb.DuckDBPyConnection, qualified_name: str) -> dict[str, str]:
    """Column names and types, in order."""
    return {row[0]: row[1] for row in connection.execute(f"describe {qualified_name}").fetchall()}


def ordered(connection: duckdb.DuckDBPyConnection, released: ReleasedTable, qualified_name: str) -> str:
    """The query of a table with its rows in one order: by key, which a test of dbt says that no two rows share.

    Names and codes are put in order as numbers, which takes DuckDB half the time that text takes.
    """
    types = column_types(connection, qualified_name)
    if missing := [name for name in released.key if name not in types]:
        raise ReleaseError(
            f"Tabellen {released.table} saknar nyckelkolumnen {missing[0]}; rätta release.yml."
        )
    texts = [name for name in released.key if types[name] == "VARCHAR"]
    for name in texts:
        # a type without any value is not allowed, and a table may be empty
        connection.execute(
            f"create or replace type {_order_of(name)} as enum (select '' union "
            f"select {quoted(name)} from {qualified_name} where {quoted(name)} is not null order by all)"
        )
    order = ", ".join(f"{quoted(name)} nulls last" for name in released.key)

    def cast_to(kind: Callable[[str], str]) -> str:
        columns = ", ".join(f"cast({quoted(name)} as {kind(name)}) as {quoted(name)}" for name in texts)
        return f"* replace ({columns})" if texts else "*"

    return (
        f"select {cast_to(lambda _: 'varchar')} "
        f"from (select * from (select {cast_to(_order_of)} from {qualified_name}) order by {order})"
    )


def _order_of(column: str) -> str:
    return quoted(f"order_of_{column}")


def write_parquet(
    connection: duckdb.DuckDBPyConnection, folder: Path, released: ReleasedTable, source: str, said: Comments
) -> str:
    """Write parquet/<table>.parquet, with what table and columns hold in its metadata, and return its SHA-256."""
    path = folder / PARQUET / f"{released.table}.parquet"
    path.parent.mkdir(exist_ok=True)
    query = ordered(connection, released, source)
    columns = json.dumps(said.columns, ensure_ascii=False, sort_keys=True)
    connection.execute(
        f"copy ({query}) to {literal(str(path))} (format parquet, compression zstd, "
        f"kv_metadata {{description: {literal(said.table or '')}, columns: {literal(columns)}}})"
    )
    return sha256_of(path)


def rows_of(connection: duckdb.DuckDBPyConnection, folder: Path, table: str) -> int:
    """Rows of a written parquet/<table>.parquet."""
    return int(one_row(connection.execute(f"select count(*) from {parquet_of(folder, table)}"))[0])


def parquet_of(folder: Path, table: str) -> str:
    """A written parquet/<table>.parquet as SQL reads it."""
    return f"read_parquet({literal(str(folder / PARQUET / f'{table}.parquet'))})"


@contextmanager
def writing_database(
    folder: Path, comments: dict[str, Comments], views: dict[str, str]
) -> Iterator[Callable[[ReleasedTable], None]]:
    """Write indicators.duckdb, schemas marts and meta, beside the Parquet files, one table as soon as its file is there, and the
    views (SQL by name) when all are.

    Gives a function that takes a table whose Parquet file is written. The database is filled from those files, so the two
    can hold nothing but the same rows, in the order that the tables are given; it is whole when the block has ended.
    """
    with open_database() as connection, ThreadPoolExecutor(max_workers=1) as writer:
        attach(connection, folder / DATABASE, "release", read_only=False)
        for schema in ("marts", "meta"):
            connection.execute(f"create schema release.{schema}")
        waiting: list[Future[Any]] = []
        yield lambda released: waiting.append(
            writer.submit(_write_table, connection, folder, released, comments.get(released.table))
        )
        for table in waiting:
            table.result()
        connection.execute("use release")
        for name, definition in views.items():
            connection.execute(definition)
            _comment(connection, "view", f"marts.{quoted(name)}", comments.get(name))
        connection.execute("use memory")
        connection.execute("checkpoint release")
        connection.execute("detach release")


def _write_table(
    connection: duckdb.DuckDBPyConnection, folder: Path, released: ReleasedTable, said: Comments | None
) -> None:
    name = _in_release(released)
    connection.execute(f"create table {name} as select * from {parquet_of(folder, released.table)}")
    _comment(connection, "table", name, said)


def _comment(connection: duckdb.DuckDBPyConnection, kind: str, name: str, said: Comments | None) -> None:
    said = said or Comments(None, {})
    if said.table:
        connection.execute(f"comment on {kind} {name} is {literal(said.table)}")
    for column in column_types(connection, name):
        if column in said.columns:
            connection.execute(
                f"comment on column {name}.{quoted(column)} is {literal(said.columns[column])}"
            )


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    write_json(folder / MANIFEST, manifest)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Text that is the same every time."""
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8"
    )


def replace_json(path: Path, content: dict[str, Any]) -> None:
    """The same in the place of what is there, so that a reader sees the one or the other whole."""
    written = path.with_name(f".{path.name}")
    write_json(written, content)
    os.replace(written, path)


def write_checksums(folder: Path) -> None:
    """SHA256SUMS of every other file, as `sha256sum -c` reads it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    lines = [f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a release folder, or None when it has none that can be read."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(folder: Path) -> bool:
    """True when the folder's files are those that it was written with."""
    manifest = read_manifest(folder)
    if manifest is None:
        return False
    return all(
        (folder / name).is_file() and sha256_of(folder / name) == checksum
        for name, checksum in {**manifest["checksums"], **_checksums(folder)}.items()
    )


def _checksums(folder: Path) -> dict[str, str]:
    """What SHA256SUMS says, by file; nothing for a release from before there was one."""
    path = folder / CHECKSUMS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {name: checksum for checksum, name in (line.split("  ", 1) for line in lines)}


def verify(folder: Path, catalog: Catalog, row_counts: dict[str, int]) -> None:
    """Open the written files anew and see that they are what was meant.

    Raises ReleaseError for a missing table or row, a value whose status says otherwise, or a reference to a row that is not
    there.
    """
    if not is_whole(folder):
        raise ReleaseError("Publiceringen stoppades: en skriven fil stämmer inte med sin kontrollsumma.")
    with open_database() as connection:
        attach(connection, folder / DATABASE, "release")
        tables = {one.table: one for one in catalog.release.tables}
        for released in catalog.release.tables:
            name = _in_release(released)
            for source in (name, parquet_of(folder, released.table)):
                rows = one_row(connection.execute(f"select count(*) from {source}"))[0]
                if rows != row_counts[released.table]:
                    raise ReleaseError(f"Publiceringen stoppades: {released.table} skrevs inte helt.")
            _verify_statuses(connection, released, name)
            for other in released.refers_to:
                _verify_reference(connection, released, tables[other])
        for view in catalog.release.views:
            connection.execute(f"select * from release.marts.{quoted(view)} limit 1").fetchall()


def _in_release(released: ReleasedTable) -> str:
    return f"release.{released.in_schema}.{quoted(released.table)}"


def _verify_reference(
    connection: duckdb.DuckDBPyConnection, one: ReleasedTable, other: ReleasedTable
) -> None:
    """What `datapackage.json` promises as a foreign key; a reference with a null in it refers to nothing."""
    columns = ", ".join(quoted(name) for name in other.key)
    known = " and ".join(f"{quoted(name)} is not null" for name in other.key)
    lost = one_row(
        connection.execute(
            f"select count(*) from {_in_release(one)} anti join {_in_release(other)} using ({columns}) where {known}"
        )
    )[0]
    if lost:
        raise ReleaseError(
            f"Publiceringen stoppades: {lost} rader i {one.table} pekar på rader som saknas i {other.table}."
        )


def _verify_statuses(connection: duckdb.DuckDBPyConnection, released: ReleasedTable, name: str) -> None:
    if released.value_column is None or released.status_column is None:
        return
    wrong = one_row(
        connection.execute(
            f"select count(*) from {name} where ({quoted(released.value_column)} is not null) "
            f"is distinct from ({quoted(released.status_column)} = 'published')"
        )
    )[0]
    if wrong:
        raise ReleaseError(
            f"Publiceringen stoppades: {wrong} rader i {released.table} har värde utan status published eller tvärtom."
        )


def flush_to_disk(folder: Path) -> None:
    """Have the system write everything in the folder before the folder gets its name."""
    for path in [*sorted(folder.rglob("*")), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
