"""A release copied out in a form that other programs read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb

from orchestration.database import literal, open_database, quoted
from orchestration.errors import PlainError
from orchestration.release import files as release_files
from orchestration.release.datapackage import DATAPACKAGE, as_csv
from orchestration.release.store import Release

_NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL")


def export_release(release: Release, folder: Path, form: str) -> int:
    """Copy the release to `folder`, which must not exist; `form` is parquet, csv or duckdb. Returns the number of files.

    CSV has semicolons, decimal commas and a byte order mark, as Swedish Excel reads it. Beside CSV and Parquet lies the
    datapackage.json that describes them, if the release has one. Raises PlainError when the folder is there already.
    """
    if folder.exists():
        raise PlainError(f"{folder} finns redan; välj en mapp som inte finns.")
    folder.mkdir(parents=True)
    if form == "duckdb":
        shutil.copyfile(release.folder / release_files.DATABASE, folder / release_files.DATABASE)
    elif form == "parquet":
        # as it is described in datapackage.json; the copy can be written in, as what a person makes
        (folder / release_files.PARQUET).mkdir()
        for path in (release.folder / release_files.PARQUET).glob("*.parquet"):
            shutil.copyfile(path, folder / release_files.PARQUET / path.name)
    else:
        with open_database() as connection:
            for table in release.row_counts:
                _write_csv(
                    connection, release_files.parquet_of(release.folder, table), folder / f"{table}.csv"
                )
    shutil.copyfile(release.folder / release_files.MANIFEST, folder / release_files.MANIFEST)
    described = release.folder / DATAPACKAGE
    if form != "duckdb" and described.is_file():
        package = json.loads(described.read_text(encoding="utf-8"))
        release_files.write_json(folder / DATAPACKAGE, package if form == "parquet" else as_csv(package))
    return sum(path.is_file() for path in folder.rglob("*"))


def _cell(column: str, kind: str) -> str:
    """Decimal comma; and words that a spreadsheet would take for a formula are given as words."""
    if kind.startswith(_NUMBERS):
        return f"replace(cast({column} as varchar), '.', ',')"
    if kind == "VARCHAR":
        return f"case when regexp_matches({column}, '^[=+@]') then '''' || {column} else {column} end"
    return column


def _write_csv(connection: duckdb.DuckDBPyConnection, source: str, path: Path) -> None:
    columns = connection.execute(f"describe from {source}").fetchall()
    selected = ", ".join(f"{_cell(quoted(name), kind)} as {quoted(name)}" for name, kind, *_ in columns)
    connection.execute(
        f"copy (select {selected} from {source}) to {literal(str(path))} (format csv, delimiter ';', header, "
        # a moment with parts of a second is none to Excel, nor to what datapackage.json says of it
        "timestampformat '%Y-%m-%d %H:%M:%S')"
    )
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
