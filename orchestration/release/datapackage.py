"""`datapackage.json`: a release as a Frictionless Data Package, so that programs know its tables without reading this code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from orchestration.catalog.loader import Catalog
from orchestration.catalog.models import ReleasedTable
from orchestration.database import attach, open_database
from orchestration.release.files import DATABASE, PARQUET

DATAPACKAGE = "datapackage.json"

_TYPES = {
    "VARCHAR": "string", "SMALLINT": "integer", "INTEGER": "integer", "BIGINT": "integer", "DOUBLE": "number",
    "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime",
}  # fmt: skip
# what the end of a column's name says of its values; other units stand in the description or in a column of their own
_UNITS = {"_sek": "SEK", "_share": "share (0-1)"}
# separators as Swedish Excel reads them, and the moments as DuckDB writes them
_CSV_NUMBER = {"decimalChar": ","}
_CSV_MOMENT = {"format": "%Y-%m-%d %H:%M:%S"}


def describe(folder: Path, catalog: Catalog, manifest: dict[str, Any]) -> dict[str, Any]:
    """The descriptor of the Parquet files of a written release: fields, keys, references, checksums, licence, protection.

    Nothing in it depends on when or where it is made: `created` is the day that the release is as of.
    """
    with open_database() as connection:
        attach(connection, folder / DATABASE, "release")
        tables = dict(
            connection.execute(
                "select table_name, comment from duckdb_tables() where database_name = 'release'"
            ).fetchall()
        )
        columns: dict[str, list[tuple[str, str, str | None]]] = {}
        for table, *column in connection.execute(
            "select table_name, column_name, data_type, comment from duckdb_columns() "
            "where database_name = 'release' order by table_name, column_index"
        ).fetchall():
            columns.setdefault(table, []).append((column[0], column[1], column[2]))
    keys = {one.table: one.key for one in catalog.release.tables}
    return {
        **_about(catalog, manifest),
        "resources": [
            _resource(folder, one, keys, tables[one.table], columns[one.table], manifest["checksums"])
            for one in catalog.release.tables
        ],
    }


def _about(catalog: Catalog, manifest: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": f"bistandslagret-{manifest['profile']}",
        "id": manifest["release_id"],
        "title": f"Ekonomiskt bistånd, det som var känt {manifest['as_of']}",
        "version": manifest["release_id"],
        "schema_version": manifest["schema_version"],
        "created": f"{manifest['as_of']}T00:00:00Z",
        "contributors": [{"title": manifest["publisher"], "role": "publisher"}],
        "sources": [{"title": f"{one.publisher}: {one.name}"} for one in catalog.sources],
        "profile_of_release": manifest["profile"],
        "is_synthetic": manifest["is_synthetic"],
        "protection": manifest["protection"],
    }
    # whole counts are not for anyone to use
    if manifest["profile"] == "public":
        about["licenses"] = [{"name": manifest["licence"]}]
    return about


def _resource(
    folder: Path,
    released: ReleasedTable,
    keys: dict[str, list[str]],
    comment: str | None,
    columns: list[tuple[str, str, str | None]],
    checksums: dict[str, str],
) -> dict[str, Any]:
    path = f"{PARQUET}/{released.table}.parquet"
    return {
        "name": released.table,
        "description": comment or "",
        "path": path,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{checksums[path]}",
        "schema": {
            "fields": [_field(*column) for column in columns],
            "primaryKey": released.key,
            "foreignKeys": [
                {"fields": keys[other], "reference": {"resource": other, "fields": keys[other]}}
                for other in released.refers_to
            ],
        },
    }


def _field(name: str, kind: str, comment: str | None) -> dict[str, Any]:
    field = {"name": name, "type": _TYPES[kind], "description": comment or ""}
    unit = next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), None)
    return field | {"unit": unit} if unit else field


def as_csv(package: dict[str, Any]) -> dict[str, Any]:
    """The descriptor of the same tables as files `<table>.csv` with semicolons and decimal commas, one folder for all."""
    resources = []
    for resource in package["resources"]:
        fields = [
            field | {"number": _CSV_NUMBER, "datetime": _CSV_MOMENT}.get(field["type"], {})
            for field in resource["schema"]["fields"]
        ]
        resources.append(
            {name: value for name, value in resource.items() if name not in ("bytes", "hash")}
            | {
                "path": f"{resource['name']}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8-sig",
                "dialect": {"delimiter": ";"},
                "schema": resource["schema"] | {"fields": fields},
            }
        )
    return package | {"resources": resources}
