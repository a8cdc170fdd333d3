"""Retention and erasure: months before a border, or one person, taken out of the vault for good.

DuckDB frees the blocks of deleted rows and leaves their bytes, so the vault is written anew without them. What else
holds the rows goes first (the warehouse, reports, archived originals): killed in between, the same command is given again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import duckdb

from orchestration.database import one_row
from orchestration.errors import RegisterError
from orchestration.intake.deliveries import originals
from orchestration.intake.deliveries.landing import look_in_landing
from orchestration.intake.deliveries.reports import bring_reports_up_to_date, report_paths
from orchestration.release.store import Release
from orchestration.release.withdrawal import mark
from orchestration.run_lock import only_run
from orchestration.settings import Settings, utc_now
from orchestration.vault import ledger, pseudonym
from orchestration.vault.file import NO_VAULT, VaultMissingError, is_encrypted, open_vault, vault_info
from orchestration.vault.key import opening_key
from orchestration.vault.rewrite import Change, write_anew
from orchestration.vault.writing import vault_for_writing

_NOT_A_NUMBER = "Personnumret går inte att läsa: skriv tolv siffror, eller tio med bindestreck eller plus; inget är ändrat."
_ONE_CENTURY = "Två personer har de tio siffrorna: skriv personnumret med alla tolv; inget är ändrat."


@dataclass(frozen=True)
class Forgotten:
    """What was taken out: rows of persons, from how many deliveries; landing files that still hold them (names); releases that
    are withdrawn because of it."""

    rows: int
    deliveries: int
    files_left: tuple[str, ...]
    releases: tuple[Release, ...] = ()


def _silent(_: str) -> None:
    pass


def forget_months(settings: Settings, before: date, progress: Callable[[str], None] = _silent) -> Forgotten:
    """Removes every row of a person, and of quarantine, in months before the first of `before`.

    The ledger keeps its counts; the months are `forgotten`, which is as if they had not been delivered, at every moment
    asked for. Raises RegisterError when the border lies before an earlier one, or in the future.
    """
    if before > utc_now().date().replace(day=1):
        raise RegisterError("Månaden har inte varit än; skriv en månad till och med den här som ÅÅÅÅ-MM.")
    with only_run(settings):
        with _writable(settings) as connection:
            known = border(connection)
            if known is not None and before < known:
                raise RegisterError(
                    f"Månader före {known:%Y-%m} är redan gallrade; gränsen flyttas bara framåt. Inget är ändrat."
                )
            chosen = f"period_month < date '{before}'"
            # found by their column, so that a new table is never left out
            of_persons = ledger.tables_with(connection, "person_id")
            rows, found = _size(connection, chosen, of_persons)
            with_originals = _deliveries(
                connection, f"select delivery_id from register.delivery_months where {chosen}"
            )
            left = _remove_beside(settings, connection, with_originals)
        tables = {
            table: f"select * from before.register.{table} where period_month >= date '{before}'"
            for table in (*of_persons, "erased_rows", "hand_counts")
        }
        tables["quarantine"] = (
            f"select * from before.register.quarantine where period_month is null or not ({chosen})"
        )
        tables["decisions"] = (
            "select * replace (case when not (" + chosen + ") then reason end as reason) "
            "from before.register.decisions"
        )
        change = Change(
            tables=tables,
            complete=lambda fresh: log(fresh, "forgot_months", len(found), rows, before),
            completed=("vault_log",),
        )
        _write(settings, change, progress)
    return Forgotten(rows, len(found), left)


def forget_delivery(
    settings: Settings, delivery_id: int, progress: Callable[[str], None] = _silent
) -> Forgotten:
    """Removes every row that came with a delivery that a person has rejected, or the intake: one that belongs elsewhere.

    The ledger keeps its counts and that it was rejected; it cannot be accepted any more. Raises RegisterError when it does not
    exist, or one of its months counts, has counted or waits: then nothing is changed.
    """
    with only_run(settings):
        with _writable(settings) as connection:
            _stop_unless_rejected(connection, delivery_id)
            chosen = f"delivery_id = {delivery_id:d}"
            of_persons = ledger.tables_with(connection, "person_id")
            rows, _ = _size(connection, chosen, of_persons)
            left = _remove_beside(settings, connection, [delivery_id])
        change = Change(
            tables={
                table: f"select * from before.register.{table} where not ({chosen})"
                for table in (*of_persons, "erased_rows", "quarantine", "hand_counts")
            },
            complete=lambda fresh: log(fresh, "forgot_delivery", 1, rows, delivery_id=delivery_id),
            completed=("vault_log",),
        )
        _write(settings, change, progress)
    return Forgotten(rows, 1, left)


def _stop_unless_rejected(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> None:
    states = connection.execute(
        "select state from delivery_states where delivery_id = $id", {"id": delivery_id}
    ).fetchone()
    if states is None:
        raise RegisterError(f"Leverans {delivery_id} finns inte; se numren med bistand deliveries list.")
    if states[0] != "rejected":
        raise RegisterError(
            f"Leverans {delivery_id} är inte avvisad; avvisa den först med bistand deliveries reject {delivery_id}."
        )


def erase_person(settings: Settings, typed: str, progress: Callable[[str], None] = _silent) -> Forgotten:
    """Removes every row of one person, in every delivery. `typed` is a personnummer in any form that the intake reads.

    What the household had on those rows is kept without the person (`erased_rows`), so that households and money still
    add up. Releases that the person was in are noted, and go when the next run has put others in force. Raises RegisterError
    when the number is none, and when the person is not in the register: then nothing is changed and nothing is logged.
    """
    names = _names(typed)
    with only_run(settings):
        with _writable(settings) as connection:
            synthetic = vault_info(connection, "is_synthetic") != "false"
            key = pseudonym.load_key(settings, synthetic_only=synthetic)
            pseudonym.check_fingerprint(key, vault_info(connection, "key_fingerprint"))
            of_persons = ledger.tables_with(connection, "person_id")
            person = _the_one(connection, [_id(key, name) for name in names], of_persons)
            chosen = f"person_id = uuid '{person}'"
            rows, found = _size(connection, chosen, of_persons)
            releases = mark(settings, found)
            left = _remove_beside(settings, connection, found)
        change = Change(
            prepare=lambda both: _keep_what_the_household_had(both, person),
            tables={
                **{
                    table: f"select * from before.register.{table} where not ({chosen})"
                    for table in of_persons
                },
                "erased_rows": "select * from temp.erased_rows_now",
            },
            complete=lambda fresh: log(fresh, "erased_person", len(found), rows, None),
            completed=("vault_log",),
        )
        _write(settings, change, progress)
    return Forgotten(rows, len(found), left, tuple(releases))


def border(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The month before which everything is forgotten, and nothing is taken in; None when nothing is."""
    return one_row(connection.execute("select max(before_month) from register.vault_log"))[0]


