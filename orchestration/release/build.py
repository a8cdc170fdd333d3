"""Build a release from the warehouse, put it in force, and find the ones that are there.

A release is built in a temporary folder, verified, renamed to its id, and put in force by swapping the link
`published/current`: the last step a reader can see. A crash before that leaves the release in force as it was.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb

from orchestration.catalog.loader import Catalog, load_catalog
from orchestration.database import attach, literal, open_database, quoted
from orchestration.release import files as release_files
from orchestration.release.derived_tables import derive, derived_comments
from orchestration.release.disclosure import protect
from orchestration.release.files import Comments, ReleaseError
from orchestration.release.store import (
    Release,
    current_release,
    list_releases,
    make_published_folder,
    put_in_force,
    read_release,
    remove_old,
    temporary_folder,
)
from orchestration.run_lock import only_run
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.vault.file import open_vault
from orchestration.warehouse.quality import CHANGE_SUITE, COLUMNS, QualityResult, blocking_failures

__all__ = ["Release", "ReleaseError", "build_release", "current_release", "list_releases"]

_UNKNOWN_COMMIT = "okänd"

_OWN_COMMENTS = {
    "quality_results": Comments(
        "One row per expectation checked before publication.",
        {
            "expectation": "Kravet i en mening.",
            "severity": "blocking stoppar publiceringen, warning visas bara.",
            "observed": "Vad som iakttogs, i sammanfattning.",
            "checked_rows": "Antal kontrollerade rader.",
        },
    ),
    "release_info": Comments(
        "One row: the release itself.",
        {
            "profile": "public döljer små antal, internal visar alla.",
            "is_synthetic": "Sant när registret är påhittat.",
            "as_of": "Dagen då den senaste leveransen i publiceringen togs emot.",
            "municipalities_count": "Antal kommuner med minst en levererad månad.",
        },
    ),
}


def build_release(
    settings: Settings, quality_results: list[QualityResult], progress: Callable[[str], None] | None = None
) -> Release:
    """Build, verify and put in force a release of the warehouse in the profile of `settings`.

    The same warehouse content gives the same release id, and is then not built twice. Raises ReleaseError,
    DisclosureError or CatalogError, and then the release in force is left as it was.
    """
    say = progress or (lambda _: None)
    if failed := blocking_failures(quality_results):
        raise ReleaseError(
            f"Publiceringen stoppades av {len(failed)} kontroller, den första: {failed[0].expectation} "
            f"({failed[0].observed})."
        )
    if not settings.warehouse.is_file():
        raise ReleaseError("Datalagret är inte byggt; kör bistand run först.")
    catalog = load_catalog(settings)
    make_published_folder(settings)
    with only_run(settings), temporary_folder(settings.published) as folder:
        manifest = _write(settings, catalog, quality_results, folder)
        release_files.verify(folder, catalog, settings.profile, manifest["row_counts"])
        say(f"Publiceringen {manifest['release_id']} är skriven och kontrollerad.")
        is_new = put_in_force(settings, folder, manifest["release_id"])
        remove_old(settings, catalog.release.keep_releases)
    say(f"Publiceringen {manifest['release_id']} gäller nu." if is_new else "Inget har ändrats sedan sist.")
    return read_release(settings.published / manifest["release_id"], manifest, is_new)


def _write(settings: Settings, catalog: Catalog, quality_results: list[QualityResult], folder: Path) -> dict:
    """All files of the release into `folder`; returns the manifest."""
    with open_database() as connection:
        connection.execute("set preserve_insertion_order = true")
        # what does not fit in memory lies with the warehouse and not in the folder one happens to stand in
        connection.execute(f"set temp_directory = {literal(str(settings.build / 'tmp'))}")
        attach(connection, settings.warehouse, "warehouse")
        sources, comments = _find_marts(connection, catalog)
        sources["quality_results"] = _quality_table(connection, quality_results)
        protect(connection, catalog, settings.profile, sources)
        comments |= derived_comments()
        info, release_id, checksums = _write_tables(
            connection, folder, catalog, settings.profile, list(sources), comments, quality_results
        )
        database_checksum = release_files.sha256_of(folder / release_files.DATABASE)
        row_counts = {table: release_files.rows_of(connection, folder, table) for table in checksums}
    manifest = {
        "release_id": release_id,
        "profile": settings.profile,
        "as_of": info["as_of"],
        "is_synthetic": info["is_synthetic"],
        "row_counts": row_counts,
        "checksums": {
            release_files.DATABASE: database_checksum,
            **{f"{release_files.PARQUET}/{table}.parquet": value for table, value in checksums.items()},
        },
        "inputs": {
            "deliveries_sha256": _deliveries_digest(settings),
            "catalog_sha256": _catalog_digest(settings),
            "commit": _commit(),
        },
    }
    if any(one.is_accepted for one in quality_results):
        manifest["accepted_changes"] = settings.accepted_because
    release_files.write_manifest(folder, manifest)
    return manifest


def _write_tables(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    catalog: Catalog,
    profile: str,
    tables: list[str],
    comments: dict[str, Comments],
    quality_results: list[QualityResult],
) -> tuple[dict, str, dict[str, str]]:
    """Every table as Parquet and into the database; then what is derived from them, and last release_info, which tells of
    all others.

    Returns the row of release_info, the id of the release and the checksum of each Parquet file.
    """
    by_name = {one.table: one for one in catalog.release.tables}
    checksums: dict[str, str] = {}

    with release_files.writing_database(folder, comments | _OWN_COMMENTS) as write_to_database:

        def write(table: str) -> None:
            source = f"protected.{quoted(table)}"
            checksums[table] = release_files.write_parquet(connection, folder, by_name[table], source)
            write_to_database(by_name[table])
            if by_name[table].origin == "warehouse":
                # what is written is quicker to read again than what it was made from
                connection.execute(
                    f"create or replace view {source} as from {release_files.parquet_of(folder, table)}"
                )

        for table in tables:
            write(table)
        for table in derive(connection, catalog, profile):
            write(table)
        info = _release_info(connection, profile)
        release_id = _release_id(info, checksums, quality_results, comments)
        connection.execute("update protected.release_info set release_id = ?", [release_id])
        write("release_info")
    return info, release_id, checksums


def _find_marts(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog
) -> tuple[dict[str, str], dict[str, Comments]]:
    """Where each released table lies in the warehouse, and what is said of it."""
    found = connection.execute("""
        select table_name, table_schema from information_schema.tables
        where table_catalog = 'warehouse' and table_schema like 'marts%'
    """).fetchall()
    schemas = dict(found)
    said = release_files.warehouse_comments(connection)
    sources: dict[str, str] = {}
    comments: dict[str, Comments] = {}
    for released in catalog.release.tables:
        if released.origin != "warehouse":
            continue
        if released.table not in schemas:
            raise ReleaseError(
                f"Tabellen {released.table} saknas i datalagret; kör bistand run så att den byggs."
            )
        sources[released.table] = f"warehouse.{quoted(schemas[released.table])}.{quoted(released.table)}"
        comments[released.table] = said.get(released.table, Comments(None, {}))
    return sources, comments


def _quality_table(connection: duckdb.DuckDBPyConnection, results: list[QualityResult]) -> str:
    connection.execute(f"create table quality_results ({COLUMNS})")
    if results:
        places = ", ".join("?" for _ in results[0].row())
        connection.executemany(
            f"insert into quality_results values ({places})", [one.row() for one in results]
        )
    return "memory.main.quality_results"


def _release_info(connection: duckdb.DuckDBPyConnection, profile: str) -> dict:
    """Write protected.release_info, still without its id, and return its row."""
    connection.execute(
        """
        create table protected.release_info as
        select
            cast(null as varchar) as release_id,
            cast(? as varchar) as profile,
            coalesce((
                select bool_or(dim_sources.is_synthetic) from protected.dim_sources
                where source_id in (select source_id from protected.indicator_values)
            ), false) as is_synthetic,
            coalesce(
                (select max(as_of) from protected.indicator_values),
                -- official figures alone
                (select max(cast(retrieved_at as date)) from protected.source_datasets)
            ) as as_of,
            cast(count(distinct municipality_code) as integer) as municipalities_count,
            min(period) as first_month,
            max(period) as last_month,
            (
                select string_agg(source_name, '; ' order by source_name) from protected.dim_sources
                where source_id in (select source_id from protected.indicator_values)
            ) as source_label
        from protected.deliveries
        where state = 'accepted'
        """,
        [profile],
    )
    info = connection.execute("select * from protected.release_info").fetchone()
    names = [column[0] for column in connection.description]
    row = dict(zip(names, info, strict=True))
    if row["as_of"] is None:
        raise ReleaseError(
            "Det finns inga levererade månader att publicera; lägg filer i landing/register först."
        )
    return row | {"as_of": row["as_of"].isoformat()}


def _release_id(
    info: dict, checksums: dict[str, str], results: list[QualityResult], comments: dict[str, Comments]
) -> str:
    """`<as_of>-<profile>-<digest>`: the digest covers the figures, their descriptions and the checks.

    Checks that compare with the release before are left out, so that building again changes nothing.
    """
    content = {
        "info": info,
        "tables": {table: value for table, value in checksums.items() if table != "quality_results"},
        "comments": {table: [said.table, said.columns] for table, said in comments.items()},
        "quality": sorted(
            json.dumps(one.row(), ensure_ascii=False)
            for one in results
            if not one.suite.startswith(CHANGE_SUITE)
        ),
    }
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return f"{info['as_of']}-{info['profile']}-{digest[:12]}"


def _deliveries_digest(settings: Settings) -> str | None:
    """One digest over the bytes of every delivery with a month in force, or None without a register."""
    if not settings.vault.is_file():
        return None
    with open_vault(settings, read_only=True) as connection:
        rows = connection.execute(
            """
            select file_sha256 from vault.register.delivery_states($known_before)
            where delivery_id in (
                select delivery_id from vault.register.all_unit_states($known_before) where is_in_force
            )
            order by delivery_id
            """,
            {"known_before": settings.known_before},
        ).fetchall()
    return hashlib.sha256("\n".join(row[0] or "" for row in rows).encode()).hexdigest()


def _catalog_digest(settings: Settings) -> str:
    digest = hashlib.sha256()
    for path in sorted(settings.catalog.glob("*.yml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _commit() -> str:
    """The commit of the code, when it lies in a git work tree."""
    try:
        outcome = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return _UNKNOWN_COMMIT
    return outcome.stdout.strip() or _UNKNOWN_COMMIT
