"""Build a release from the marts of the warehouse, put it in force, and find the ones that are there.

A release is built in a temporary folder, verified, renamed to its id, and put in force by swapping the link
`published/<profile>/current`: the last step a reader can see. A crash before that leaves the release in force as it was.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from orchestration.catalog.loader import Catalog, load_catalog, protection_rules
from orchestration.catalog.models import ReleasedTable
from orchestration.database import attach, literal, one_row, open_database, quoted
from orchestration.release import files as release_files
from orchestration.release.compare import as_dictionary, compare
from orchestration.release.datapackage import DATAPACKAGE, describe
from orchestration.release.files import Comments, ReleaseError
from orchestration.release.store import (
    Release,
    current_release,
    is_to_be_withdrawn,
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
from orchestration.vault.states import put_states
from orchestration.warehouse.quality import (
    CHANGE_SUITE,
    QualityResult,
    blocking_failures,
    load_into_warehouse,
)

__all__ = ["Release", "ReleaseError", "build_release", "current_release", "list_releases"]

_UNKNOWN_COMMIT = "okänd"
# of the released tables: another when a table or a column goes or changes meaning
SCHEMA_VERSION = 4
_INFO = "release_info"


def build_release(
    settings: Settings, quality_results: list[QualityResult], progress: Callable[[str], None] | None = None
) -> Release:
    """Build, verify and put in force a release of the warehouse in the profile of `settings`.

    The same warehouse content gives the same release id, and is then not built twice. Raises ReleaseError,
    or CatalogError, and then the release in force is left as it was.
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
        release_files.verify(folder, catalog, manifest["row_counts"])
        if settings.profile == "public" and not (settings.published / manifest["release_id"]).exists():
            # numpy and the like, which an internal release does not need
            from orchestration.release.attack import attack_release, refuse_disclosive

            say("Attack: vad går att räkna fram ur det som visas?")
            refuse_disclosive(attack_release(folder))
        say(f"Publiceringen {manifest['release_id']} är skriven och kontrollerad.")
        is_new = put_in_force(settings, folder, manifest["release_id"])
        remove_old(settings, catalog.release)
    say(f"Publiceringen {manifest['release_id']} gäller nu." if is_new else "Inget har ändrats sedan sist.")
    return read_release(settings.published / manifest["release_id"], manifest, is_new)


def _write(
    settings: Settings, catalog: Catalog, quality_results: list[QualityResult], folder: Path
) -> dict[str, Any]:
    """All files of the release into `folder`; returns the manifest."""
    load_into_warehouse(settings, quality_results)
    before = current_release(settings)
    # a damaged one is written anew, and there is nothing to compare with
    before = before if before and release_files.is_whole(before.folder) else None
    before_manifest = (release_files.read_manifest(before.folder) if before else None) or {}
    with open_database() as connection:
        connection.execute("set preserve_insertion_order = true")
        # what does not fit in memory lies with the warehouse and not in the folder one happens to stand in
        connection.execute(f"set temp_directory = {literal(str(settings.build / 'tmp'))}")
        attach(connection, settings.warehouse, "warehouse")
        sources = _find_tables(connection, catalog)
        info = _release_info(connection, settings)
        comments = release_files.warehouse_comments(connection)
        comments = {
            name: comments.get(name, Comments(None, {})) for name in [*sources, *catalog.release.views]
        }
        release_id, checksums = _write_tables(
            connection, folder, catalog, sources, comments, info, quality_results
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
            "commit": _git("rev-parse", "HEAD") or _UNKNOWN_COMMIT,
            # None when nobody can tell
            "is_code_unchanged": None if (changed := _git("status", "--porcelain")) is None else not changed,
        },
        "schema_version": SCHEMA_VERSION,
        "licence": catalog.release.licence,
        "publisher": catalog.release.publisher,
        "protection": {
            name: value or None for name, value in protection_rules(settings)[settings.profile].items()
        },
        "release_before": before.release_id if before else None,
    }
    if any(one.is_accepted for one in quality_results):
        manifest["accepted_changes"] = settings.accepted_because
    release_files.write_manifest(folder, manifest)
    is_other = before is not None and before.release_id != release_id
    # what differs from a release with an erased person in it would show where the person was
    is_withheld = before is not None and is_to_be_withdrawn(settings, before.release_id)
    changes = (
        compare(before, read_release(folder, manifest), (before_manifest, manifest))
        if before and is_other and not is_withheld
        else []
    )
    release_files.write_json(folder / DATAPACKAGE, describe(folder, catalog, manifest))
    release_files.write_json(
        folder / "changes.json", as_dictionary(manifest["release_before"], changes, is_withheld)
    )
    release_files.write_checksums(folder)
    return manifest


