"""The releases on disk: which there are, which is in force, and how another is put in force."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.catalog.models import ReleaseRules
from orchestration.intake.scrubbing import scrub_text
from orchestration.release import files as release_files
from orchestration.settings import PROFILES, Settings, choose_profile, home_profile

TEMPORARY = ".bygger-"
_LINK = "current"
# beside the releases: those that are kept, and why
_KEPT = "kept.json"
# and those that an erasure takes back: when that was noted, when it was done, and why
WITHDRAWN = "withdrawn.json"


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


def all_releases(settings: Settings) -> list[Release]:
    """Releases of every profile, the latest put there first in each."""
    return [one for profile in PROFILES for one in list_releases(replace(settings, profile=profile))]


def find_release(settings: Settings, release_id: str) -> Release:
    """The release of that id, or of an id that begins so. Raises ReleaseError when there is none, or several."""
    found = [one for one in all_releases(settings) if one.release_id.startswith(release_id)]
    if not found:
        _stop_if_withdrawn(settings, release_id)
    if len(found) != 1:
        what = "finns inte" if not found else "är början på flera"
        raise release_files.ReleaseError(
            f"Utgåvan {release_id} {what}; skriv ett id som bistand release list visar."
        )
    return found[0]


def _stop_if_withdrawn(settings: Settings, release_id: str) -> None:
    for profile in PROFILES:
        for name, said in withdrawals(replace(settings, profile=profile)).items():
            if name.startswith(release_id) and said["withdrawn"]:
                raise release_files.ReleaseError(
                    f"Utgåvan {name} är återkallad {said['withdrawn']}: {said['why']}."
                )


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
    for leftover in published.glob(f"{TEMPORARY}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=published))
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
        final.rename(folder.parent / f"{TEMPORARY}trasig-{release_id}")
    if not final.exists():
        _set_permissions(folder, settings.profile)
        release_files.flush_to_disk(folder)
        folder.rename(final)
    elif was_in_force:
        return False
    _swap_link(settings, release_id)
    return True


def extracts_folder(settings: Settings) -> Path:
    """Where extracts of the releases in force lie, for those who may see some municipalities only."""
    return settings.build / "extracts"


def _swap_link(settings: Settings, release_id: str) -> None:
    # extracts are of the release before: what an erasure takes back must not stay in them
    shutil.rmtree(extracts_folder(settings), ignore_errors=True)
    link = settings.published / f"{TEMPORARY}{_LINK}"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    os.replace(link, settings.current_release)


def make_published_folder(settings: Settings) -> None:
    """The folder of the releases: a public one can be reached by everyone on the machine, an internal one by its owner."""
    settings.published.mkdir(parents=True, exist_ok=True)
    for folder in settings.published.parents:
        if folder == settings.home:
            break
        folder.chmod(0o755)
    settings.published.chmod(0o700 if settings.profile == "internal" else 0o755)


def adopt_older_layout(settings: Settings) -> None:
    """Move releases that lie as they once did, all profiles together under one link, each to its profile.

    The old link goes last: stopped half-way, the next run goes on where this one was.
    """
    root = settings.home / "published"
    if (root / _LINK).is_symlink() and (chosen := home_profile(settings.home)):
        choose_profile(settings.home, chosen)
    for day in days_asked_for(settings):
        _adopt(root / "as-of" / day.isoformat() / _LINK, replace(settings, as_of=day))
    _adopt(root / _LINK, replace(settings, as_of=None))


def days_asked_for(settings: Settings) -> list[date]:
    """The earlier days that the home has releases as of."""
    days = []
    for folder in sorted((settings.home / "published" / "as-of").glob("*")):
        with suppress(ValueError):
            days.append(date.fromisoformat(folder.name))
    return days


def _adopt(link: Path, settings: Settings) -> None:
    if not link.is_symlink():
        return
    in_force = os.readlink(link)
    for folder in [one for one in link.parent.iterdir() if one.is_dir() and not one.is_symlink()]:
        manifest = release_files.read_manifest(folder)
        if manifest is not None and manifest.get("profile") in PROFILES:
            profile = replace(settings, profile=manifest["profile"])
            make_published_folder(profile)
            folder.rename(profile.published / folder.name)
    for profile in [replace(settings, profile=name) for name in PROFILES]:
        if profile.current_release.is_symlink() or not (found := list_releases(profile)):
            continue
        named = {one.release_id for one in found}
        _swap_link(profile, in_force if in_force in named else found[0].release_id)
    link.unlink()


def _set_permissions(folder: Path, profile: str) -> None:
    """Whole counts are for the owner only; a public release can be read by everyone on the machine. Nobody writes in it."""
    folder_mode, file_mode = (0o700, 0o400) if profile == "internal" else (0o755, 0o444)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(folder_mode if path.is_dir() else file_mode)


def remove_old(settings: Settings, rules: ReleaseRules) -> None:
    """Remove releases of the profile that are old, but for the latest ones, the one in force and those that are kept."""
    current = current_release(settings)
    kept = kept_releases(settings)
    border = time.time() - rules.keep_days * 86_400
    for release in list_releases(settings)[rules.keep_at_least :]:
        is_in_force = current is not None and current.release_id == release.release_id
        is_old = (release.folder / release_files.MANIFEST).stat().st_mtime < border
        if is_old and not is_in_force and release.release_id not in kept:
            shutil.rmtree(release.folder, ignore_errors=True)


def kept_releases(settings: Settings) -> dict[str, str]:
    """Releases of the profile that are never removed for their age: id and why."""
    path = settings.published / _KEPT
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def keep_release(settings: Settings, release_id: str, why: str | None) -> None:
    """Keep a release of the profile because of `why`, or with None no longer. Raises ReleaseError when it is to be withdrawn."""
    if why is not None:
        _stop_if_to_be_withdrawn(settings, release_id, "sparas")
    kept = {name: said for name, said in kept_releases(settings).items() if name != release_id}
    if why is not None:
        # it lies beside what is published
        kept[release_id] = scrub_text(why)
    release_files.replace_json(settings.published / _KEPT, kept)


def withdrawals(settings: Settings) -> dict[str, dict[str, Any]]:
    """Releases of the profile that an erasure takes back, by id: `marked` and `withdrawn` (days; null until it is done), `why`."""
    path = settings.published / WITHDRAWN
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def is_to_be_withdrawn(settings: Settings, release_id: str) -> bool:
    """Whether the release goes as soon as another of its profile is in force."""
    said = withdrawals(settings).get(release_id)
    return said is not None and not said["withdrawn"]


def _stop_if_to_be_withdrawn(settings: Settings, release_id: str, verb: str) -> None:
    if is_to_be_withdrawn(settings, release_id):
        raise release_files.ReleaseError(
            f"Utgåvan {release_id} ska återkallas ({withdrawals(settings)[release_id]['why']}) och {verb} inte; kör bistand run."
        )


def roll_back(settings: Settings, release: Release) -> None:
    """Put an earlier release of its profile in force again, until the next run with something new makes another.

    Raises ReleaseError when its files are not those it was written with, or it is to be withdrawn.
    """
    own = replace(settings, profile=release.profile)
    _stop_if_to_be_withdrawn(own, release.release_id, "sätts i kraft")
    if not release_files.is_whole(release.folder):
        raise release_files.ReleaseError(
            f"Utgåvan {release.release_id} är inte hel (en fil stämmer inte med sin kontrollsumma) och sätts inte i kraft."
        )
    _swap_link(own, release.release_id)
