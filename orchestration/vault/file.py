"""The one place that opens the file of the vault, encrypted or not, and what can go wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from orchestration.database import Config, extension_file, literal
from orchestration.errors import RegisterError
from orchestration.machine import physical_memory
from orchestration.run_lock import make_private_folder, private_files
from orchestration.settings import Settings
from orchestration.vault import key as vault_key
from orchestration.vault.states import put_states
from orchestration.vault.upgrade import SCHEMA_VERSION, bring_up_to_date, schema_version

# what a file needs beyond this spills to the temporary folder, so that memory does not grow with the file; half of it
# for each thread is enough to sort and join by (measured with 2, 8 and 16 threads)
_MEMORY_MB = 512
_MEMORY_PER_THREAD_MB = 128
TOO_NEW = (
    "Registret är skrivet av en senare version av Biståndslagret; installera den versionen och kör igen."
)
NO_VAULT = "Registret finns inte ännu; läs in en leverans först."
# DuckDB writes three headers of 4 096 bytes before anything else
_EMPTY_VAULT_BYTES = 3 * 4096
# a copy of a large vault takes minutes on a slow disk
_COPY_SECONDS = 1800
# the file begins with a checksum (8 bytes), DUCK, a version (8) and flags (8), of which the lowest says encrypted
_FLAGS_AT = 20
VAULT_NOT_READ = (
    "Registret går inte att läsa: filen är skadad eller läsfel på disken; återställ den från en kopia."
)
VAULT_NOT_WRITTEN = (
    "Registret gick inte att skriva till: disken är full, eller filen är inte skrivbar eller skadad. Det som redan var inläst finns kvar; "
    "frigör plats och kör igen."
)


class VaultBusyError(RegisterError):
    """Another process has the vault open."""


class VaultWriteError(RegisterError):
    """The vault could not be written to; what was committed before stands."""


class VaultTooNewError(RegisterError):
    """The vault was written by a later version of the code."""


class VaultMissingError(RegisterError):
    """There is no vault to read yet."""


def open_vault(
    settings: Settings, read_only: bool = False, new_key: str | None = None
) -> duckdb.DuckDBPyConnection:
    """An open connection to the vault; made with its schema when it is not there (unless `read_only`).

    Folder 0700, file 0600; nothing is ever downloaded; what does not fit in memory spills encrypted into
    `register/tmp`. The vault is attached as `vault` and in use, so its tables are named `register.…`; beside them stand
    `month_states` and `delivery_states` (states.py), as of now. An older vault is brought up to date. A new vault is
    encrypted with `new_key`, or with the vault's own key when one is set. Raises VaultBusyError when another process
    has it, VaultMissingError when `read_only` and there is none, VaultKeyError without the right key, VaultTooNewError when
    later code wrote it.
    """
    if read_only and not settings.vault.exists():
        raise VaultMissingError(NO_VAULT)
    make_private_folder(settings)
    with private_files():
        connection = connect(settings)
        try:
            with nullcontext() if read_only else no_copying(settings):
                attach_own(connection, settings, read_only, new_key)
            version = schema_version(connection)
            if version > SCHEMA_VERSION:
                raise VaultTooNewError(TOO_NEW)
            if read_only and version < SCHEMA_VERSION:
                connection.close()
                open_vault(settings).close()
                return open_vault(settings, read_only)
            if not read_only:
                try:
                    bring_up_to_date(connection)
                    settings.vault.chmod(0o600)
                except (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException):
                    raise VaultWriteError(VAULT_NOT_WRITTEN) from None
            put_states(connection)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def no_copying(settings: Settings) -> Iterator[None]:
    """Held by one who copies the vault, and for a moment by one who opens it for writing: so that a copy which is being made is
    waited for, and does not stop a run. Raises VaultBusyError when it is not done in time."""
    lock = FileLock(
        settings.register_folder / ".copying", timeout=_COPY_SECONDS, mode=0o600, is_singleton=True
    )
    try:
        lock.acquire()
    except Timeout:
        raise VaultBusyError(
            "Registret går inte att öppna: det säkerhetskopieras; vänta tills kopian är klar och försök igen."
        ) from None
    try:
        yield
    finally:
        lock.release()


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection in memory, with what the vault needs: encryption, spilling into a folder of its own, UTC."""
    config: Config = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        # its signature takes longer to check than a small delivery to load: once in a process is enough
        "allow_unsigned_extensions": str(_is_signed()).lower(),
        "temp_directory": str(temporary_folder(settings)),
        "temp_file_encryption": "true",
        # many small deliveries in a run: fold the log into the file now and then, not after each of them
        "checkpoint_threshold": "256MB",
    }
    connection = duckdb.connect(config=config)
    load_encryption(connection)
    connection.execute("set timezone = 'UTC'")
    _limit_memory(connection)
    return connection