def _write_tables(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    catalog: Catalog,
    sources: dict[str, str],
    comments: dict[str, Comments],
    info: dict[str, Any],
    quality_results: list[QualityResult],
) -> tuple[str, dict[str, str]]:
    """Every table as Parquet and into the database, release_info last, since its id tells of all others.

    Returns the id of the release and the checksum of each Parquet file.
    """
    checksums: dict[str, str] = {}
    views = release_files.view_definitions(connection, catalog)
    with release_files.writing_database(folder, comments, views) as write_to_database:

        def write(released: ReleasedTable, source: str) -> None:
            checksums[released.table] = release_files.write_parquet(
                connection, folder, released, source, comments[released.table]
            )
            write_to_database(released)

        for released in catalog.release.tables:
            if released.table != _INFO:
                write(released, sources[released.table])
        release_id = _release_id(info, checksums, quality_results, comments, views)
        connection.execute(
            f"create table {_INFO} as select * replace ({literal(release_id)} as release_id) from {sources[_INFO]}"
        )
        write(next(one for one in catalog.release.tables if one.table == _INFO), f"memory.main.{_INFO}")
    return release_id, checksums


def _find_tables(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> dict[str, str]:
    """Where each released table is read in the warehouse."""
    found = set(
        connection.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = 'warehouse'"
        ).fetchall()
    )
    sources: dict[str, str] = {}
    for released in catalog.release.tables:
        if (released.in_schema, released.table) not in found:
            raise ReleaseError(
                f"Tabellen {released.table} saknas i datalagret; kör bistand run så att den byggs."
            )
        sources[released.table] = f"warehouse.{released.in_schema}.{quoted(released.table)}"
    return sources


def _release_info(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, Any]:
    """The row of release_info, still without its id. Raises ReleaseError when the warehouse is not protected for the profile
    of `settings`, or holds nothing to release."""
    info = one_row(connection.execute(f"select * from warehouse.meta.{_INFO}"))
    row = dict(zip([column[0] for column in connection.description], info, strict=True))
    if row["profile"] != settings.profile:
        raise ReleaseError(
            f"Datalagret är skyddat för profilen {row['profile']} och inte {settings.profile}; kör bistand run igen."
        )
    if row["as_of"] is None:
        raise ReleaseError(
            "Det finns inga levererade månader att publicera; lägg filer i landing/register först."
        )
    return row | {"as_of": row["as_of"].isoformat()}


def _release_id(
    info: dict[str, Any],
    checksums: dict[str, str],
    results: list[QualityResult],
    comments: dict[str, Comments],
    views: dict[str, str],
) -> str:
    """`<as_of>-<profile>-<digest>`: the digest covers the figures, their descriptions and the checks.

    Checks that compare with the release before are left out, so that building again changes nothing.
    """
    content = {
        "info": info,
        "tables": {table: value for table, value in checksums.items() if table != "quality_results"},
        "comments": {table: [said.table, said.columns] for table, said in comments.items()},
        "views": views,
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
        put_states(connection, settings.known_before)
        rows = connection.execute(
            "select file_sha256 from register.deliveries "
            "where delivery_id in (select delivery_id from month_states where is_in_force) order by delivery_id"
        ).fetchall()
    return hashlib.sha256("\n".join(row[0] or "" for row in rows).encode()).hexdigest()


def _catalog_digest(settings: Settings) -> str:
    digest = hashlib.sha256()
    for path in sorted(settings.catalog.glob("*.yml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _git(*arguments: str) -> str | None:
    """What git says of the code, or None when it does not lie in a git work tree."""
    try:
        outcome = subprocess.run(
            ["git", *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return outcome.stdout.strip()
