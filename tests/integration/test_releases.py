"""A release: the same rows from the same warehouse, whole or not at all, and nobody to be found in it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import stat
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestration.database import attach, open_database
from orchestration.errors import PlainError
from orchestration.release.build import Release, ReleaseError, build_release, current_release, list_releases
from orchestration.release.compare import compare, names_of, tell, totals
from orchestration.release.export import export_release
from orchestration.release.files import read_manifest
from orchestration.release.store import keep_release, kept_releases, roll_back
from orchestration.run_lock import RunInProgressError
from orchestration.settings import Settings
from orchestration.warehouse.quality import CHANGE_SUITE, QualityResult
from tests.fixtures.register_files import adult
from tests.fixtures.small_warehouse import build_small_warehouse

READERS = 10
SWAPS = 100 if os.environ.get("BISTAND_SOAK") == "1" else 3
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
        connection.execute("set search_path = 'release.marts,release.meta'")
        return connection.execute(sql).fetchall()


def fingerprints(release: Release) -> dict[str, str]:
    files = [path for path in sorted(release.folder.rglob("*")) if path.is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def of_content(release: Release) -> dict[str, str]:
    """Without the database, whose rows lie as the threads happened to write them, and the sums of its bytes."""
    written = fingerprints(release)
    return {
        name: written[name] for name in written.keys() - {"indicators.duckdb", "manifest.json", "SHA256SUMS"}
    }


def test_the_same_warehouse_gives_the_same_content(
    settings: Settings, own_home: Path, tmp_path: Path
) -> None:
    first = build_release(settings, [CHECK])
    second = build_release(build_small_warehouse(own_home, tmp_path / "again"), [CHECK])
    assert first.release_id == second.release_id
    assert of_content(first) == of_content(second)


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


def test_a_reader_is_never_disturbed_by_a_swap(settings: Settings) -> None:
    """Each opens by the link, asks while it is swapped, asks again, and opens anew: the same release to the end of a connection,
    and one of the two whole. A thousand of them over a hundred swaps in `make soak`."""
    first = build_release(settings, [])
    change(settings, f"update marts.indicator_values set value = 53, numerator = 53 where {ONE}")
    second = build_release(settings, [])
    asked = f"select release_id, (select value from release.marts.indicator_values where {ONE}) from release.meta.release_info"
    known = {read_asked(one.folder, asked) for one in (first, second)}
    assert len(known) == 2
    moment = threading.Barrier(READERS + 1, timeout=60)

    def read_on() -> bool:
        with open_database() as connection:
            attach(connection, settings.current_release / "indicators.duckdb", "release")
            seen = connection.execute(asked).fetchall()
            moment.wait()
            # the link is swapped meanwhile
            answers = [connection.execute(asked).fetchall() for _ in range(5)]
        anew = [read_asked(settings.current_release, asked) for _ in range(3)]
        return set(anew) <= known and answers == [seen] * 5

    with ThreadPoolExecutor(READERS) as pool:
        for swap in range(SWAPS):
            readers = [pool.submit(read_on) for _ in range(READERS)]
            moment.wait()
            roll_back(settings, (first, second)[swap % 2])
            assert all(reader.result() for reader in readers), swap
    assert current_release(settings).release_id == (first, second)[(SWAPS - 1) % 2].release_id


def read_asked(folder: Path, asked: str) -> tuple:
    with open_database() as connection:
        attach(connection, folder / "indicators.duckdb", "release")
        return connection.execute(asked).fetchall()[0]


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


def test_old_releases_go_unless_kept_in_force_or_among_the_latest(settings: Settings) -> None:
    first = build_release(settings, [])
    text = (first.folder / "manifest.json").read_text(encoding="utf-8")
    years_ago = time.time() - 3 * 365 * 86_400
    for number in range(12):
        older = settings.published / f"{first.release_id[:-12]}{number:012d}"
        shutil.copytree(first.folder, older)
        manifest = older / "manifest.json"
        manifest.chmod(0o600)
        manifest.write_text(text.replace(first.release_id, older.name), encoding="utf-8")
        os.utime(manifest, (years_ago + number, years_ago + number))
    quoted = f"{first.release_id[:-12]}{0:012d}"
    keep_release(settings, quoted, f"citeras i årsredovisningen, se {adult(1)}")
    change(settings, "update marts.dim_geographies set geography_name = 'Ny' where geography_id = '1280'")
    last = build_release(settings, [])
    left = [one.release_id for one in list_releases(settings)]
    assert len(left) == 11
    assert left[0] == last.release_id == current_release(settings).release_id
    assert left[-1] == quoted
    assert kept_releases(settings) == {quoted: "citeras i årsredovisningen, se [dolt]"}
    keep_release(settings, quoted, None)
    change(settings, "update marts.dim_geographies set geography_name = 'Nyare' where geography_id = '1280'")
    build_release(settings, [])
    assert quoted not in {one.release_id for one in list_releases(settings)}


def test_an_earlier_release_can_be_put_in_force_if_it_is_whole(settings: Settings) -> None:
    first = build_release(settings, [])
    change(settings, f"update marts.indicator_values set value = 53, numerator = 53 where {ONE}")
    second = build_release(settings, [])
    roll_back(settings, first)
    assert current_release(settings).release_id == first.release_id
    (second.folder / "indicators.duckdb").chmod(0o600)
    (second.folder / "indicators.duckdb").write_bytes(b"annat")
    with pytest.raises(ReleaseError, match="är inte hel"):
        roll_back(settings, second)
    assert current_release(settings).release_id == first.release_id


def test_the_difference_says_what_changed_where_and_why(settings: Settings) -> None:
    first = build_release(settings, [])
    change(settings, f"update marts.indicator_values set value = 53, numerator = 53 where {ONE}")
    change(
        settings,
        "insert into meta.deliveries by name select '1280' as municipality_code, '2019-02' as period, "
        "'accepted' as state, 99 as delivery_id",
    )
    change(settings, "insert into meta.delivery_files by name select 99 as delivery_id, 'accepted' as state")
    change(
        settings,
        "update marts.dim_indicators set definition_text = 'Ny' where indicator_id = 'child_recipients'",
    )
    change(
        settings,
        "update marts.indicator_values set value = null, value_status = 'not_reported' where period = '2018' "
        "and indicator_id = 'child_recipients' and geography_id = '0180' and breakdown = 'total'",
    )
    second = build_release(settings, [])
    told = json.loads((second.folder / "changes.json").read_text(encoding="utf-8"))
    assert told["before"] == first.release_id
    found = {(one["geography_id"], one["indicator_id"]): one for one in told["changes"]}
    assert set(found) == {("1280", "adult_recipients"), ("0180", "child_recipients")}
    changed, gone = found["1280", "adult_recipients"], found["0180", "child_recipients"]
    assert (changed["changed_count"], changed["withdrawn_count"], changed["why"]) == (1, 0, "delivery")
    assert (gone["changed_count"], gone["withdrawn_count"], gone["why"]) == (0, 1, "definition")
    manifests = tuple(read_manifest(one.folder) for one in (first, second))
    told = list(tell(compare(first, second, manifests), totals(first, second), names_of(second)))
    assert told[:2] == ["2 siffror skiljer, i 2 områden.", "  1 borttagen: definitionen är ändrad"]
    assert "  Malmö 2019: 1 ändrad (Vuxna biståndsmottagare); leverans, beslut eller gallring" in told
    assert told[-4:] == [
        "  Vuxna biståndsmottagare 2019: 1 ändrad, i 1 område",
        "Årets siffra för alla, enligt den officiella definitionen, förut och nu:",
        "  Stockholm 2018, Barn i familjer med bistånd: 15 → ej rapporterat",
        "  Malmö 2019, Vuxna biståndsmottagare: 52 → 53",
    ]


def test_the_files_are_those_that_the_sums_say(release: Release) -> None:
    done = subprocess.run(
        ["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=release.folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout
    listed = (release.folder / "SHA256SUMS").read_text(encoding="utf-8")
    assert {"manifest.json", "changes.json", "indicators.duckdb"} <= {
        line.split("  ")[1] for line in listed.splitlines()
    }


def test_exported_csv_is_as_swedish_excel_reads_it(release: Release, tmp_path: Path) -> None:
    export_release(release, tmp_path / "ut", "csv")
    text = (tmp_path / "ut" / "indicator_values.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfindicator_id;")
    lines = text.decode("utf-8-sig").splitlines()
    assert len(lines) == release.row_counts["indicator_values"] + 1
    assert any(",5" in line for line in lines)
    with pytest.raises(PlainError, match="finns redan"):
        export_release(release, tmp_path / "ut", "csv")


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
    before = of_content(first)
    (first.folder / "parquet" / "indicator_values.parquet").write_bytes(b"trasig")
    build_release(settings, [])
    assert of_content(current_release(settings)) == before


def test_a_blocking_failure_stops_the_release(settings: Settings) -> None:
    failed = QualityResult("landing", "landing_months", "Kravet", "x", None, "blocking", False, "2 rader", 9)
    with pytest.raises(ReleaseError, match="Publiceringen stoppades av 1 kontroller, den första: Kravet"):
        build_release(settings, [CHECK, failed])
    assert current_release(settings) is None


def test_a_warning_is_released_with_the_figures(settings: Settings) -> None:
    warning = QualityResult("landing", "landing_months", "Kravet", "x", None, "warning", False, "2 rader", 9)
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
            connection.execute("set search_path = 'release.marts,release.meta'")
            differing = connection.execute(
                f"select count(*) from (from {table} except all from '{path}')"
            ).fetchone()[0]
        assert differing == 0, table


def test_a_table_that_was_not_built_is_named(settings: Settings) -> None:
    change(settings, "drop table marts.reconciliation")
    with pytest.raises(ReleaseError, match="reconciliation saknas i datalagret"):
        build_release(settings, [])


def test_nothing_delivered_is_nothing_to_publish(settings: Settings) -> None:
    change(settings, "update meta.release_info set as_of = null")
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
