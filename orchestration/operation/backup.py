"""Copies of what cannot be made again: the vault, archived originals, what sources said, what people have written.

A copy is a folder with a checksum of every file; what has not changed since the copy before is linked, not copied. Keys are
never in it. Releases are not either: a run makes them again of the same content.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from orchestration.database import attached_rows
from orchestration.errors import PlainError, tells_of_full_disk
from orchestration.release.files import sha256_of
from orchestration.run_lock import only_run, private_files
from orchestration.settings import PROFILES, Settings, utc_now
from orchestration.vault.file import TOO_NEW, VaultTooNewError, attach, connect, is_encrypted, open_vault
from orchestration.vault.key import opening_key
from orchestration.vault.rewrite import beside, copy_vault, flush
from orchestration.vault.upgrade import SCHEMA_VERSION, schema_version

FOLDER_VARIABLE = "BISTAND_BACKUP_FOLDER"
_PREFIX = "bistand-"
_UNFINISHED = ".bygger-"
_SUMS = "SHA256SUMS"
_ABOUT = "backup.json"
VAULT = "register/register.duckdb"
# what lies in the home beside the vault; deliveries in landing hold personal data in the clear, and are archived instead
_KEPT = (
    "archive", "snapshots", "landing/population", "landing/events", "landing/mappings", "operation", "profile", "settings.env",
    # what the municipality has written for its report and its readers
    "fragor", "access.yml",
    *(f"published/{profile}/{name}" for profile in PROFILES for name in ("kept.json", "withdrawn.json")),
)  # fmt: skip


class BackupError(PlainError):
    """A copy could not be made or put back; what was there stands."""


@dataclass(frozen=True)
class Backup:
    """A whole copy. `made_at` is naive UTC, when the vault was read."""

    folder: Path
    made_at: datetime

    @property
    def name(self) -> str:
        return self.folder.name


def backup_folder() -> Path | None:
    """Where copies are put, or None when nobody has said."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given).expanduser().resolve() if given else None


def list_backups(folder: Path) -> list[Backup]:
    """The whole copies, oldest first."""
    found = []
    for one in sorted(folder.glob(f"{_PREFIX}*")) if folder.is_dir() else []:
        try:
            about = json.loads((one / _ABOUT).read_text(encoding="utf-8"))
            found.append(Backup(one, datetime.fromisoformat(about["made_at"])))
        except (OSError, ValueError, KeyError):
            continue
    return sorted(found, key=lambda one: (one.made_at, one.name))


def create_backup(settings: Settings, folder: Path, keep: int, progress: Callable[[str], None]) -> Backup:
    """A new copy in `folder`, while a run goes on or not; then all but the last `keep` are removed. Raises PlainError."""
    if folder.is_relative_to(settings.home):
        raise BackupError(
            f"Kopian får inte ligga i {settings.home}; ange en mapp på en annan disk i {FOLDER_VARIABLE}."
        )
    if not settings.vault.is_file():
        raise BackupError("Det finns inget register att kopiera ännu; läs in en leverans först.")
    with _only_one(folder):
        before = list_backups(folder)
        made_at = utc_now()
        name = f"{_PREFIX}{made_at:%Y%m%dT%H%M%S.%fZ}"
        fresh = folder / f"{_UNFINISHED}{name}"
        try:
            with private_files():
                sums = _fill(settings, fresh, before[-1] if before else None, made_at, progress)
            os.replace(fresh, folder / name)
            flush(folder)
        except OSError as problem:
            raise BackupError(_why_not(problem, folder)) from None
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        for old in [*before, Backup(folder / name, made_at)][:-keep]:
            progress(f"Tar bort {old.name}, som är äldre än de {keep} senaste.")
            # half of one must not look whole
            leaving = folder / f"{_UNFINISHED}{old.name}"
            os.replace(old.folder, leaving)
            shutil.rmtree(leaving, ignore_errors=True)
    progress(f"Kopian {name} är hel: {len(sums)} filer.")
    return Backup(folder / name, made_at)


def verify_backup(backup: Backup) -> int:
    """The number of files, when every one is as it was written. Raises BackupError, naming the first that is not."""
    sums = _read_sums(backup)
    for path, digest in sums.items():
        file = backup.folder / path
        if not file.is_file() or sha256_of(file) != digest:
            raise BackupError(
                f"Kopian {backup.name} är skadad: {path} saknas eller är ändrad; använd en annan kopia."
            )
    return len(sums)


def restore_backup(
    settings: Settings, backup: Backup, replaces: bool, progress: Callable[[str], None]
) -> list[str]:
    """Put a copy back in the home. What lies there is never written over: with `replaces` the vault is set aside, else it is
    refused. Returns what a person has to do afterwards, a sentence each. Raises PlainError."""
    progress(f"Prövar {backup.name}: {verify_backup(backup)} filer.")
    with only_run(settings):
        if settings.vault.exists() and not replaces:
            raise BackupError(
                f"I {settings.home} finns redan ett register; återställ i en tom mapp, eller ange --replace för att lägga det åt sidan."
            )
        # what one that was killed left there is removed by the next that writes
        fresh = beside(settings)
        try:
            with private_files():
                shutil.copyfile(backup.folder / VAULT, fresh)
                flush(fresh)
                gone = _lost(settings, fresh)
                for path in _read_sums(backup):
                    if path != VAULT:
                        _put_back(backup.folder / path, settings.home / path)
                aside = _set_aside(settings)
                os.replace(fresh, settings.vault)
                flush(settings.register_folder)
        except OSError as problem:
            raise BackupError(_why_not(problem, settings.home)) from None
        finally:
            fresh.unlink(missing_ok=True)
    said = [f"Det förra registret ligger i {aside}; ta bort det när det nya är prövat."] if aside else []
    if gone:
        said.append(
            f"Efter kopian har {gone} gallringar eller raderingar gjorts: gör om dem (bistand vault log i det förra registret)."
        )
    elif gone is None or not aside:
        said.append(
            f"Gallringar och raderingar som gjorts efter {backup.made_at:%Y-%m-%d %H:%M} (UTC) måste göras om."
        )
    return [*said, "Lägg leveranser som kommit efter kopian i landing/register igen, och kör bistand run."]


