"""The releases on disk: which there are, which is in force, and how another is put in force."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.release import files as release_files
from orchestration.settings import Settings

_TEMPORARY = ".bygger-"


@dataclass(frozen=True)
class Release:
    """A release on disk. `is_new` is False when the same content was already there."""

    release_id: str
    profile: str
    as_of: date
    is_synthetic: bool
    folder: Path
    row_counts: dict[str, int] = field(repr=False)
    is_new: bool = False


def list_releases(settings: Settings) -> list[Release]:
    """Releases on disk, the latest put there first."""
    if not settings.published.is_dir():
        return []
    found = []
    for folder in settings.published.iterdir():
        if folder.is_symlink() or folder.name.startswith("."):
            continue
        if (manifest := release_files.read_manifest(folder)) is not None:
            written = (folder / release_files.MANIFEST).stat().st_mtime_ns
            found.append((written, read_release(folder, manifest)))
    return [
        release for _, release in sorted(found, key=lambda one: (one[0], one[1].release_id), reverse=True)
    ]


def current_release(settings: Settings) -> Release | None:
    """The release in force, or None."""
    if not settings.current_release.exists():
        return None
    folder = settings.current_release.resolve()
    manifest = release_files.read_manifest(folder)
    return read_release(folder, manifest) if manifest is not None else None


def read_release(folder: Path, manifest: dict[str, Any], is_new: bool = False) -> Release:
    return Release(
        release_id=manifest["release_id"],
        profile=manifest["profile"],
        as_of=date.fromisoformat(manifest["as_of"]),
        is_synthetic=manifest["is_synthetic"],
        folder=folder,
        row_counts=manifest["row_counts"],
        is_new=is_new,
    )


@contextmanager
def temporary_folder(published: Path) -> Iterator[Path]:
    """A folder to build in, removed at the end unless renamed. What a crashed build left is removed first."""
    for leftover in published.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=published))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_in_force(settings: Settings, folder: Path, release_id: str) -> bool:
    """Give the folder its name and swap the link. False when that release was already in force."""
    final = settings.published / release_id
    current = current_release(settings)
    was_in_force = current is not None and current.release_id == release_id
    if final.exists() and not release_files.is_whole(final):
        final.rename(folder.parent / f"{_TEMPORARY}trasig-{release_id}")
    if not final.exists():
        _set_permissions(folder, settings.profile)
        release_files.flush_to_disk(folder)
        folder.rename(final)
    elif was_in_force:
        return False
    link = settings.published / f"{_TEMPORARY}current"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    os.replace(link, settings.current_release)
    return True


def make_published_folder(settings: Settings) -> None:
    """The folder of the releases: a public one can be reached by everyone on the machine, and written by its owner."""
    settings.published.mkdir(parents=True, exist_ok=True)
    for folder in (settings.published, *settings.published.parents):
        if folder == settings.home:
            break
        folder.chmod(0o755)


def _set_permissions(folder: Path, profile: str) -> None:
    """Whole counts are for the owner only; a public release can be read by everyone on the machine. Nobody writes in it."""
    folder_mode, file_mode = (0o700, 0o400) if profile == "internal" else (0o755, 0o444)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(folder_mode if path.is_dir() else file_mode)


def remove_old(settings: Settings, keep: int) -> None:
    """Remove all but the latest `keep` releases; never the one in force."""
    current = current_release(settings)
    for release in list_releases(settings)[keep:]:
        if current is None or release.release_id != current.release_id:
            shutil.rmtree(release.folder, ignore_errors=True)
