"""A release as one reads it who may see whole counts of some municipalities only: those from the internal release, all else from
the public one, in a file of its own.

What somebody may not see is not in the file, so no page, address, download or cached answer can show it. The file lies in a home of
its own under `build`, and everything that reads a release reads it unchanged.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb

from orchestration.database import attach, open_database, quoted
from orchestration.errors import PlainError
from orchestration.release.files import DATABASE, MANIFEST
from orchestration.release.store import Release, current_release, extracts_folder
from orchestration.settings import Settings

# which municipality or area a row is of
_KEYS = ("geography_id", "municipality_code")
# names and words, without a count: whole as the internal release has them, which has more groups
_WORDS = {
    "activity_dates", "breakdown_groups", "dim_breakdowns", "dim_indicators", "dim_rules", "dim_sources", "variation_readings",
}  # fmt: skip
# by table, its key and what a row says of its own municipality: what it says of others beside it is the public release's
_BESIDE_OTHERS = {
    "comparison": (
        ("indicator_id", "definition_id", "geography_id", "period", "breakdown"),
        ("value", "numerator", "denominator", "value_status"),
    ),
    "change_comparison": (
        ("geography_id", "event_date", "title", "indicator_id", "definition_id"),
        ("before_value", "after_value", "difference", "value_status", "change_share", "change_share_status"),
    ),
}


def extract_for(settings: Settings, municipalities: Iterable[str]) -> Settings:
    """The settings with which pages read the extract of the releases in force for `municipalities` (codes); made when it is not
    there.

    Raises PlainError when one of the two releases is not there: nothing is then shown, rather than something else.
    """
    codes = sorted(set(municipalities))
    internal, public = (current_release(replace(settings, profile=name)) for name in ("internal", "public"))
    if internal is None or public is None:
        raise PlainError(
            "En roll för vissa kommuner behöver både en intern och en öppen utgåva; kör bistand profile both och bistand run."
        )
    name = hashlib.sha256(" ".join([internal.release_id, public.release_id, *codes]).encode()).hexdigest()[
        :24
    ]
    own = replace(settings, home=extracts_folder(settings) / name, profile="internal", also=(), as_of=None)
    if not own.current_release.exists():
        _make(own, internal, public, codes)
    return own


def _make(own: Settings, internal: Release, public: Release, codes: list[str]) -> None:
    """Written beside its place and moved there whole; of two who write at once one is thrown away."""
    root = own.home.parent
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = Path(tempfile.mkdtemp(prefix=".bygger-", dir=root))
    try:
        folder = temporary / "published" / "internal" / internal.release_id
        folder.mkdir(parents=True)
        with open_database() as connection:
            attach(connection, internal.folder / DATABASE, "internal")
            attach(connection, public.folder / DATABASE, "public")
            attach(connection, folder / DATABASE, "extract", read_only=False)
            _fill(connection, codes)
            connection.execute("detach extract")
        shutil.copyfile(internal.folder / MANIFEST, folder / MANIFEST)
        (folder.parent / "current").symlink_to(internal.release_id)
        try:
            os.rename(temporary, own.home)
        except OSError:
            # somebody else was first, with the same content
            if not own.current_release.exists():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _fill(connection: duckdb.DuckDBPyConnection, codes: list[str]) -> None:
    """Every table of the public release, and in it the rows of `codes` as the internal release has them."""
    connection.execute("create temp table own as select unnest($codes) as code", {"codes": codes})
    for schema in ("marts", "meta"):
        connection.execute(f"create schema extract.{schema}")
    for schema, table in connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'public' order by all"
    ).fetchall():
        name = f"{quoted(schema)}.{quoted(table)}"
        connection.execute(f"create table extract.{name} as {_rows(connection, schema, table)}")
    connection.execute("use extract")
    for (view,) in connection.execute(
        "select sql from duckdb_views() where database_name = 'public' and not internal and schema_name in ('marts', 'meta') "
        "order by view_oid"
    ).fetchall():
        connection.execute(view)
    connection.execute("use memory")


def _rows(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> str:
    """Where the rows of a table come from. A table that is not known here comes from the public release."""
    name = f"{quoted(schema)}.{quoted(table)}"
    columns = _columns(connection, "public", schema, table)
    inside = _columns(connection, "internal", schema, table)
    if table == "release_info":
        # words of what is protected are needed for the rows of others
        return f"select * replace ((select band_to from public.{name}) as band_to) from internal.{name}"
    if table in _WORDS and inside:
        return f"select * from internal.{name}"
    key = next((one for one in _KEYS if one in columns), None)
    if key is None or not inside:
        return f"select * from public.{name}"
    if table in _BESIDE_OTHERS:
        row_key, of_own = _BESIDE_OTHERS[table]
        values = ", ".join(f"inside.{one} as {one}" for one in of_own)
        row = " and ".join(f"inside.{one} = beside.{one}" for one in row_key)
        return (
            f"select beside.* replace ({values}) from public.{name} as beside inner join internal.{name} as inside on {row} "
            f"where beside.{key} in (from own) union all by name "
            f"select * from public.{name} where {key} not in (from own)"
        )
    return (
        f"select * from internal.{name} where {key} in (from own) union all by name "
        f"select * from public.{name} where {key} is null or {key} not in (from own)"
    )


def _columns(connection: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> set[str]:
    """The columns of a table, none when there is no such table."""
    found = connection.execute(
        "select column_name from duckdb_columns() where database_name = $database and schema_name = $schema and table_name = $table",
        {"database": database, "schema": schema, "table": table},
    ).fetchall()
    return {column for (column,) in found}
