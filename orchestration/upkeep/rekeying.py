"""New keys for the vault: another encryption key, or other pseudonyms for the same persons and households.

A pseudonym cannot be worked back, so new ones are made from the originals, read again in landing and in the archive: both
keys give each personnummer its old and its new id, and every row gets the new one by a join.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import duckdb

from orchestration.database import one_row
from orchestration.errors import RegisterError
from orchestration.intake.deliveries import originals
from orchestration.intake.deliveries.landing import LandingFile, look_in_landing
from orchestration.intake.files.opening import DeliveryRejectedError
from orchestration.intake.mappings.mapping_files import Mappings, load_mappings
from orchestration.intake.rules import judging
from orchestration.run_lock import only_run, private_files
from orchestration.settings import Settings, utc_now
from orchestration.upkeep.forgetting import log
from orchestration.vault import key as vault_key
from orchestration.vault import ledger, pseudonym
from orchestration.vault.file import NO_VAULT, VaultMissingError, is_encrypted, temporary_folder, vault_info
from orchestration.vault.rewrite import Change, write_anew
from orchestration.vault.writing import vault_for_writing

_NAMED_DELIVERIES = 10


@dataclass(frozen=True)
class _Original:
    """A delivered file that is needed: its scrubbed name, its digest, and where it lies (None: in the archive)."""

    name: str
    file_sha256: str
    landing: Path | None

    @property
    def folder(self) -> str | None:
        """The first part of its path below landing/register, when there is one: it may name a mapping."""
        parts = PurePosixPath(self.name).parts
        return parts[0] if len(parts) > 1 else None


def _silent(_: str) -> None:
    pass


def new_encryption_key(settings: Settings, new_key: str, progress: Callable[[str], None] = _silent) -> None:
    """Writes the vault anew under `new_key` (64 hexadecimal digits). The pseudonyms stay, and so does linkage.

    Raises RegisterError when there is no vault, or the key is the one it has.
    """
    with only_run(settings):
        with _writable(settings):
            is_the_same = is_encrypted(settings.vault) and vault_key.opening_key() == new_key
        if is_the_same:
            raise RegisterError(
                "Den nya nyckeln är den som registret redan har; ange en annan. Inget är ändrat."
            )
        change = Change(complete=lambda fresh: log(fresh, "new_key", 0, 0), completed=("vault_log",))
        write_anew(settings, new_key, change, progress)


def new_pseudonyms(settings: Settings, new_key: bytes, progress: Callable[[str], None] = _silent) -> int:
    """Gives every person and household the id that `new_key` makes; returns how many persons.

    The vault's encryption follows along when its key is derived from the pseudonym key. Raises RegisterError when the
    original of some row cannot be read any more: then nothing is changed.
    """
    with only_run(settings):
        with _writable(settings) as connection:
            synthetic = vault_info(connection, "is_synthetic") == "true"
            old_key = pseudonym.load_key(settings, synthetic_only=synthetic)
            pseudonym.check_fingerprint(old_key, vault_info(connection, "key_fingerprint"))
            if old_key == new_key:
                raise RegisterError(
                    "Den nya nyckeln är den som registret redan har; ange en annan. Inget är ändrat."
                )
            tables = ledger.tables_with(connection, "person_id")
            of_households = ledger.tables_with(connection, "household_id")
            needed = _originals(settings, connection, tables)
            persons = one_row(
                connection.execute("select count(distinct person_id) from register.person_months")
            )[0]
            rows = one_row(connection.execute("select count(*) from register.person_months"))[0]
        fingerprint = pseudonym.fingerprint(new_key)
        change = Change(
            prepare=lambda both: _map_ids(both, settings, old_key, new_key, needed, tables, progress),
            tables={
                **{table: _renamed(table, table in of_households) for table in tables},
                # households by lot have no other name
                "erased_rows": "select told.* replace (coalesce(households.new_id, told.household_id) as household_id) "
                "from before.register.erased_rows as told "
                "left join temp.household_map as households on told.household_id = households.old_id "
                "order by delivery_id, municipality_code, period_month, told.household_id",
                "vault_info": "select info_name, case when info_name = 'key_fingerprint' "
                f"then '{fingerprint}' else info_value end as info_value from before.register.vault_info",
            },
            complete=lambda fresh: log(fresh, "new_pseudonyms", len(needed), rows),
            completed=("vault_log",),
        )
        key = vault_key.given_key()
        if key is None and is_encrypted(settings.vault):
            key = vault_key.derived_key(new_key)
        try:
            write_anew(settings, key, change, progress)
        finally:
            shutil.rmtree(temporary_folder(settings), ignore_errors=True)
    return persons


def _writable(settings: Settings) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    if not settings.vault.exists():
        raise VaultMissingError(NO_VAULT)
    return vault_for_writing(settings)


def _renamed(table: str, has_households: bool) -> str:
    """Order as the intake wrote it: by delivery, month and row of the file."""
    household = ", households.new_id as household_id" if has_households else ""
    joined = "inner join temp.household_map as households on told.household_id = households.old_id "
    return (
        f"select told.* replace (persons.new_id as person_id{household}) "
        f"from before.register.{table} as told "
        "inner join temp.person_map as persons on told.person_id = persons.old_id "
        f"{joined if has_households else ''}"
        "order by told.delivery_id, told.municipality_code, told.period_month, told.file_row"
    )


def _originals(
    settings: Settings, connection: duckdb.DuckDBPyConnection, tables: list[str]
) -> list[_Original]:
    """The files behind the rows of persons that are still to be had."""
    rows = " union ".join(f"select delivery_id from register.{table}" for table in tables)
    wanted = connection.execute(
        "select file_sha256, min_by(file_name, delivery_id), any_value(file_bytes) from register.deliveries "
        f"where delivery_id in ({rows}) group by file_sha256 order by min(delivery_id)"
    ).fetchall()
    sizes = {size for _, _, size in wanted}
    seen = ledger.digests_seen(connection)
    in_landing = {
        seen.get(file.seen_key) or _digest(file): file.path
        for file in look_in_landing(settings).files
        if file.size in sizes
    }
    return [
        _Original(name, digest, in_landing.get(digest))
        for digest, name, _ in wanted
        if digest in in_landing or originals.archived(settings, digest).exists()
    ]


def _digest(file: LandingFile) -> str | None:
    try:
        with file.path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return None


def _map_ids(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    old_key: bytes,
    new_key: bytes,
    needed: list[_Original],
    tables: list[str],
    progress: Callable[[str], None],
) -> None:
    """The temporary tables `person_map` and `household_map` (old_id, new_id). Raises RegisterError when an id is in neither."""
    connection.execute("use before")
    judging.prepare(connection, settings, utc_now().date())
    for what in ("person", "household"):
        connection.execute(f"create temp table {what}_pairs (old_id uuid, new_id uuid)")
    mappings = load_mappings(settings)
    for number, original in enumerate(needed, start=1):
        progress(f"Original {number} av {len(needed)} läses.")
        _read_pairs(connection, settings, original, mappings, old_key, new_key)
    for what in ("person", "household"):
        connection.execute(f"create temp table {what}_map as select distinct * from {what}_pairs")
    _stop_when_unmapped(connection, tables)
    connection.execute("use memory")


def _read_pairs(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    original: _Original,
    mappings: Mappings,
    old_key: bytes,
    new_key: bytes,
) -> None:
    """Adds the pairs of one file; a file that cannot be read any more adds none."""
    wanted = original.folder if mappings.knows(original.folder) else None
    with _on_disk(settings, connection, original) as path:
        try:
            judging.read_file(connection, path, mappings, wanted)
        except DeliveryRejectedError:
            return
    steps = judging.statements()
    for age, key in (("old", old_key), ("new", new_key)):
        connection.execute(steps["empty_keys"])
        connection.execute(steps["person_keys"], pseudonym.pads(key))
        connection.execute(steps["household_keys"], pseudonym.pads(key))
        connection.execute(f"create or replace temp table {age}_persons as from person_keys")
        connection.execute(f"create or replace temp table {age}_households as from household_keys")
    connection.execute(
        "insert into person_pairs select old.person_id, new.person_id "
        "from old_persons as old inner join new_persons as new using (person_number)"
    )
    connection.execute(
        "insert into household_pairs select old.household_id, new.household_id "
        "from old_households as old inner join new_households as new using (municipality_code, hushalls_id)"
    )
    connection.execute("drop table temp.typed_rows")


@contextmanager
def _on_disk(
    settings: Settings, connection: duckdb.DuckDBPyConnection, original: _Original
) -> Iterator[Path]:
    """The path of the file; one out of the archive lies in the temporary folder as long as it is read."""
    if original.landing is not None:
        yield original.landing
        return
    with private_files():
        folder = temporary_folder(settings) / "original"
        folder.mkdir(parents=True, exist_ok=True)
    path = folder / PurePosixPath(original.name).name
    path.unlink(missing_ok=True)
    try:
        originals.write_back(settings, connection, original.file_sha256, path)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _stop_when_unmapped(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> None:
    unmapped = " union ".join(
        f"select delivery_id, {what}_id as id from before.register.{table} "
        f"where {what}_id not in (select old_id from temp.{what}_map)"
        for what in ("person", "household")
        for table in tables
        if table in ledger.tables_with(connection, f"{what}_id", "before")
    )
    found = connection.execute(
        f"select delivery_id, count(distinct id) from ({unmapped}) group by delivery_id order by delivery_id"
    ).fetchall()
    if not found:
        return
    named = ", ".join(str(number) for number, _ in found[:_NAMED_DELIVERIES])
    more = f" och {len(found) - _NAMED_DELIVERIES} till" if len(found) > _NAMED_DELIVERIES else ""
    raise RegisterError(
        f"Pseudonymerna byttes inte: originalen till leverans {named}{more} saknas eller går inte att läsa, och utan dem "
        "skulle deras personer och hushåll inte längre kopplas till andra månader; lägg tillbaka filerna i "
        "landing/register (med sina mappningar) och kör igen."
    )
