"""The ledger of the vault: what is known of the deliveries, and writing down what happened to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from orchestration.database import attached_rows, one_row
from orchestration.errors import RegisterError
from orchestration.settings import Settings
from orchestration.vault.file import open_vault, vault_info
from orchestration.vault.states import put_states

# deliveries in these states have their rows in the vault
KNOWN_GOOD_STATES = ("accepted", "partly_rejected", "held", "superseded", "forgotten")


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


def remember(connection: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    connection.execute(
        "insert into register.vault_info (info_name, info_value) values ($name, $value)",
        {"name": name, "value": value},
    )


def mappings_changed(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> bool:
    """Whether the mappings are others than at the last run."""
    return vault_info(connection, "mappings_fingerprint") not in (None, fingerprint)


def files_never_read(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, int, int, int]]:
    """The landing files already looked at whose bytes were refused before any row was judged (D01, D02, D03), every time."""
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
    return int(
        one_row(connection.execute("select coalesce(max(delivery_id), 0) + 1 from register.deliveries"))[0]
    )


def deliveries_of(connection: duckdb.DuckDBPyConnection, file_sha256: str) -> list[KnownDelivery]:
    """Every delivery with these bytes, oldest first."""
    # most bytes are new: then the states of the whole ledger need not be worked out
    if not connection.execute(
        "select 1 from register.deliveries where file_sha256 = $digest limit 1", {"digest": file_sha256}
    ).fetchall():
        return []
    found = connection.execute(
        "select delivery_id, state, file_name, verdict from delivery_states "
        "where file_sha256 = $digest order by delivery_id",
        {"digest": file_sha256},
    ).fetchall()
    return [KnownDelivery(*row) for row in found]


def bytes_of(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> tuple[int, str]:
    """Size and digest of the file of a delivery. Raises RegisterError when there is none."""
    found = connection.execute(
        "select file_bytes, file_sha256 from register.deliveries "
        "where delivery_id = $id and file_sha256 is not null",
        {"id": delivery_id},
    ).fetchone()
    if found is None:
        raise RegisterError(f"Leverans {delivery_id} har ingen fil; se numren med bistand deliveries list.")
    return found


def vault_rows(settings: Settings) -> dict[str, int]:
    """Rows per table of the vault, from its own statistics."""
    with open_vault(settings, read_only=True) as connection:
        return attached_rows(connection, "vault")


def months_in_force(settings: Settings) -> int:
    """How many delivery months count at the moment that `settings` builds for."""
    with open_vault(settings, read_only=True) as connection:
        put_states(connection, settings.known_before)
        return int(
            one_row(
                connection.execute("select count(*) from month_states where is_in_force and not is_optional")
            )[0]
        )


def months_taken_in(settings: Settings, delivery_ids: list[int]) -> dict[str, tuple[date, date]]:
    """The first and the last month of each municipality in the deliveries, of those that were not refused."""
    with open_vault(settings, read_only=True) as connection:
        rows = connection.execute(
            "select municipality_code, min(period_month), max(period_month) from register.delivery_months "
            "where state <> 'rejected' and delivery_id in (select unnest($ids)) group by 1 order by 1",
            {"ids": delivery_ids},
        ).fetchall()
    return {code: (first, last) for code, first, last in rows}


def rules_met(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> list[tuple[str, int, str]]:
    """(rule_id, how many, rader|månader|fil) of every rule that a delivery met, in order of rule."""
    return connection.execute(
        """
        select rule_id, sum(rows_count), 'rader' from register.rule_hits where delivery_id = $id group by rule_id
        union all
        select rule_id, count(*), 'månader' from register.delivery_months
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


def record_empty_month(
    connection: duckdb.DuckDBPyConnection, delivery_id: int, municipality_code: str, month: date
) -> None:
    connection.execute(
        "insert into register.delivery_months values "
        "($id, $municipality, $month, 'held', null, 0, 0, 0, 0, 0, 0, 0, null)",
        {"id": delivery_id, "municipality": municipality_code, "month": month},
    )


