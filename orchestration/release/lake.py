"""Releases as snapshots of a DuckLake: one catalogue that many read and write at the same time, each release kept as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.database import extension_file, literal, open_database, quoted
from orchestration.errors import PlainError
from orchestration.release import files as release_files
from orchestration.release.store import Release

_AUTHOR = "bistand"


def export_to_lake(release: Release, folder: Path, catalogue: str | None = None) -> int | None:
    """Put the tables of the release in the lake as one snapshot; returns its number, None when it is the newest one already.

    `folder` holds the Parquet files; `catalogue` is where DuckLake keeps its own tables, `postgres:dbname=…`, and else a file in
    the folder. A reader asks `marts.x at (version => number)` for a release. Raises PlainError when an extension is not
    installed, the catalogue cannot be reached, or the lake holds releases of another profile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _attached(folder, catalogue or str(folder / "catalogue.ducklake")) as connection:
        newest = connection.execute(
            "select commit_message, commit_extra_info from lake.snapshots() "
            "where author = ? order by snapshot_id desc limit 1",
            [_AUTHOR],
        ).fetchone()
        if newest and newest[1] != release.profile:
            raise PlainError(
                f"Sjön i {folder} har utgåvor av profilen {newest[1]} och tar inte emot {release.profile}; välj en annan mapp."
            )
        if newest and newest[0] == release.release_id:
            return None
        connection.begin()
        _put(connection, release)
        connection.execute(
            "call lake.set_commit_message(?, ?, extra_info => ?)",
            [_AUTHOR, release.release_id, release.profile],
        )
        connection.commit()
        (number,) = connection.execute("select max(snapshot_id) from lake.snapshots()").fetchall()[0]
        return int(number)


def _put(connection: duckdb.DuckDBPyConnection, release: Release) -> None:
    """Every table of the release in its schema, with its comments; one that the release does not have any longer goes."""
    connection.execute(
        f"attach {literal(str(release.folder / release_files.DATABASE))} as release (read_only)"
    )
    tables = connection.execute(
        "select schema_name, table_name, comment from duckdb_tables() where database_name = 'release' order by all"
    ).fetchall()
    there = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'lake'"
    ).fetchall()
    for schema, table in set(there) - {(schema, table) for schema, table, _ in tables}:
        connection.execute(f"drop table lake.{quoted(schema)}.{quoted(table)}")
    for schema, table, comment in tables:
        name = f"{quoted(schema)}.{quoted(table)}"
        connection.execute(f"create schema if not exists lake.{quoted(schema)}")
        connection.execute(f"create or replace table lake.{name} as from release.{name}")
        if comment:
            connection.execute(f"comment on table lake.{name} is {literal(comment)}")


@contextmanager
def _attached(folder: Path, catalogue: str) -> Iterator[duckdb.DuckDBPyConnection]:
    kinds = ["ducklake", *(["postgres-scanner"] if catalogue.startswith("postgres:") else [])]
    with open_database() as connection:
        for kind in kinds:
            if (file := extension_file(kind)) is None:
                raise PlainError(
                    f"Paketet duckdb-extension-{kind} är inte installerat; installera bistandslagret[ducklake]."
                )
            connection.execute(f"load {literal(str(file))}")
        try:
            connection.execute(
                f"attach {literal('ducklake:' + catalogue)} as lake (data_path {literal(str(folder / 'data'))})"
            )
        except duckdb.Error:
            # the words of the database could hold a password
            raise PlainError(
                "Sjöns katalog går inte att öppna; se att databasen är igång och att adressen stämmer."
            ) from None
        yield connection
