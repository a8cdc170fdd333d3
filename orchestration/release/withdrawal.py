"""Releases that would give an erased person away: named when the person is erased, removed once others have followed them.

Beside the release that follows, without the person, an earlier one shows by its difference where the person was. A release that
is kept is no exception. What is left of it is a line in `withdrawn.json` beside the releases: id, days and reason.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from orchestration.database import open_database
from orchestration.release import files as release_files
from orchestration.release.store import (
    TEMPORARY,
    WITHDRAWN,
    Release,
    adopt_older_layout,
    current_release,
    days_asked_for,
    keep_release,
    list_releases,
    withdrawals,
)
from orchestration.settings import PROFILES, Settings, utc_now

ERASED = "en person är raderad"


def mark(settings: Settings, deliveries: list[int]) -> list[Release]:
    """Note every release that holds figures of one of the deliveries, also those as of an earlier day, and return them.

    Called under the lock, before the rows are gone: stopped after it, the worst is a release withdrawn for nothing.
    """
    adopt_older_layout(settings)
    marked = []
    for place in _places(settings):
        noted = withdrawals(place)
        found = [one for one in list_releases(place) if _holds(one, deliveries)]
        for one in found:
            noted.setdefault(
                one.release_id, {"marked": utc_now().date().isoformat(), "withdrawn": None, "why": ERASED}
            )
        if found:
            release_files.replace_json(place.published / WITHDRAWN, noted)
        marked += found
    return marked


def withdraw(settings: Settings) -> list[str]:
    """Remove the noted releases of the profile, but for the one in force; returns their ids.

    Called when a release has been built and put in force. The one in force, when noted, came out the same without the person,
    and is noted no longer. An ordinary release also removes those as of an earlier day, which nothing follows.
    """
    removed = []
    for place in _places(settings):
        if place.profile != settings.profile or settings.as_of not in (None, place.as_of):
            continue
        noted = withdrawals(place)
        waiting = [name for name, said in noted.items() if not said["withdrawn"]]
        in_force = current_release(place)
        for release_id in waiting:
            is_in_force = in_force is not None and in_force.release_id == release_id
            if is_in_force and place.as_of == settings.as_of:
                del noted[release_id]
                continue
            if is_in_force:
                place.current_release.unlink()
            _remove(place.published, release_id)
            keep_release(place, release_id, None)
            noted[release_id]["withdrawn"] = utc_now().date().isoformat()
            removed.append(release_id)
        if waiting:
            release_files.replace_json(place.published / WITHDRAWN, noted)
    return removed


def _places(settings: Settings) -> Iterator[Settings]:
    """Settings of each folder of releases in the home: both profiles, now and as of each day asked for."""
    for day in (None, *days_asked_for(settings)):
        for profile in PROFILES:
            place = replace(settings, profile=profile, as_of=day)
            if place.published.is_dir():
                yield place


def _holds(release: Release, deliveries: Iterable[int]) -> bool:
    """Whether one of the deliveries stands in the release, in whatever state; one that cannot be asked is taken to hold it."""
    with open_database() as connection:
        try:
            found = connection.execute(
                f"select count(*) from {release_files.parquet_of(release.folder, 'deliveries')} "
                "where list_contains($numbers, delivery_id)",
                {"numbers": list(deliveries)},
            ).fetchall()
        except duckdb.Error:
            return True
    return bool(found[0][0])


def _remove(published: Path, release_id: str) -> None:
    """Under another name first, so that half a release is never seen; a crashed removal is ended by the next build."""
    folder, leaving = published / release_id, published / f"{TEMPORARY}withdrawn-{release_id}"
    if folder.is_dir():
        folder.rename(leaving)
    if leaving.is_dir():
        shutil.rmtree(leaving)
