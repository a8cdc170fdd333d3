"""From snapshots to raw tables: every snapshot known at the moment built for, each row with the snapshot it came in.

Which of them is in force is decided in dbt. What was parsed once is kept as Parquet in build/sources; it can always be
deleted.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.catalog.loader import Catalog
from orchestration.catalog.models import Dataset, Source
from orchestration.database import literal
from orchestration.errors import PlainError
from orchestration.settings import Settings
from orchestration.sources.connector import (
    SourceError,
    connector,
    parse_answer,
    put_together,
    service_of,
    with_service,
)
from orchestration.sources.fetching.snapshots import KeptAnswer, Snapshot, list_outcomes, list_snapshots

_TIME = pa.timestamp("us")

# What is known of the sources themselves, beside the tables of each connector.
COMMON_TABLES = {
    "source_datasets": pa.schema(
        [
            ("source_id", pa.string()),
            ("dataset_id", pa.string()),
            ("dataset_name", pa.string()),
            ("citation", pa.string()),
            ("cadence", pa.string()),
            ("fresh_days", pa.int32()),
            ("sort_order", pa.int32()),
        ]
    ),
    "source_snapshots": pa.schema(
        [
            ("source_id", pa.string()),
            ("dataset_id", pa.string()),
            ("snapshot_number", pa.int32()),
            ("snapshot_id", pa.string()),
            ("retrieved_at", _TIME),
            ("origin", pa.string()),
            ("url", pa.string()),
            ("answers_count", pa.int32()),
            ("rows_count", pa.int64()),
            ("sha256", pa.string()),
        ]
    ),
    "source_outcomes": pa.schema(
        [
            ("source_id", pa.string()),
            ("dataset_id", pa.string()),
            ("attempt_number", pa.int32()),
            ("attempted_at", _TIME),
            ("outcome", pa.string()),
            ("url", pa.string()),
            ("http_status", pa.int32()),
            ("message", pa.string()),
            ("snapshot_id", pa.string()),
            ("rows_count", pa.int64()),
        ]
    ),
}


def source_tables(catalog: Catalog) -> dict[str, pa.Schema]:
    """Every raw table of the sources with its columns; those of a connector begin with the snapshot."""
    tables = dict(COMMON_TABLES)
    for source in with_service(catalog):
        for name, schema in connector(source).TABLES.items():
            tables[name] = schema.insert(0, pa.field("snapshot_number", pa.int32()))
    return tables


def load_source_tables(connection: duckdb.DuckDBPyConnection, settings: Settings, catalog: Catalog) -> None:
    """Replace the raw tables of the sources; empty ones where there is no snapshot. The caller holds the transaction.

    Raises PlainError, naming the snapshot, when one cannot be read.
    """
    tables = source_tables(catalog)
    snapshots = _snapshots(settings, catalog)
    _fill(connection, "source_datasets", tables, _dataset_rows(catalog))
    _fill(connection, "source_snapshots", tables, [_snapshot_row(*one) for one in snapshots])
    _fill(connection, "source_outcomes", tables, _outcome_rows(settings))
    for name in tables:
        if name not in COMMON_TABLES:
            connection.register("empty", tables[name].empty_table())
            connection.execute(f"create or replace table raw.{name} as select * from empty")
            connection.unregister("empty")
    for source, number, snapshot in snapshots:
        for path in parsed_tables(settings, source, snapshot):
            connection.execute(
                f"insert into raw.{path.stem} by name "
                f"select {number} as snapshot_number, * from read_parquet({literal(str(path))})"
            )


def _snapshots(settings: Settings, catalog: Catalog) -> list[tuple[Source, int, Snapshot]]:
    return [
        (source, number, snapshot)
        for source, dataset in _datasets(catalog)
        for number, snapshot in enumerate(
            list_snapshots(settings, source.source_id, dataset.dataset_id, settings.known_before), start=1
        )
    ]


def _datasets(catalog: Catalog) -> Iterator[tuple[Source, Dataset]]:
    return ((source, dataset) for source in with_service(catalog) for dataset in service_of(source).datasets)


def _dataset_rows(catalog: Catalog) -> list[tuple]:
    return [
        (
            *(
                source.source_id,
                one.dataset_id,
                one.name,
                service_of(source).citation,
                one.cadence,
                one.fresh_days,
            ),
            number,
        )
        for number, (source, one) in enumerate(_datasets(catalog), start=1)
    ]


def _snapshot_row(source: Source, number: int, one: Snapshot) -> tuple:
    return (
        *(source.source_id, one.dataset_id, number, one.snapshot_id, one.retrieved_at, one.origin),
        *(one.answers[0].url, len(one.answers), one.rows, one.sha256),
    )


def _outcome_rows(settings: Settings) -> list[tuple]:
    return [
        (
            *(one.source_id, one.dataset_id, number, one.attempted_at, one.outcome, one.url, one.http_status),
            *(one.message, one.snapshot_id, one.rows),
        )
        for number, one in enumerate(list_outcomes(settings, settings.known_before), start=1)
    ]


def _fill(
    connection: duckdb.DuckDBPyConnection, name: str, tables: dict[str, pa.Schema], rows: list[tuple]
) -> None:
    columns: list[Any] = list(zip(*rows, strict=True)) if rows else [[] for _ in tables[name]]
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, tables[name], strict=True)]
    connection.register("filled", pa.table(arrays, schema=tables[name]))
    connection.execute(f"create or replace table raw.{name} as select * from filled")
    connection.unregister("filled")


def _with_file_time(tables: dict[str, pa.Table], answer: KeptAnswer) -> dict[str, pa.Table]:
    """What the file system or the service said of the file, where a table asks for it."""
    return {
        name: table.set_column(
            table.schema.get_field_index("file_time"),
            "file_time",
            pa.array([answer.last_modified] * table.num_rows, pa.string()),
        )
        if "file_time" in table.column_names
        else table
        for name, table in tables.items()
    }


def parsed_tables(settings: Settings, source: Source, snapshot: Snapshot) -> list[Path]:
    """One Parquet file per table of the snapshot, written the first time it is asked for."""
    name = f"{snapshot.snapshot_id}.{connector(source).PARSER_VERSION}"
    folder = settings.build / "sources" / snapshot.source_id / snapshot.dataset_id / name
    if not folder.is_dir():
        unfinished = folder.with_name(f".{name}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        try:
            parsed = [
                _with_file_time(parse_answer(source, snapshot.dataset_id, snapshot.read(one), one.url), one)
                for one in snapshot.answers
            ]
        except (SourceError, OSError) as error:
            raise PlainError(
                f"Ögonblicksbilden {snapshot.source_id}/{snapshot.dataset_id}/{snapshot.snapshot_id} går inte att läsa "
                f"längre: {error} Ta bort mappen och hämta på nytt."
            ) from None
        for table, content in put_together(parsed).items():
            pq.write_table(content, unfinished / f"{table}.parquet")
        unfinished.rename(folder)
    return sorted(folder.glob("*.parquet"))
