"""Whether anything that a release stands on has changed since the last run: files, vault, code and catalogue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import CODE_ROOT, PROJECT_ROOT, Settings

# What decides a release, in the project itself; the pages read it and do not change it.
CODE_FOLDERS = ("orchestration", "dbt_project", "validation", "data/catalog", "data/published_tables")
LEFT_OUT = {"__pycache__", "target", "logs"}


@dataclass(frozen=True)
class Inputs:
    """What a release is made from, as it lay there at one moment. `files` are those of landing and snapshots (which may be
    large, so by size and time of change), by their path below the home; `rest` is a digest of settings and code."""

    files: dict[str, tuple[int, int]]
    rest: str

    def digest(self) -> str:
        """One mark of all of it, without names."""
        return hashlib.sha256(json.dumps([self.rest, sorted(self.files.items())]).encode()).hexdigest()


def note_inputs(settings: Settings) -> Inputs:
    """What lies there now; to be asked before anything is read, so that what comes later is new to the next run."""
    said = (settings.as_of, settings.originals, settings.municipalities, code_digest())
    files = {**_stats(settings, settings.home / "landing"), **_stats(settings, settings.snapshots)}
    return Inputs(files, hashlib.sha256(repr(said).encode()).hexdigest())


def code_digest(folders: tuple[str, ...] = CODE_FOLDERS) -> str:
    """A digest of what the project itself says: code, models, definitions, catalogue."""
    digest = hashlib.sha256()
    for name in folders:
        # the same in the clone and in a wheel, which carries what is no package elsewhere
        root = PROJECT_ROOT if (PROJECT_ROOT / name).is_dir() else CODE_ROOT
        for path in _files(root / name):
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()


def release_of_unchanged_inputs(settings: Settings, inputs: Inputs) -> str | None:
    """The release in force, when it was made from exactly these inputs; otherwise None."""
    try:
        last = json.loads(_state(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    is_in_force = (
        settings.current_release.exists() and settings.current_release.resolve().name == last["release"]
    )
    return last["release"] if is_in_force and last["inputs"] == _digest(settings, inputs) else None


def remember_inputs(settings: Settings, inputs: Inputs) -> None:
    """Write down what the release in force was made from: what was noted when the run began, and of the deliveries only those
    that were taken in. Called when a run has ended well.

    What came or changed meanwhile, and what could not be read, is so not among it: the next run has something new.
    """
    release = settings.current_release.resolve().name
    taken = Inputs(_taken_in(settings, inputs.files), inputs.rest)
    state = {"release": release, "inputs": _digest(settings, taken)}
    _state(settings).write_text(json.dumps(state), encoding="utf-8")


def _taken_in(settings: Settings, files: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Without the deliveries that the vault has not seen, or that have been put away since."""
    from orchestration.intake.deliveries.landing import look_in_landing
    from orchestration.vault.file import open_vault
    from orchestration.vault.ledger import files_seen

    root = settings.landing_register.relative_to(settings.home).as_posix() + "/"
    others = {path: status for path, status in files.items() if not path.startswith(root)}
    deliveries = look_in_landing(settings).files
    if not deliveries or not settings.vault.is_file():
        return others
    with open_vault(settings, read_only=True) as connection:
        seen = files_seen(connection, [file.name for file in deliveries])
    paths = {file.path.relative_to(settings.home).as_posix() for file in deliveries if file.seen_key in seen}
    return others | {path: status for path, status in files.items() if path in paths}


def _digest(settings: Settings, inputs: Inputs) -> str:
    """With the vault as it is now: decisions and erasures are written there, under the lock that a run holds."""
    vault = _stats(settings, settings.register_folder, "register.duckdb*")
    content = json.dumps([inputs.rest, sorted(inputs.files.items()), sorted(vault.items())])
    return hashlib.sha256(content.encode()).hexdigest()


def _stats(settings: Settings, folder: Path, pattern: str = "*") -> dict[str, tuple[int, int]]:
    found = {}
    for path in _files(folder, pattern):
        with suppress(FileNotFoundError):
            status = path.stat()
            found[path.relative_to(settings.home).as_posix()] = (status.st_size, status.st_mtime_ns)
    return found


def _state(settings: Settings) -> Path:
    return settings.build / f"last_run_{settings.profile}.json"


def _files(folder: Path, pattern: str = "*") -> Iterator[Path]:
    for path in sorted(folder.rglob(pattern)):
        if (
            path.is_file()
            and not path.is_symlink()
            and not LEFT_OUT & set(path.relative_to(folder).parts)
            and path.name not in (".lock", "outcomes.jsonl")
        ):
            yield path