def shut_out_forgotten(connection: duckdb.DuckDBPyConnection) -> None:
    """Rows of forgotten months break R02 like those before the first month allowed. After `pipeline.prepare`."""
    known = border(connection)
    if known is not None:
        connection.execute(
            "set variable first_period = greatest(getvariable('first_period'), $border)", {"border": known}
        )


def log(
    connection: duckdb.DuckDBPyConnection,
    event: str,
    deliveries: int,
    rows: int,
    before: date | None = None,
    delivery_id: int | None = None,
) -> None:
    """One row in the log of the vault: what, when and how much, never who."""
    connection.execute(
        "insert into vault.register.vault_log select coalesce(max(log_id), 0) + 1, $now, $event, $before, $deliveries, "
        "$rows, $delivery from vault.register.vault_log",
        {
            "now": utc_now(),
            "event": event,
            "before": before,
            "deliveries": deliveries,
            "rows": rows,
            "delivery": delivery_id,
        },
    )


def person_id(key: bytes, number: str) -> UUID:
    """The pseudonym of a personnummer of twelve digits, as rules.sql makes it."""
    return _id(key, f"person:{number}")


def _id(key: bytes, name: str) -> UUID:
    return UUID(hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:32])


def _names(typed: str) -> list[str]:
    """What rules.sql may have made the pseudonym of: a personnummer of twelve digits, one for each century when it was left
    out, or a reserve number (0180:19500101-T050), which is a person of its own in its municipality."""
    text = typed.strip().replace(" ", "")
    if found := re.fullmatch(r"(?i)([0-9]{4}):([0-9]{6}|[0-9]{8})[-+]?([A-ZÅÄÖ][A-ZÅÄÖ0-9][0-9]{2})", text):
        starts = [found[2]] if len(found[2]) == 8 else [f"{century}{found[2]}" for century in (18, 19, 20)]
        return [f"reserve:{found[1]}:{start}{found[3].upper()}" for start in starts]
    if found := re.fullmatch(r"([0-9]{8})[-+]?([0-9]{4})", text):
        candidates = [found[1] + found[2]]
    elif found := re.fullmatch(r"([0-9]{6})[-+]?([0-9]{4})", text):
        candidates = [f"{century}{found[1]}{found[2]}" for century in (18, 19, 20)]
    else:
        raise RegisterError(_NOT_A_NUMBER)
    return [f"person:{number}" for number in candidates]


def _the_one(connection: duckdb.DuckDBPyConnection, ids: list[UUID], tables: list[str]) -> UUID:
    everywhere = " union ".join(
        f"select person_id from register.{table} where list_contains($ids, person_id)" for table in tables
    )
    found = connection.execute(everywhere, {"ids": ids}).fetchall()
    if not found:
        raise RegisterError("Personen finns inte i registret; kontrollera personnumret. Inget är ändrat.")
    if len(found) > 1:
        raise RegisterError(_ONE_CENTURY)
    return found[0][0]


