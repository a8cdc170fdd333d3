"""Releases that would give an erased person away go when others have followed them, kept or not, and nothing tells what differed."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.database import open_database
from orchestration.release.build import Release, ReleaseError, build_release, current_release
from orchestration.release.store import (
    find_release,
    is_to_be_withdrawn,
    keep_release,
    kept_releases,
    list_releases,
    roll_back,
    withdrawals,
)
from orchestration.release.withdrawal import mark, withdraw
from orchestration.settings import Settings


@pytest.fixture
def settings(small_home: Path, tmp_path: Path) -> Settings:
    """A home with the small warehouse and no release."""
    return Settings(home=shutil.copytree(small_home, tmp_path / "home"), profile="internal")


def change(settings: Settings, sql: str) -> None:
    with open_database(settings.warehouse) as connection:
        connection.execute(sql)


def another(settings: Settings) -> Release:
    """A release with one figure that is another."""
    change(
        settings,
        "update marts.indicator_values set value = value + 1 where geography_id = '1280' and period = '2019' "
        "and indicator_id = 'adult_recipients' and breakdown = 'total' and value is not null",
    )
    return build_release(settings, [])


def changes(release: Release) -> dict:
    return json.loads((release.folder / "changes.json").read_text(encoding="utf-8"))


def test_a_release_goes_when_another_follows_and_leaves_a_line(settings: Settings) -> None:
    first = build_release(settings, [])
    keep_release(settings, first.release_id, "årsredovisningen")
    assert [one.release_id for one in mark(settings, [1])] == [first.release_id]
    with pytest.raises(ReleaseError, match="ska återkallas"):
        keep_release(settings, first.release_id, "ändå")
    with pytest.raises(ReleaseError, match="ska återkallas"):
        roll_back(settings, first)
    second = another(settings)
    assert changes(second) == {"before": first.release_id, "is_withheld": True, "changes": []}
    assert withdraw(settings) == [first.release_id]
    assert [one.release_id for one in list_releases(settings)] == [second.release_id]
    assert not first.folder.exists()
    assert kept_releases(settings) == {}
    said = withdrawals(settings)[first.release_id]
    assert said["why"] == "en person är raderad"
    assert None not in (said["marked"], said["withdrawn"])
    with pytest.raises(ReleaseError, match="är återkallad"):
        find_release(settings, first.release_id[:-4])
    third = changes(another(settings))
    assert not third["is_withheld"]
    assert len(third["changes"]) == 1
    assert withdraw(settings) == []


def test_a_release_without_the_deliveries_stays(settings: Settings) -> None:
    change(settings, "delete from meta.deliveries where delivery_id = 1")
    without = build_release(settings, [])
    assert mark(settings, [1]) == []
    assert [one.release_id for one in mark(settings, [1, 2])] == [without.release_id]


def test_a_release_that_comes_out_the_same_without_the_person_stays(settings: Settings) -> None:
    first = build_release(settings, [])
    mark(settings, [1])
    assert not build_release(settings, []).is_new
    assert withdraw(settings) == []
    assert not is_to_be_withdrawn(settings, first.release_id)
    assert current_release(settings).release_id == first.release_id


def test_a_removal_that_was_cut_off_is_ended_by_the_next_run(settings: Settings) -> None:
    first = build_release(settings, [])
    mark(settings, [1])
    second = another(settings)
    # as a kill between the two steps leaves it
    first.folder.rename(settings.published / f".bygger-withdrawn-{first.release_id}")
    assert [one.release_id for one in list_releases(settings)] == [second.release_id]
    another(settings)
    assert withdraw(settings) == [first.release_id]
    assert not list(settings.published.glob(".bygger-*"))


def test_releases_as_of_a_day_go_too_and_other_profiles_wait_for_their_own(settings: Settings) -> None:
    first = build_release(settings, [])
    # one of the older layout, where profiles lay together
    day = settings.home / "published" / "as-of" / "2020-06-30"
    shutil.copytree(first.folder, day / first.release_id)
    os.symlink(first.release_id, day / "current")
    public = replace(settings, profile="public")
    shown = Path(shutil.copytree(first.folder, public.published / "2020-01-01-public-0"))
    manifest = json.loads((shown / "manifest.json").read_text(encoding="utf-8"))
    (shown / "manifest.json").chmod(0o600)
    (shown / "manifest.json").write_text(
        json.dumps(manifest | {"release_id": shown.name, "profile": "public"})
    )
    assert {one.release_id for one in mark(settings, [1])} == {first.release_id, shown.name}
    as_of = replace(settings, as_of=date(2020, 6, 30))
    assert is_to_be_withdrawn(as_of, first.release_id)
    another(settings)
    assert withdraw(settings) == [first.release_id, first.release_id]
    assert list_releases(as_of) == []
    assert not as_of.current_release.is_symlink()
    assert is_to_be_withdrawn(public, shown.name)
    assert [one.release_id for one in list_releases(public)] == [shown.name]