def _limit_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """The same memory whatever the size of the file, and no more threads than it is enough for."""
    [(threads,)] = connection.execute("select current_setting('threads')").fetchall()
    physical_mb = physical_memory() // 2**20
    memory_mb = min(max(_MEMORY_MB, threads * _MEMORY_PER_THREAD_MB), physical_mb // 2)
    connection.execute(f"set memory_limit = '{memory_mb}MB'")
    connection.execute(f"set threads = {max(1, min(threads, memory_mb // _MEMORY_PER_THREAD_MB))}")


def load_encryption(connection: duckdb.DuckDBPyConnection) -> None:
    """Load OpenSSL into DuckDB, from the installed package: without it DuckDB writes nothing encrypted.

    It comes with the extension that also fetches over the network, so that part is shut off. Raises RegisterError when the
    package is not installed.
    """
    extension = extension_file("httpfs")
    if extension is None:
        raise RegisterError(
            "Krypteringen saknas: paketet duckdb-extension-httpfs är inte installerat; installera om Biståndslagret."
        )
    try:
        connection.execute(f"load {literal(str(extension))}")
    except duckdb.Error:
        raise RegisterError(
            "Krypteringen gick inte att ladda: paketet duckdb-extension-httpfs passar inte ihop med duckdb; "
            "installera om Biståndslagret."
        ) from None
    connection.execute("set disabled_filesystems = 'HTTPFileSystem,S3FileSystem,HuggingFaceFileSystem'")


@cache
def _is_signed() -> bool:
    """True when DuckDB has found the signature of the installed extension right. Raises RegisterError when it has not."""
    with duckdb.connect() as connection:
        load_encryption(connection)
    return True


def is_encrypted(path: Path) -> bool:
    """Whether a database file says that it is encrypted; False for what is no such file."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(_FLAGS_AT + 1)
        return head[8:12] == b"DUCK" and len(head) > _FLAGS_AT and bool(head[_FLAGS_AT] & 1)
    return False


def attach(
    connection: duckdb.DuckDBPyConnection, path: Path, alias: str, key: str | None, read_only: bool = True
) -> None:
    """Attach the file of a vault. The key is a parameter and so in no statement. Raises VaultKeyError, duckdb.Error."""
    options = ["encryption_key $key"] * (key is not None) + ["read_only"] * read_only
    given = f" ({', '.join(options)})" if options else ""
    try:
        connection.execute(
            f"attach {literal(str(path))} as {alias}{given}", {"key": key} if key is not None else None
        )
    except duckdb.InvalidInputException as problem:
        if "encryption key" in str(problem):
            raise vault_key.VaultKeyError(vault_key.WRONG_KEY) from None
        raise


def attach_for_reading(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Attach the vault as `vault`, read-only, to a connection that somebody else opened."""
    key = None
    if is_encrypted(path):
        load_encryption(connection)
        key = vault_key.opening_key()
    attach(connection, path, "vault", key)


def attach_own(
    connection: duckdb.DuckDBPyConnection, settings: Settings, read_only: bool, new_key: str | None = None
) -> None:
    """Attach the vault of a home as `vault`, as it stands there, and use it. Raises as `open_vault`."""
    path = settings.vault
    if path.exists() and not os.access(path, os.R_OK if read_only else os.R_OK | os.W_OK):
        raise VaultWriteError(f"Behörighet saknas till {path}; ge kontot läs- och skrivrätt.")
    if not read_only and path.is_file() and path.stat().st_size < _EMPTY_VAULT_BYTES:
        # its making was interrupted before it could hold anything
        path.unlink()
    if not path.exists():
        key = new_key or vault_key.given_key()
    else:
        key = vault_key.opening_key() if is_encrypted(path) else None
    try:
        # attached under a name of its own: a file register.duckdb would else hide its schema register
        attach(connection, path, "vault", key, read_only)
    except (duckdb.Error, OSError) as problem:
        if isinstance(problem, duckdb.IOException) and "lock" not in str(problem):
            raise VaultWriteError(VAULT_NOT_WRITTEN if not read_only else VAULT_NOT_READ) from None
        raise VaultBusyError(
            "Registret går inte att öppna: det används av en annan körning eller är skadat; "
            "vänta tills den andra körningen är klar och försök igen."
        ) from None
    connection.execute("use vault")


def temporary_folder(settings: Settings) -> Path:
    return settings.register_folder / "tmp"


def vault_info(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """One remembered fact of the vault (`key_fingerprint`, `is_synthetic`), or None."""
    found = connection.execute(
        "select info_value from register.vault_info where info_name = $name", {"name": name}
    ).fetchone()
    return found[0] if found else None