def files_seen(connection: duckdb.DuckDBPyConnection, names: list[str]) -> set[tuple[str, int, int, int]]:
    """(file_name, file_bytes, modified_ns, inode) of every landing file with one of the names already looked at."""
    return set(
        connection.execute(
            "select file_name, file_bytes, modified_ns, inode from register.landing_files_seen "
            "where file_name in (select unnest($names))",
            {"names": names},
        ).fetchall()
    )


def digests_seen(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, int, int, int], str]:
    """The digest of every landing file already looked at, by its key in `files_seen`."""
    rows = connection.execute(
        "select file_name, file_bytes, modified_ns, inode, file_sha256 from register.landing_files_seen"
    ).fetchall()
    return {tuple(seen): digest for *seen, digest in rows}


def digests_loaded(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, int, int, int], str]:
    """As `digests_seen`, of those whose bytes are wholly loaded: nothing in them waits or was refused."""
    loaded = connection.execute(
        "select distinct file_sha256 from delivery_states "
        "where state in ('accepted', 'superseded', 'forgotten')"
    ).fetchall()
    digests = {digest for (digest,) in loaded}
    return {seen: digest for seen, digest in digests_seen(connection).items() if digest in digests}


def tables_with(connection: duckdb.DuckDBPyConnection, column: str, database: str = "vault") -> list[str]:
    """The tables of the vault that have a column of this name."""
    rows = connection.execute(
        "select columns.table_name from duckdb_columns() as columns "
        "inner join duckdb_tables() as tables using (database_name, schema_name, table_name) "
        "where database_name = $database and schema_name = 'register' and column_name = $column order by 1",
        {"database": database, "column": column},
    ).fetchall()
    return [name for (name,) in rows]


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


def is_declared_empty(
    connection: duckdb.DuckDBPyConnection, municipality_code: str, month: date, kind: str = "declared_empty"
) -> bool:
    """Whether the delivery that counts for the month, of person months or of an optional `kind`, is a declared empty month."""
    of_kind = "not is_optional" if kind == "declared_empty" else "kind = $kind"
    found = connection.execute(
        f"select kind, rows_read from month_states where is_in_force and {of_kind} "
        "and municipality_code = $municipality and period_month = $month",
        {"municipality": municipality_code, "month": month}
        | ({} if kind == "declared_empty" else {"kind": kind}),
    ).fetchone()
    return found is not None and found[0] == kind and found[1] == 0


def rows_in_force(
    connection: duckdb.DuckDBPyConnection, municipality_code: str, month: date, kind: str
) -> int:
    """The rows of the delivery of an optional kind that counts for the month, 0 when none does."""
    found = connection.execute(
        "select rows_loaded from month_states where is_in_force and kind = $kind "
        "and municipality_code = $municipality and period_month = $month",
        {"municipality": municipality_code, "month": month, "kind": kind},
    ).fetchone()
    return found[0] if found else 0


def has_unsettled(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a month of the ledger is not judged yet."""
    return (
        connection.execute(
            "select 1 from register.delivery_months where state = 'held' and rule_id is null limit 1"
        ).fetchone()
        is not None
    )


def households_in_force(connection: duckdb.DuckDBPyConnection, municipality_code: str, month: date) -> int:
    """The households of the delivery that counts for the month, 0 when none does."""
    found = connection.execute(
        "select households_count from month_states "
        "where is_in_force and not is_optional and municipality_code = $municipality and period_month = $month",
        {"municipality": municipality_code, "month": month},
    ).fetchone()
    return found[0] if found else 0


def is_removed(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> bool:
    """Whether the rows of the delivery have been removed for good."""
    return (
        connection.execute(
            "select 1 from register.vault_log where event = 'forgot_delivery' and delivery_id = $id",
            {"id": delivery_id},
        ).fetchone()
        is not None
    )
