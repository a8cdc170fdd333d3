"""A release: the same bytes from the same warehouse, whole or not at all, and nobody to be found in it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
from pathlib import Path

import pytest

from orchestration.database import attach, open_database
from orchestration.release.build import Release, ReleaseError, build_release, current_release, list_releases
from orchestration.run_lock import RunInProgressError
from orchestration.settings import Settings
from orchestration.warehouse.quality import CHANGE_SUITE, QualityResult
from tests.fixtures.small_warehouse import build_small_warehouse

CHECK = QualityResult(
    "release", "release_values", "Ett krav", "indicator_values", "value", "blocking", True, "", 9
)

ONE = (
    "indicator_id = 'adult_recipients' and geography_id = '1280' and period = '2019' and breakdown = 'total'"
)


@pytest.fixture
def settings(small_home: Path, tmp_path: Path) -> Settings:
    """A home with the small warehouse and no release."""
    return Settings(home=shutil.copytree(small_home, tmp_path / "home"), profile="internal")


@pytest.fixture(scope="module")
def release(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of the small warehouse. Read only."""
    home = shutil.copytree(small_home, tmp_path_factory.mktemp("released") / "home")
    return build_release(Settings(home=home, profile="internal"), [])


def change(settings: Settings, sql: str) -> None:
    with open_database(settings.warehouse) as connection:
        connection.execute(sql)


def read(release: Release, sql: str) -> list[tuple]:
    with open_database() as connection:
        attach(connection, release.folder / "indicators.duckdb", "release")
        connection.execute("use release.marts")
        return connection.execute(sql).fetchall()


def fingerprints(release: Release) -> dict[str, str]:
    files = [path for path in sorted(release.folder.rglob("*")) if path.is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_warehouse_gives_the_same_bytes(settings: Settings, own_home: Path, tmp_path: Path) -> None:
    first = build_release(settings, [CHECK])
    second = build_release(build_small_warehouse(own_home, tmp_path / "again"), [CHECK])
    assert first.release_id == second.release_id
    assert fingerprints(first) == fingerprints(second)


def test_building_again_changes_nothing(settings: Settings) -> None:
    first = build_release(settings, [CHECK])
    before = fingerprints(first)
    again = build_release(settings, [CHECK])
    assert (first.is_new, again.is_new) == (True, False)
    assert again.release_id == first.release_id
    assert fingerprints(again) == before
    assert len(list_releases(settings)) == 1


def test_the_name_says_day_and_profile(release: Release) -> None:
    assert release.release_id.startswith(f"{release.as_of}-internal-")
    assert len(release.release_id.rsplit("-", 1)[1]) == 12
    assert read(release, "select release_id, profile from release_info") == [(release.release_id, "internal")]


def test_readers_find_the_release_through_the_link(settings: Settings) -> None:
    release = build_release(settings, [])
    assert settings.current_release.is_symlink()
    assert settings.current_release.resolve() == release.folder.resolve()
    assert current_release(settings).release_id == release.release_id


def test_other_figures_give_another_release_and_the_old_stays(settings: Settings) -> None:
    first = build_release(settings, [])
    change(settings, f"update marts.indicator_values set value = 53, numerator = 53 where {ONE}")
    second = build_release(settings, [])
    assert second.is_new
    assert current_release(settings).release_id == second.release_id
    assert {one.release_id for one in list_releases(settings)} == {first.release_id, second.release_id}


def test_a_release_that_comes_back_is_put_in_force_again(settings: Settings) -> None:
    first = build_release(settings, [])
    change(settings, f"update marts.indicator_values set value = 53, numerator = 53 where {ONE}")
    build_release(settings, [])
    change(settings, f"update marts.indicator_values set value = 52, numerator = 52 where {ONE}")
    assert build_release(settings, []).release_id == first.release_id
    assert current_release(settings).release_id == first.release_id


def test_only_so_many_old_releases_are_kept(settings: Settings) -> None:
    first = build_release(settings, [])
    text = (first.folder / "manifest.json").read_text(encoding="utf-8")
    for number in range(12):
        older = settings.published / f"{first.release_id[:-12]}{number:012d}"
        shutil.copytree(first.folder, older)
        (older / "manifest.json").chmod(0o600)
        (older / "manifest.json").write_text(text.replace(first.release_id, older.name), encoding="utf-8")
    change(settings, "update marts.dim_geographies set geography_name = 'Ny' where geography_id = '1280'")
    last = build_release(settings, [])
    assert len(list_releases(settings)) == 10
    assert current_release(settings).release_id == list_releases(settings)[0].release_id == last.release_id


def test_a_failed_verification_leaves_the_release_in_force(settings: Settings) -> None:
    first = build_release(settings, [])
    before = fingerprints(first)
    change(settings, "update marts.indicator_values set value = null where value = 52")
    with pytest.raises(ReleaseError, match="värde utan status published"):
        build_release(settings, [])
    assert current_release(settings).release_id == first.release_id
    assert fingerprints(first) == before
    assert sorted(path.name for path in settings.published.iterdir()) == [
        first.release_id,
        "current",
    ]


def test_what_a_crashed_build_left_is_cleared_by_the_next(settings: Settings) -> None:
    leftover = settings.published / ".bygger-avbruten"
    leftover.mkdir(parents=True)
    (leftover / "indicators.duckdb").write_bytes(b"halv")
    build_release(settings, [])
    assert not leftover.exists()


def test_a_release_that_was_damaged_on_disk_is_written_anew(settings: Settings) -> None:
    first = build_release(settings, [])
    before = fingerprints(first)
    (first.folder / "parquet" / "indicator_values.parquet").write_bytes(b"trasig")
    build_release(settings, [])
    assert fingerprints(current_release(settings)) == before


def test_a_blocking_failure_stops_the_release(settings: Settings) -> None:
    failed = QualityResult("landing", "landing_units", "Kravet", "x", None, "blocking", False, "2 rader", 9)
    with pytest.raises(ReleaseError, match="Publiceringen stoppades av 1 kontroller, den första: Kravet"):
        build_release(settings, [CHECK, failed])
    assert current_release(settings) is None


def test_a_warning_is_released_with_the_figures(settings: Settings) -> None:
    warning = QualityResult("landing", "landing_units", "Kravet", "x", None, "warning", False, "2 rader", 9)
    release = build_release(settings, [warning])
    assert read(release, "select expectation, severity, is_passed from quality_results") == [
        ("Kravet", "warning", False)
    ]


def test_a_check_against_the_release_before_does_not_make_a_new_release(settings: Settings) -> None:
    build_release(settings, [CHECK])
    history = QualityResult(
        "release", CHANGE_SUITE, "Ändring", "x", None, "warning", True, "ny iakttagelse", 30
    )
    assert not build_release(settings, [CHECK, history]).is_new


def test_the_internal_release_shows_all_and_only_to_its_owner(release: Release) -> None:
    assert read(release, "select count(*) from indicator_values where value_status = 'suppressed'") == [(0,)]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in release.folder.rglob("*") if path.is_file()}
    assert modes == {0o400}
    assert stat.S_IMODE(release.folder.stat().st_mode) == 0o700