def _fill(
    settings: Settings, fresh: Path, before: Backup | None, made_at: datetime, progress: Callable[[str], None]
) -> dict[str, str]:
    """Every file of the copy; returns their digests by path."""
    (fresh / "register").mkdir(parents=True)
    progress("Registret kopieras och jämförs.")
    # first: what is archived or fetched while it is copied is more than it needs, never less
    rows = copy_vault(settings, fresh / VAULT)
    sums = {VAULT: sha256_of(fresh / VAULT)}
    known = _read_sums(before) if before else {}
    for path in _kept_files(settings.home):
        try:
            digest = sha256_of(settings.home / path)
            _link_or_copy(
                settings.home / path,
                fresh / path,
                before.folder / path if before and known.get(path) == digest else None,
            )
        except FileNotFoundError:
            # moved or removed meanwhile
            continue
        sums[path] = sha256_of(fresh / path)
    about = {"made_at": made_at.isoformat(), "version": version("bistandslagret"), "rows": rows}
    (fresh / _ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
    (fresh / _SUMS).write_text(
        "".join(f"{digest}  {path}\n" for path, digest in sums.items()), encoding="utf-8"
    )
    for path in (VAULT, _ABOUT, _SUMS):
        flush(fresh / path)
    return sums


def _kept_files(home: Path) -> Iterator[str]:
    for name in _KEPT:
        path = home / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            # what begins with a dot is a lock, or on its way
            if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
                yield file.relative_to(home).as_posix()


def _link_or_copy(source: Path, target: Path, same: Path | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if same is not None:
        try:
            os.link(same, target)
            return
        except OSError:
            # a file system without links
            pass
    shutil.copyfile(source, target)
    flush(target)


def _lost(settings: Settings, fresh: Path) -> int | None:
    """How much has been forgotten here since the copy was made; None when the vault that is here cannot be asked. Opens the copy
    with the key that is given: one that is not its own, or a copy made by later code, stops here."""
    in_copy = _forgotten(settings, fresh)
    if not settings.vault.exists():
        return 0
    try:
        return max(0, _forgotten(settings, settings.vault) - in_copy)
    except (PlainError, duckdb.Error):
        # damaged, or of another key: this may be why a copy is put back
        return None


def _forgotten(settings: Settings, path: Path) -> int:
    """The rows of the log of a vault, without a change of it."""
    with connect(settings) as connection:
        attach(connection, path, "counted", opening_key() if is_encrypted(path) else None)
        if schema_version(connection, "counted") > SCHEMA_VERSION:
            raise VaultTooNewError(TOO_NEW)
        # the first vaults had no log
        return attached_rows(connection, "counted").get("vault_log", 0)


def _set_aside(settings: Settings) -> Path | None:
    """Gives the vault a second name, so that there is one in its place at every moment until the copy takes it."""
    aside = settings.register_folder / f"before-{utc_now():%Y%m%dT%H%M%S.%f}.duckdb"
    has_vault = settings.vault.exists()
    if has_vault:
        with suppress(PlainError, duckdb.Error):
            # folds its log into it, unless it is damaged
            open_vault(settings).close()
        _link_or_copy(settings.vault, aside, settings.vault)
    log = settings.vault.with_name(f"{settings.vault.name}.wal")
    if log.exists():
        # it would be taken for the log of the copy
        os.replace(log, aside.with_name(f"{aside.name}.wal"))
    return aside if has_vault else None


def _put_back(source: Path, target: Path) -> None:
    """What is there already stands: it is newer, or the same."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.aterstalls")
        shutil.copyfile(source, unfinished)
        flush(unfinished)
        os.replace(unfinished, target)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One copy at a time in a folder; what one that was killed left there is removed."""
    try:
        with private_files():
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / ".lock", timeout=0, mode=0o600)
            with lock:
                for left in folder.glob(f"{_UNFINISHED}*"):
                    shutil.rmtree(left, ignore_errors=True)
                yield
    except Timeout:
        raise BackupError(f"En annan säkerhetskopia görs i {folder}; vänta tills den är klar.") from None
    except PermissionError:
        raise BackupError(f"Mappen {folder} går inte att skriva i; ge kontot skrivrätt.") from None


def _read_sums(backup: Backup) -> dict[str, str]:
    try:
        lines = (backup.folder / _SUMS).read_text(encoding="utf-8").splitlines()
    except OSError:
        raise BackupError(
            f"Kopian {backup.name} är skadad: {_SUMS} går inte att läsa; använd en annan kopia."
        ) from None
    return {path: digest for digest, _, path in (line.partition("  ") for line in lines)}


def _why_not(problem: OSError, folder: Path) -> str:
    if tells_of_full_disk(str(problem)):
        return f"Disken där {folder} ligger är full; det som fanns står kvar, frigör plats och kör igen."
    return (
        f"Det gick inte att läsa eller skriva i {folder} ({type(problem).__name__}); det som fanns står kvar."
    )