def _writable(settings: Settings) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    if not settings.vault.exists():
        raise VaultMissingError(NO_VAULT)
    return vault_for_writing(settings)


def _write(settings: Settings, change: Change, progress: Callable[[str], None]) -> None:
    write_anew(settings, opening_key() if is_encrypted(settings.vault) else None, change, progress)
    with vault_for_writing(settings) as connection:
        bring_reports_up_to_date(settings, connection)


def _size(connection: duckdb.DuckDBPyConnection, chosen: str, tables: list[str]) -> tuple[int, list[int]]:
    """Rows of persons that are chosen, and the deliveries they came with."""
    rows = " union all ".join(f"select delivery_id from register.{table} where {chosen}" for table in tables)
    found = connection.execute(f"select delivery_id, count(*) from ({rows}) group by 1 order by 1").fetchall()
    return sum(count for _, count in found), [number for number, _ in found]


def _deliveries(connection: duckdb.DuckDBPyConnection, query: str) -> list[int]:
    return [number for (number,) in connection.execute(f"select distinct * from ({query})").fetchall()]


def _remove_beside(
    settings: Settings, connection: duckdb.DuckDBPyConnection, deliveries: list[int]
) -> tuple[str, ...]:
    """Removes what holds the rows outside the vault; returns the names of landing files that hold them, which are
    somebody else's."""
    for folder in (settings.home / "build", settings.home / "build" / "as-of"):
        for path in folder.glob("warehouse.duckdb*"):
            # beside the file there may be a folder of what did not fit in memory
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for number in deliveries:
        for path in report_paths(settings, number):
            path.unlink(missing_ok=True)
    files = connection.execute(
        "select distinct file_sha256 from register.deliveries "
        "where list_contains($numbers, delivery_id) and file_sha256 is not null",
        {"numbers": deliveries},
    ).fetchall()
    digests = {digest for (digest,) in files}
    for digest in digests:
        originals.archived(settings, digest).unlink(missing_ok=True)
    seen = ledger.digests_seen(connection)
    return tuple(file.name for file in look_in_landing(settings).files if seen.get(file.seen_key) in digests)


def _keep_what_the_household_had(connection: duckdb.DuckDBPyConnection, person: UUID) -> None:
    """The temporary table `erased_rows_now`: what was erased before, and what the person's rows leave behind.

    A household in which nobody is left would lead to the person: it gets an id by lot, another for each year.
    """
    connection.execute(f"""
        create temp table erased_rows_now as
        with left_behind as (
            select
                delivery_id, municipality_code, period_month, household_id, role, household_type_code,
                forsorjningsstod_sek, ovrigt_bistand_sek,
                cast(row_number() over (
                    partition by delivery_id, municipality_code, period_month order by file_row
                ) = 1 as smallint) as persons_count
            from before.register.person_months
            where person_id = uuid '{person}'
            union all by name
            select * from before.register.erased_rows
        ),

        lived_in as (
            select distinct household_id from before.register.person_months where person_id <> uuid '{person}'
        ),

        lots as (
            select household_id, period_year, gen_random_uuid() as lot
            from (
                select distinct household_id, year(period_month) as period_year
                from left_behind
                anti join lived_in using (household_id)
            ) as deserted
        )

        select left_behind.* replace (coalesce(lots.lot, left_behind.household_id) as household_id)
        from left_behind
        left join lots
            on left_behind.household_id = lots.household_id and year(left_behind.period_month) = lots.period_year
        order by delivery_id, municipality_code, period_month
    """)


def log_lines(settings: Settings) -> list[str]:
    """One line of Swedish text per row of the log, oldest first. Raises VaultMissingError."""
    with open_vault(settings, read_only=True) as connection:
        rows = connection.execute(
            "select happened_at, event, before_month, deliveries_count, rows_count from register.vault_log order by log_id"
        ).fetchall()
    return [
        f"{moment:%Y-%m-%d %H:%M}  {_what(event, before)}"
        + (f": {rows} rader i {deliveries} leveranser" if event != "new_key" else "")
        for moment, event, before, deliveries, rows in rows
    ]


def _what(event: str, before: date | None) -> str:
    return {
        "forgot_months": f"gallrade månader före {before:%Y-%m}" if before else "gallrade månader",
        "forgot_delivery": "tog bort en avvisad leverans",
        "erased_person": "raderade en person",
        "new_key": "bytte registrets krypteringsnyckel",
        "new_pseudonyms": "bytte pseudonymer",
    }[event]


def month_of(text: str) -> date:
    """`2010-01` as its first day. Raises RegisterError."""
    found = re.fullmatch(r"([0-9]{4})-?(0[1-9]|1[0-2])", text.strip())
    if not found or not int(found[1]):
        raise RegisterError("Månaden kan inte tolkas: skriv den som ÅÅÅÅ-MM, till exempel 2010-01.")
    return date(int(found[1]), int(found[2]), 1)