def test_descriptions_follow_with_the_tables(release: Release) -> None:
    comments = dict(
        read(release, "select table_name, comment from duckdb_tables() where database_name = 'release'")
    )
    assert comments["indicator_values"].startswith(
        "One row per indicator, definition, geography, period and breakdown"
    )
    assert read(
        release,
        "select comment from duckdb_columns() where table_name = 'indicator_values' and column_name = 'value' "
        "and database_name = 'release'",
    ) == [("The figure in its unit; null unless the status is published.",)]


def test_parquet_holds_the_same_rows_as_the_database(release: Release) -> None:
    for table in release.row_counts:
        path = release.folder / "parquet" / f"{table}.parquet"
        with open_database() as connection:
            attach(connection, release.folder / "indicators.duckdb", "release")
            differing = connection.execute(
                f"select count(*) from (from release.marts.{table} except all from '{path}')"
            ).fetchone()[0]
        assert differing == 0, table


def test_a_table_that_was_not_built_is_named(settings: Settings) -> None:
    change(settings, "drop table marts.reconciliation")
    with pytest.raises(ReleaseError, match="reconciliation saknas i datalagret"):
        build_release(settings, [])


def test_nothing_delivered_is_nothing_to_publish(settings: Settings) -> None:
    change(settings, "update marts.release_info set as_of = null")
    with pytest.raises(ReleaseError, match="inga levererade månader"):
        build_release(settings, [])


def test_without_a_warehouse_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="kör bistand run först"):
        build_release(Settings(home=tmp_path), [])


def test_two_builds_at_once_are_one_too_many(settings: Settings) -> None:
    settings.register_folder.mkdir(parents=True, exist_ok=True)
    with (settings.register_folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RunInProgressError, match="En annan körning pågår"):
            build_release(settings, [])


def test_a_home_that_is_moved_keeps_its_release_in_force(settings: Settings, tmp_path: Path) -> None:
    release = build_release(settings, [])
    shutil.move(settings.home, tmp_path / "flyttad")
    moved = Settings(home=tmp_path / "flyttad", profile="internal")
    assert current_release(moved).release_id == release.release_id
    assert not os.path.isabs(os.readlink(moved.current_release))
