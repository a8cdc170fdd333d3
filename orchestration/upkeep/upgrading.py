"""An older vault brought up to date, or only tried: on a copy, so that one knows before one changes version."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from orchestration.errors import tells_of_full_disk
from orchestration.progress import swedish_number
from orchestration.run_lock import only_run, private_files
from orchestration.settings import Settings
from orchestration.vault.file import (
    NO_VAULT,
    TOO_NEW,
    VaultMissingError,
    VaultTooNewError,
    VaultWriteError,
    attach_own,
    connect,
    no_copying,
    open_vault,
    temporary_folder,
)
from orchestration.vault.upgrade import SCHEMA_VERSION, STEPS, schema_version


@dataclass(frozen=True)
class Shape:
    """A vault as it is: its version, its columns by table and the rows of each table."""

    version: int
    columns: dict[str, list[str]]
    rows: dict[str, int]


@dataclass(frozen=True)
class Upgrade:
    """A vault before and after it was brought up to date."""

    before: Shape
    after: Shape

    @property
    def is_needed(self) -> bool:
        return (self.before.version, self.before.columns) != (self.after.version, self.after.columns)

    def lines(self) -> Iterator[str]:
        """What changes, in Swedish: the steps, then a line per table with its rows before and after."""
        if not self.is_needed:
            yield f"Registret har redan den senaste versionen ({self.after.version}); inget ändras."
            return
        later = [step for number, step in STEPS.items() if number > self.before.version]
        yield f"Registret har version {self.before.version} och får version {self.after.version}."
        yield from (f"  {step.told}" for step in later)
        old_names = {new: old for step in later for old, new in step.renamed.items()}
        yield f"  {'tabell':<20} {'rader förut':>12} {'rader sedan':>12}"
        for table, rows in self.after.rows.items():
            before = old_names.get(table, table)
            yield (
                f"  {table:<20} {_number(self.before.rows.get(before)):>12} {_number(rows):>12}  "
                f"{self._what(table, before)}"
            ).rstrip()

    def _what(self, table: str, before: str) -> str:
        if before not in self.before.columns:
            return "ny tabell"
        new = [name for name in self.after.columns[table] if name not in self.before.columns[before]]
        told = [f"hette {before}"] if before != table else []
        if new:
            told.append(f"{'ny kolumn' if len(new) == 1 else 'nya kolumner'} {', '.join(new)}")
        return "; ".join(told)


def upgrade_vault(settings: Settings, is_trial: bool = False) -> Upgrade:
    """Bring the vault up to date; with `is_trial` a copy of it, which is then removed, and the vault is not touched.

    Raises VaultMissingError, VaultKeyError, VaultTooNewError, VaultWriteError, RunInProgressError.
    """
    if not settings.vault.is_file():
        raise VaultMissingError(NO_VAULT)
    with only_run(settings), private_files():
        if not is_trial:
            return Upgrade(_shape_of(settings), _brought_up_to_date(settings))
        trial = Settings(home=temporary_folder(settings) / "upgrade")
        try:
            before = _shape_of(settings, copied_to=trial)
            return Upgrade(before, _brought_up_to_date(trial))
        except OSError as problem:
            what = "disken är full" if tells_of_full_disk(str(problem)) else "disken gick inte att skriva på"
            raise VaultWriteError(
                f"Provet blev inte klart, {what}; registret är orört, ge plats för en kopia av det och kör igen."
            ) from None
        finally:
            shutil.rmtree(temporary_folder(settings), ignore_errors=True)


def _shape_of(settings: Settings, copied_to: Settings | None = None) -> Shape:
    """As it stands on the disk, read without a change; copied while nobody can write to it."""
    connection = connect(settings)
    try:
        with no_copying(settings):
            attach_own(connection, settings, read_only=True)
            shape = _shape(connection)
            if copied_to:
                copied_to.register_folder.mkdir(parents=True)
                for file in settings.register_folder.glob(f"{settings.vault.name}*"):
                    shutil.copyfile(file, copied_to.register_folder / file.name)
            return shape
    finally:
        connection.close()


def _brought_up_to_date(settings: Settings) -> Shape:
    """Written, closed and read again: what is told is what stands on the disk."""
    open_vault(settings).close()
    with open_vault(settings, read_only=True) as connection:
        return _shape(connection)


def _shape(connection: duckdb.DuckDBPyConnection) -> Shape:
    version = schema_version(connection)
    if version > SCHEMA_VERSION:
        raise VaultTooNewError(TOO_NEW)
    found = connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() inner join duckdb_tables() "
        "using (database_name, schema_name, table_name) where database_name = 'vault' and schema_name = 'register' "
        "group by table_name order by min(duckdb_tables.table_oid)"
    ).fetchall()
    rows = {
        table: int(connection.execute(f"select count(*) from vault.register.{table}").fetchall()[0][0])
        for table, _ in found
    }
    return Shape(version, dict(found), rows)


def _number(rows: int | None) -> str:
    return "–" if rows is None else swedish_number(rows)
