"""Whether anything that a release stands on has changed since the last run: files, vault, code and catalogue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from orchestration.settings import PROJECT_ROOT, Settings

# What decides a release, in the project itself; the pages read it and do not change it.
CODE_FOLDERS = ("orchestration", "dbt_project", "validation", "data/catalog", "data/published_tables")
LEFT_OUT = {"__pycache__", "target", "logs"}


def inputs_fingerprint(settings: Settings) -> str:
    """A digest of everything that goes into a release.

    Landing files, snapshots and the vault by size and time of change (they may be large), the project's own files by content.
    """
    digest = hashlib.sha256(f"{settings.profile} {settings.as_of} {settings.originals}".encode())
    for folder in (settings.home / "landing", settings.snapshots, settings.register_folder):
        for path in _files(folder):
            status = path.stat()
            digest.update(
                f"{path.relative_to(settings.home)} {status.st_size} {status.st_mtime_ns}\n".encode()
            )
    digest.update(code_digest().encode())
    return digest.hexdigest()


def code_digest(folders: tuple[str, ...] = CODE_FOLDERS) -> str:
    """A digest of what the project itself says: code, models, definitions, catalogue."""
    digest = hashlib.sha256()
    for name in folders:
        for path in _files(PROJECT_ROOT / name):
            digest.update(str(path.relative_to(PROJECT_ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def release_of_unchanged_inputs(settings: Settings) -> str | None:
    """The release in force, when it was made from exactly what lies here now; otherwise None."""
    try:
        last = json.loads(_state(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    is_in_force = (
        settings.current_release.exists() and settings.current_release.resolve().name == last["release"]
    )
    return last["release"] if is_in_force and last["inputs"] == inputs_fingerprint(settings) else None


def remember_inputs(settings: Settings) -> None:
    """Write down what the release in force was made from; called when a run has ended well."""
    release = settings.current_release.resolve().name
    state = {"release": release, "inputs": inputs_fingerprint(settings)}
    _state(settings).write_text(json.dumps(state), encoding="utf-8")


def _state(settings: Settings) -> Path:
    return settings.build / "last_run.json"


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not LEFT_OUT & set(path.parts):
            yield path
