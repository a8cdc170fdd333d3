"""The vault written anew: into a file beside it, read back and compared, and put in its place by one rename.

Killed at any moment, the old vault or the new one stands there whole; what was left beside it is removed by the next
writing run. It is done under the lock of the pipeline. The old file's blocks on the disk are freed and not wiped.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.database import attached_rows, literal, sql_text
from orchestration.errors import DISK_FULL, tells_of_full_disk
from orchestration.run_lock import private_files
from orchestration.settings import Settings
from orchestration.vault import key as vault_key
from orchestration.vault.file import (
    VAULT_NOT_WRITTEN,
    VaultBusyError,
    VaultWriteError,
    attach,
    connect,
    is_encrypted,
    no_copying,
    open_vault,
)
from orchestration.vault.upgrade import SCHEMA

# as long as the intake may be at one delivery
_WRITER_SECONDS = 1800


@dataclass(frozen=True)
class Change:
    """What the new vault has otherwise than the old one.

    `prepare` gets the connection before anything is copied, with the old vault as `before`. `tables` holds, by table,
    the query that gives its rows (columns by name); the others are copied. `complete` writes what comes to after the
    copying, in the new vault `vault`; the tables it touches stand in `completed` and are not compared.
    """

    prepare: Callable[[duckdb.DuckDBPyConnection], None] = lambda _: None
    tables: dict[str, str] = field(default_factory=dict)
    complete: Callable[[duckdb.DuckDBPyConnection], None] = lambda _: None
    completed: tuple[str, ...] = ()


def _silent(_: str) -> None:
    pass


def write_anew(
    settings: Settings,
    key: str | None,
    change: Change | None = None,
    progress: Callable[[str], None] = _silent,
) -> None:
    """Writes the vault anew, encrypted with `key` (None: plain). The connection to the old one is closed.

    Raises VaultWriteError when it cannot be written or is not what it should be; the old vault then stands.
    """
    change = change or Change()
    fresh = beside(settings)
    remove_leftovers(settings)
    old_key = vault_key.opening_key() if is_encrypted(settings.vault) else None
    with private_files():
        connection = connect(settings)
        try:
            attach(connection, settings.vault, "before", old_key, read_only=False)
            # a log beside the old file would be taken for the new one's
            connection.execute("checkpoint before")
            change.prepare(connection)
            progress("Registret kopieras.")
            _copy(connection, fresh, key, change)
            progress("Kopian jämförs med registret.")
            _compare(connection, fresh, key, change)
            connection.execute("detach before")
        except (duckdb.IOException, duckdb.FatalException):
            raise VaultWriteError(VAULT_NOT_WRITTEN) from None
        finally:
            connection.close()
        _swap(settings, fresh)
    progress("Registret är utbytt.")


def copy_vault(settings: Settings, target: Path) -> dict[str, int]:
    """A copy of the vault as it is now, encrypted with the same key, read back and compared. Returns rows by table.

    A run may go on meanwhile: it is read as dbt reads it. One who writes to it is waited for, by trying again, and waits in turn
    (`no_copying`). Raises VaultBusyError when that takes too long, VaultWriteError when the copy is not what it should be.
    """
    with no_copying(settings), private_files():
        _wait_for_writer(settings)
        key = vault_key.opening_key() if is_encrypted(settings.vault) else None
        connection = connect(settings)
        try:
            # another process spills into the folder of the vault
            connection.execute(f"set temp_directory = {literal(str(target.with_name('.tmp')))}")
            attach(connection, settings.vault, "before", key)
            _copy(connection, target, key, Change())
            _compare(connection, target, key, Change())
            return attached_rows(connection, "before")
        except (duckdb.IOException, duckdb.FatalException) as problem:
            if tells_of_full_disk(str(problem)):
                raise VaultWriteError(f"Kopian blev inte klar: {DISK_FULL}") from None
            raise VaultWriteError(
                "Kopian blev inte klar: registret gick inte att läsa eller kopian inte att skriva; kontrollera diskarna och kör igen."
            ) from None
        finally:
            connection.close()


def _wait_for_writer(settings: Settings) -> None:
    """Until the vault can be read; opening it also brings an older one up to date. Raises what it meets when time is out."""
    deadline = time.monotonic() + _WRITER_SECONDS
    while True:
        try:
            open_vault(settings, read_only=True).close()
            return
        except VaultBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def remove_leftovers(settings: Settings) -> None:
    """What a writing that was killed left beside the vault."""
    fresh = beside(settings)
    for path in (fresh, _log_of(fresh)):
        path.unlink(missing_ok=True)


def _copy(connection: duckdb.DuckDBPyConnection, fresh: Path, key: str | None, change: Change) -> None:
    attach(connection, fresh, "vault", key, read_only=False)
    connection.execute("use vault")
    connection.execute("begin")
    connection.execute(sql_text(SCHEMA))
    for table, query in _queries(connection, change).items():
        connection.execute(f"insert into vault.register.{table} by name {query}")
    change.complete(connection)
    connection.execute("commit")
    connection.execute("checkpoint vault")
    connection.execute("use memory")
    connection.execute("detach vault")


def _compare(connection: duckdb.DuckDBPyConnection, fresh: Path, key: str | None, change: Change) -> None:
    """Opens the written file with its key and sees that every table holds what was meant."""
    attach(connection, fresh, "vault", key)
    for table, query in _queries(connection, change).items():
        if table in change.completed:
            continue
        meant, written = (
            connection.execute(f"select count(*), sum(hash(told)) from ({rows}) as told").fetchone()
            for rows in (
                query,
                f"select {', '.join(_columns(connection, query))} from vault.register.{table}",
            )
        )
        if meant != written:
            raise VaultWriteError(
                "Registret byttes inte: kopian stämmer inte med det som skulle skrivas; kontrollera disken och kör igen."
            )
    connection.execute("detach vault")


def _queries(connection: duckdb.DuckDBPyConnection, change: Change) -> dict[str, str]:
    """The rows of every table of the old vault, as they are to stand in the new one."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'before' and schema_name = 'register' "
        "order by table_oid"
    ).fetchall()
    return {table: change.tables.get(table, f"select * from before.register.{table}") for (table,) in tables}


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [row[0] for row in connection.execute(f"describe {query}").fetchall()]


def _swap(settings: Settings, fresh: Path) -> None:
    if _log_of(settings.vault).exists() or _log_of(fresh).exists():
        raise VaultWriteError(VAULT_NOT_WRITTEN)
    try:
        fresh.chmod(0o600)
        flush(fresh)
        os.replace(fresh, settings.vault)
        flush(settings.register_folder)
    except OSError:
        raise VaultWriteError(VAULT_NOT_WRITTEN) from None


def flush(path: Path) -> None:
    """Have the system write a file or a folder to the disk, where the file system can."""
    handle = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def beside(settings: Settings) -> Path:
    """Where a vault lies until it is whole and takes the place of the old one."""
    return settings.vault.with_name(f".{settings.vault.name}.ny")


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")
