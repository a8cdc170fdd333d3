"""The vault file and its ledger: opening it, what is known, and writing down what happened to a delivery."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import duckdb

from orchestration.lib.run_lock import make_private_folder, only_run
from orchestration.register import DoorError
from orchestration.settings import Settings

SQL_FOLDER = Path(__file__).parent
# deliveries in these states have their rows in the vault
KNOWN_GOOD_STATES = ("accepted", "partly_rejected", "held", "superseded")
# what a file needs beyond this spills to the temporary folder, so that memory does not grow with the file
_MEMORY_LIMIT_MB = 1024
# a table was made by an earlier version when this table and column are not there yet
_NEWEST_COLUMNS = {
    "deliveries": ("exit_reasons", "exit_reason_code"),
    "delivery_units": ("delivery_units", "households_median"),
}
NO_VAULT = "Registret finns inte ännu; läs in en leverans först."
# DuckDB writes three headers of 4 096 bytes before anything else
_EMPTY_VAULT_BYTES = 3 * 4096
VAULT_NOT_READ = (
    "Registret går inte att läsa: filen är skadad eller läsfel på disken; återställ den från en kopia."
)
VAULT_NOT_WRITTEN = (
    "Registret gick inte att skriva till: disken är full, eller filen är inte skrivbar eller skadad. Det som redan var inläst finns kvar; "
    "frigör plats och kör igen."
)


class VaultBusyError(DoorError):
    """Another process has the vault open."""


class VaultWriteError(DoorError):
    """The vault could not be written to; what was committed before stands."""


class VaultMissingError(DoorError):
    """There is no vault to read yet."""


@dataclass(frozen=True)
class Delivery:
    """One row of register.deliveries. Texts are scrubbed before they get here."""

    delivery_id: int
    kind: str
    file_name: str | None
    file_sha256: str | None
    file_bytes: int | None
    file_format: str | None
    received_at: datetime
    loaded_at: datetime
    state: str
    rule_id: str | None
    message: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    ignored_columns: str | None = None
    is_synthetic: bool | None = None
    mapping_name: str | None = None
    rows_in_file: int = 0
    rows_filtered: int = 0
    lines_skipped: int = 0
    replays_delivery_id: int | None = None


@dataclass(frozen=True)
class KnownDelivery:
    """What is remembered of bytes that were delivered before."""

    delivery_id: int
    state: str
    file_name: str
    verdict: str


@cache
def sql_text(name: str) -> str:
    """The text of one SQL file of the door."""
    return (SQL_FOLDER / name).read_text(encoding="utf-8")


@contextmanager
def private_files() -> Iterator[None]:
    """Files made inside are readable by their owner only, whoever makes them (DuckDB makes its own)."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def open_vault(settings: Settings, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """An open connection to the vault; made with its schema when it is not there (unless `read_only`).

    Folder 0700, file 0600; nothing is ever downloaded; what does not fit in memory spills encrypted into
    `register/tmp`. The vault is attached as `vault` and in use, so its tables are named `register.…`. Raises VaultBusyError when another process has it, VaultMissingError when `read_only`
    and there is none.
    """
    if read_only and not settings.vault.exists():
        raise VaultMissingError(NO_VAULT)
    make_private_folder(settings)
    with private_files():
        connection = _connect(settings, read_only)
        if not read_only:
            try:
                _bring_up_to_date(connection)
                settings.vault.chmod(0o600)
            except (duckdb.IOException, duckdb.FatalException):
                connection.close()
                raise VaultWriteError(VAULT_NOT_WRITTEN) from None
    return connection


def _bring_up_to_date(connection: duckdb.DuckDBPyConnection) -> None:
    """The schema of today; tables of an older vault are made anew around their rows, in one transaction."""
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = 'vault' and schema_name = 'register'"
    ).fetchall()
    old = [
        table
        for table, newest_column in _NEWEST_COLUMNS.items()
        if any(known == table for known, _ in columns) and newest_column not in columns
    ]
    connection.execute("begin")
    for table in old:
        connection.execute(f"create temp table {table}_before as from register.{table}")
        connection.execute(f"drop table register.{table}")
    connection.execute(sql_text("vault.sql"))
    for table in old:
        connection.execute(f"insert into register.{table} by name from temp.{table}_before")
        connection.execute(f"drop table temp.{table}_before")
    connection.execute("commit")


def _connect(settings: Settings, read_only: bool) -> duckdb.DuckDBPyConnection:
    physical_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    config = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": f"{min(_MEMORY_LIMIT_MB, physical_mb // 2)}MB",
        "temp_directory": str(temporary_folder(settings)),
        "temp_file_encryption": "true",
        # many small deliveries in a run: fold the log into the file now and then, not after each of them
        "checkpoint_threshold": "256MB",
    }
    connection = duckdb.connect(config=config)
    # without this DuckDB refuses to encrypt spill files unless an extension is downloaded
    connection.execute("set force_mbedtls_unsafe = 'true'")
    connection.execute("set timezone = 'UTC'")
    path = str(settings.vault).replace("'", "''")
    if settings.vault.exists() and not os.access(settings.vault, os.R_OK if read_only else os.R_OK | os.W_OK):
        connection.close()
        raise VaultWriteError(f"Behörighet saknas till {settings.vault}; ge kontot läs- och skrivrätt.")
    if not read_only and settings.vault.is_file() and settings.vault.stat().st_size < _EMPTY_VAULT_BYTES:
        # its making was interrupted before it could hold anything
        settings.vault.unlink()
    try:
        # attached under a name of its own: a file register.duckdb would else hide its schema register
        connection.execute(f"attach '{path}' as vault {'(read_only)' if read_only else ''}")
    except (duckdb.Error, OSError) as problem:
        connection.close()
        if isinstance(problem, duckdb.IOException) and "lock" not in str(problem):
            raise VaultWriteError(VAULT_NOT_WRITTEN if not read_only else VAULT_NOT_READ) from None
        raise VaultBusyError(
            "Registret går inte att öppna: det används av en annan körning eller är skadat; "
            "vänta tills den andra körningen är klar och försök igen."
        ) from None
    connection.execute("use vault")
    return connection


@contextmanager
def vault_for_writing(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The vault under the lock of the house; what an interrupted run left in the temporary folder is removed.

    Raises VaultWriteError when it cannot be written to: what was committed before stands.
    """
    with private_files(), only_run(settings):
        connection = open_vault(settings)
        try:
            shutil.rmtree(temporary_folder(settings), ignore_errors=True)
            yield connection
            connection.execute("checkpoint vault")
        except (duckdb.IOException, duckdb.FatalException):
            raise VaultWriteError(VAULT_NOT_WRITTEN) from None
        finally:
            connection.close()
            shutil.rmtree(temporary_folder(settings), ignore_errors=True)


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


