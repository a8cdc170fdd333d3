"""The delivered files once they are loaded: left where they lie, moved into an encrypted archive, or removed, by setting.

An archived original is a DuckDB file of its own, encrypted with a key that lies in the vault: whoever has the vault's key
has the archive, and a new key for the vault needs no archive to be written anew.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import duckdb

from orchestration.database import literal
from orchestration.errors import RegisterError
from orchestration.intake.deliveries.landing import LandingFile, look_in_landing
from orchestration.run_lock import private_files
from orchestration.settings import Settings
from orchestration.vault import ledger
from orchestration.vault.file import VAULT_NOT_WRITTEN, VaultWriteError, open_vault, vault_info
from orchestration.vault.rewrite import flush

_PART_BYTES = 4 * 2**20
# the smallest that DuckDB has: a file of one small municipality should not become a large one
_BLOCK_BYTES = 16384


def archived(settings: Settings, file_sha256: str) -> Path:
    """Where the archived bytes with this digest lie, whether they are there or not."""
    return settings.archive / f"{file_sha256}.duckdb"


def put_away(
    settings: Settings, connection: duckdb.DuckDBPyConnection, progress: Callable[[str], None]
) -> None:
    """Archives or removes what lies in landing and is loaded, as the setting says; what waits or was refused stays.

    What is on disk is looked at, so that a run that was killed is made good by the next. Links stay too: the file behind
    one is somebody else's. Raises VaultWriteError when the archive cannot be written.
    """
    for leftover in settings.archive.glob(".*.ny*"):
        leftover.unlink()
    if settings.originals == "left":
        return
    loaded = ledger.digests_loaded(connection)
    moved = 0
    for file in look_in_landing(settings).files:
        digest = loaded.get(file.seen_key)
        if digest is None or file.path.is_symlink():
            continue
        if settings.originals == "archived" and not _archive(settings, connection, file, digest):
            continue
        with suppress(FileNotFoundError):
            file.path.unlink()
        moved += 1
    if moved:
        what = "arkiverade" if settings.originals == "archived" else "borttagna"
        progress(f"Original efter inläsning: {moved} {what}.")


def _archive(
    settings: Settings, connection: duckdb.DuckDBPyConnection, file: LandingFile, digest: str
) -> bool:
    """Writes the file into the archive and reads it back. False when its bytes are no longer those that were loaded."""
    final = archived(settings, digest)
    beside = final.with_name(f".{digest}.ny")
    try:
        with private_files():
            settings.archive.mkdir(exist_ok=True)
            settings.archive.chmod(0o700)
            if not final.exists():
                _write_parts(connection, file.path, beside, _key(connection, make=True))
                if _digest(connection, beside) != digest:
                    beside.unlink()
                    return False
                beside.chmod(0o600)
                flush(beside)
                os.replace(beside, final)
                flush(settings.archive)
    except (duckdb.IOException, duckdb.FatalException, OSError):
        raise VaultWriteError(VAULT_NOT_WRITTEN) from None
    return True


def _write_parts(connection: duckdb.DuckDBPyConnection, source: Path, target: Path, key: str) -> None:
    with _attached(connection, target, key, f", block_size {_BLOCK_BYTES}"), source.open("rb") as content:
        connection.execute("create table original.parts (part_number integer, part_bytes blob)")
        number = 0
        while part := content.read(_PART_BYTES):
            connection.execute(
                "insert into original.parts values ($number, $part)", {"number": number, "part": part}
            )
            number += 1
        connection.execute("checkpoint original")


def _digest(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    digest = hashlib.sha256()
    for part in _parts(connection, path):
        digest.update(part)
    return digest.hexdigest()


def _parts(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[bytes]:
    with _attached(connection, path, _key(connection), ", read_only"):
        [(count,)] = connection.execute("select count(*) from original.parts").fetchall()
        for number in range(count):
            [(part,)] = connection.execute(
                "select part_bytes from original.parts where part_number = $number", {"number": number}
            ).fetchall()
            yield part


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, path: Path, key: str, more: str) -> Iterator[None]:
    connection.execute(f"attach {literal(str(path))} as original (encryption_key $key{more})", {"key": key})
    try:
        yield
    finally:
        connection.execute("detach original")


def _key(connection: duckdb.DuckDBPyConnection, make: bool = False) -> str:
    """The key of the archive, out of the vault that is attached as `vault` or (while it is written anew) `before`."""
    known = vault_info(connection, "archive_key")
    if known is None and make:
        known = secrets.token_hex(32)
        ledger.remember(connection, "archive_key", known)
    if known is None:
        raise RegisterError("Registret har ingen nyckel till arkivet; originalet går inte att läsa.")
    return known


def write_back(
    settings: Settings, connection: duckdb.DuckDBPyConnection, file_sha256: str, target: Path
) -> None:
    """Writes the archived bytes into `target`, for the owner only. Raises RegisterError when they are not in the archive,
    are not what they were, or `target` is there already."""
    path = archived(settings, file_sha256)
    if not path.exists():
        raise RegisterError("Originalet finns inte i arkivet.")
    digest = hashlib.sha256()
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for part in _parts(connection, path):
                digest.update(part)
                file.write(part)
    except FileExistsError:
        raise RegisterError(f"{target} finns redan; flytta den eller välj en annan mapp med --to.") from None
    except duckdb.Error:
        target.unlink(missing_ok=True)
        raise RegisterError(
            f"Originalet i arkivet är skadat ({path.name}); återställ det från en kopia."
        ) from None
    if digest.hexdigest() != file_sha256:
        target.unlink(missing_ok=True)
        raise RegisterError(f"Originalet i arkivet är skadat ({path.name}); återställ det från en kopia.")


def restore(settings: Settings, delivery_id: int, folder: Path) -> Path:
    """Writes the archived original of a delivery into `folder`; returns its path. Raises RegisterError."""
    with open_vault(settings, read_only=True) as connection:
        _, digest = ledger.bytes_of(connection, delivery_id)
        [(name,)] = connection.execute(
            "select file_name from register.deliveries where delivery_id = $id", {"id": delivery_id}
        ).fetchall()
        target = folder / PurePosixPath(name).name
        write_back(settings, connection, digest, target)
    return target
