"""Writing to the vault: under the lock of the pipeline, encrypted when it holds real data, all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from orchestration.run_lock import only_run
from orchestration.settings import Settings
from orchestration.vault import key as vault_key
from orchestration.vault import pseudonym
from orchestration.vault.file import (
    VAULT_NOT_WRITTEN,
    VaultWriteError,
    is_encrypted,
    open_vault,
    temporary_folder,
    vault_info,
)
from orchestration.vault.rewrite import remove_leftovers, write_anew


@contextmanager
def vault_for_writing(settings: Settings, comes_real: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The vault under the lock of the pipeline; what an interrupted run left in the temporary folder is removed.

    A vault with real data, or one that real data come to (`comes_real`), is encrypted, a plain one first of all; so is
    every vault when a key of its own is set. Raises VaultWriteError when it cannot be written to: what was committed
    before stands.
    """
    with only_run(settings):
        remove_leftovers(settings)
        connection = _open_protected(settings, comes_real)
        try:
            shutil.rmtree(temporary_folder(settings), ignore_errors=True)
            yield connection
            connection.execute("checkpoint vault")
        except (duckdb.IOException, duckdb.FatalException):
            raise VaultWriteError(VAULT_NOT_WRITTEN) from None
        finally:
            connection.close()
            shutil.rmtree(temporary_folder(settings), ignore_errors=True)


def _open_protected(settings: Settings, comes_real: bool) -> duckdb.DuckDBPyConnection:
    new_key = None
    if comes_real and not settings.vault.exists():
        new_key = _key_for_real_data(settings, None)
    connection = open_vault(settings, new_key=new_key)
    if is_encrypted(settings.vault):
        return connection
    try:
        synthetic = vault_info(connection, "is_synthetic")
        is_real = synthetic == "false" or (comes_real and synthetic is None)
        if not is_real and vault_key.given_key() is None:
            return connection
        key = _key_for_real_data(settings, vault_info(connection, "key_fingerprint"))
    except BaseException:
        connection.close()
        raise
    connection.close()
    write_anew(settings, key)
    return open_vault(settings)


def _key_for_real_data(settings: Settings, fingerprint: str | None) -> str:
    """The vault's own key, or one derived from the pseudonym key, which then must be the vault's.

    Raises KeyMissingError and KeyMismatchError.
    """
    if given := vault_key.given_key():
        return given
    known = pseudonym.load_key(settings, synthetic_only=False)
    pseudonym.check_fingerprint(known, fingerprint)
    return vault_key.derived_key(known)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing. Raises VaultWriteError when it cannot be committed."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        # when the vault can no longer be used, DuckDB has rolled back by itself
        with suppress(duckdb.Error):
            connection.execute("rollback")
        raise
    try:
        connection.execute("commit")
    except duckdb.Error:
        with suppress(duckdb.Error):
            connection.execute("rollback")
        raise VaultWriteError(VAULT_NOT_WRITTEN) from None