def temporary_folder(settings: Settings) -> Path:
    return settings.register_folder / "tmp"


def vault_info(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """One remembered fact of the vault (`key_fingerprint`, `is_synthetic`), or None."""
    found = connection.execute(
        "select info_value from register.vault_info where info_name = $name", {"name": name}
    ).fetchone()
    return found[0] if found else None


def remember(connection: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    connection.execute(
        "insert into register.vault_info (info_name, info_value) values ($name, $value)",
        {"name": name, "value": value},
    )


def mappings_changed(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> bool:
    """Whether the mappings are others than at the last run."""
    return vault_info(connection, "mappings_fingerprint") not in (None, fingerprint)


def files_never_read(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, int, int, int]]:
    """Those of `files_seen` whose bytes were refused before any row was judged (D01, D02, D03), every time."""
    return set(
        connection.execute(
            "select file_name, file_bytes, modified_ns, inode from register.landing_files_seen "
            "where file_sha256 in (select file_sha256 from register.deliveries where file_sha256 is not null "
            "group by file_sha256 having bool_and(coalesce(rule_id in ('D01', 'D02', 'D03'), false)))"
        ).fetchall()
    )


def remember_mappings(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> None:
    if vault_info(connection, "mappings_fingerprint") is None:
        remember(connection, "mappings_fingerprint", fingerprint)
    elif mappings_changed(connection, fingerprint):
        connection.execute(
            "update register.vault_info set info_value = $value where info_name = 'mappings_fingerprint'",
            {"value": fingerprint},
        )


def next_delivery_id(connection: duckdb.DuckDBPyConnection) -> int:
    return connection.execute("select coalesce(max(delivery_id), 0) + 1 from register.deliveries").fetchone()[
        0
    ]


def deliveries_of(connection: duckdb.DuckDBPyConnection, file_sha256: str) -> list[KnownDelivery]:
    """Every delivery with these bytes, oldest first."""
    # most bytes are new: then the states of the whole ledger need not be worked out
    if not connection.execute(
        "select 1 from register.deliveries where file_sha256 = $digest limit 1", {"digest": file_sha256}
    ).fetchall():
        return []
    found = connection.execute(
        "select delivery_id, state, file_name, verdict from register.delivery_states(null) "
        "where file_sha256 = $digest order by delivery_id",
        {"digest": file_sha256},
    ).fetchall()
    return [KnownDelivery(*row) for row in found]


def bytes_of(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> tuple[int, str]:
    """Size and digest of the file of a delivery. Raises DoorError when there is none."""
    found = connection.execute(
        "select file_bytes, file_sha256 from register.deliveries "
        "where delivery_id = $id and file_sha256 is not null",
        {"id": delivery_id},
    ).fetchone()
    if found is None:
        raise DoorError(f"Leverans {delivery_id} har ingen fil; se numren med bistand deliveries list.")
    return found


def months_in_force(settings: Settings) -> int:
    """How many units count at the moment that `settings` builds for."""
    with open_vault(settings, read_only=True) as connection:
        return connection.execute(
            "select count(*) from register.unit_states($known_before) where is_in_force",
            {"known_before": settings.known_before},
        ).fetchone()[0]


def rules_met(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> list[tuple[str, int, str]]:
    """(rule_id, how many, rader|månader|fil) of every rule that a delivery met, in order of rule."""
    return connection.execute(
        """
        select rule_id, sum(rows_count), 'rader' from register.rule_hits where delivery_id = $id group by rule_id
        union all
        select rule_id, count(*), 'månader' from register.delivery_units
        where delivery_id = $id and rule_id = 'D05' group by rule_id
        union all
        select rule_id, 1, 'fil' from register.deliveries
        where delivery_id = $id and rule_id in ('D01', 'D02', 'D03', 'D06')
        order by rule_id
        """,
        {"id": delivery_id},
    ).fetchall()


def record_delivery(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    fields = vars(delivery)
    connection.execute(
        f"insert into register.deliveries ({', '.join(fields)}) values ({', '.join('$' + name for name in fields)})",
        fields,
    )


def record_empty_unit(
    connection: duckdb.DuckDBPyConnection, delivery_id: int, municipality_code: str, month: date
) -> None:
    connection.execute(
        "insert into register.delivery_units values "
        "($id, $municipality, $month, 'accepted', null, 0, 0, 0, 0, 0, 0, 0, null)",
        {"id": delivery_id, "municipality": municipality_code, "month": month},
    )


def files_seen(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, int, int, int]]:
    """(file_name, file_bytes, modified_ns, inode) of every landing file already looked at."""
    return set(
        connection.execute(
            "select file_name, file_bytes, modified_ns, inode from register.landing_files_seen"
        ).fetchall()
    )


def remember_file(
    connection: duckdb.DuckDBPyConnection,
    file_name: str,
    file_bytes: int,
    modified_ns: int,
    inode: int,
    received_at: datetime,
    file_sha256: str,
) -> None:
    """So that the next run need not open the file."""
    connection.execute(
        "insert into register.landing_files_seen values ($name, $size, $received_at, $modified_ns, $inode, $digest)",
        {
            "name": file_name,
            "size": file_bytes,
            "received_at": received_at,
            "modified_ns": modified_ns,
            "inode": inode,
            "digest": file_sha256,
        },
    )


def is_declared_empty(connection: duckdb.DuckDBPyConnection, municipality_code: str, month: date) -> bool:
    """Whether the delivery that counts for the unit is a declared empty month."""
    found = connection.execute(
        "select delivery.kind from register.units_in_force as unit "
        "inner join register.deliveries as delivery on unit.delivery_id = delivery.delivery_id "
        "where unit.municipality_code = $municipality and unit.period_month = $month",
        {"municipality": municipality_code, "month": month},
    ).fetchone()
    return found is not None and found[0] == "declared_empty"
