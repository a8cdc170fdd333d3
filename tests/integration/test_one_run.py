"""One run, whoever starts it: the command, the schedule, the sensor and Dagster's pages do the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import psycopg2
import pytest

from orchestration.run_lock import only_run
from orchestration.settings import PROJECT_ROOT, Settings
from tests.fixtures.asking import released
from tests.fixtures.commands import as_process, bistand, bistand_environment, dagster_in_memory
from tests.fixtures.random_register import resent_month

MONTH = "2019-07"
TOOL = str(Path(sys.executable).parent / "dagster")
RUN_BY_DAGSTER = [TOOL, "job", "execute", "-m", "orchestration.definitions", "-j", "pipeline"]
MATERIALIZE = [TOOL, "asset", "materialize", "-m", "orchestration.definitions", "--select"]


def dagster(home: Path, *command: str, **variables: str) -> subprocess.CompletedProcess:
    """A command of Dagster's in a process of its own, as its launcher starts what is asked for on its pages."""
    log = home / "build" / "dagster"
    log.mkdir(exist_ok=True)
    own = {"BISTAND_PROFILE": "internal", "DAGSTER_HOME": str(log)} | variables
    return subprocess.run(
        command, cwd=PROJECT_ROOT, env=bistand_environment(home) | own, capture_output=True, text=True, check=False
    )  # fmt: skip


def tick(home: Path, way: str) -> str:
    """What Dagster's daemon does: the tick, then the run that it asks for. Returns why nothing was asked for, or nothing."""
    from orchestration.definitions import defs
    from orchestration.defs import triggers
    from orchestration.pipeline import dagster_home
    from orchestration.settings import load_settings

    with as_process(home, BISTAND_PROFILE="internal", **dagster_in_memory()):
        dagster_home(load_settings())
        with dg.DagsterInstance.get() as instance:
            if way == "schedule":
                told = triggers.nightly(dg.build_schedule_context(instance))
            else:
                told = triggers.new_delivery(dg.build_sensor_context(instance))
            if isinstance(told, dg.SkipReason):
                return told.skip_message
            assert defs.resolve_job_def("pipeline").execute_in_process(instance=instance).success
            return ""


def release_of(home: Path) -> str:
    return released(home).resolve().name


def remembered(home: Path) -> dict:
    return json.loads((home / "build" / "last_run_internal.json").read_text(encoding="utf-8"))


def run_command(home: Path) -> str:
    ended = bistand(home, "run", "--profile", "internal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def run_on_pages(home: Path) -> str:
    ended = dagster(home, *RUN_BY_DAGSTER)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


WAYS = {
    "command": run_command,
    "pages": run_on_pages,
    "schedule": lambda home: tick(home, "schedule"),
    "sensor": lambda home: tick(home, "sensor"),
}


@pytest.fixture(scope="module")
def releases() -> set[str]:
    """The releases that the ways of starting have made of the same deliveries."""
    return set()


@pytest.mark.parametrize("way", WAYS)
def test_the_same_delivery_gives_the_same_release_and_nothing_new_is_said(
    home: Path, way: str, releases: set[str]
) -> None:
    before = release_of(home)
    later = home / "landing/register/later.csv"
    later.write_text("\n".join(resent_month(home, "1280", MONTH)) + "\n", encoding="utf-8")
    # later than what it replaces, and at the same moment in every home
    moment = (home / "landing/register/1280_2019.csv").stat().st_mtime + 1
    os.utime(later, (moment, moment))
    assert "Inget nytt" not in WAYS[way](home)
    assert release_of(home) != before
    assert remembered(home)["release"] == release_of(home)
    if way != "pages":
        # who asks on the pages is never refused; the others have nothing to do
        assert "Inget nytt" in WAYS[way](home)
    else:
        with dg.DagsterInstance.from_config(str(home / "build" / "dagster")) as instance:
            [of_month] = instance.get_runs(dg.RunsFilter(tags={"municipality/1280": MONTH}))
        assert of_month.tags["release/internal"] == release_of(home)
        assert [name for name in of_month.tags if name.startswith("municipality/")] == ["municipality/1280"]
    releases.add(release_of(home))
    assert len(releases) == 1


def test_one_asset_alone_is_made_and_a_release_alone_says_why_not(home: Path) -> None:
    before, noted = release_of(home), remembered(home)
    assert dagster(home, *MATERIALIZE, "staging/stg_register__person_months").returncode == 0
    alone = dagster(home, *MATERIALIZE, "release")
    assert alone.returncode != 0
    assert "En utgåva görs bara av en hel körning, och intake är inte med" in alone.stdout + alone.stderr
    assert (release_of(home), remembered(home)) == (before, noted)


def test_the_sensor_starts_one_run_for_each_state_of_landing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.defs.triggers import new_delivery

    monkeypatch.setenv("BISTAND_HOME", str(tmp_path))
    cursor: str | None = None

    def look() -> bool:
        nonlocal cursor
        context = dg.build_sensor_context(cursor=cursor)
        told = new_delivery(context)
        cursor = context.cursor
        return isinstance(told, dg.RunRequest)

    assert look()
    assert not look()
    for place in ("register/ny.csv", "events/h.csv", "population/f.csv", "mappings/m.yml"):
        path = tmp_path / "landing" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("c", encoding="utf-8")
        assert look(), place
        assert not look()
    (tmp_path / "landing/register/ny.csv").write_text("ändrad", encoding="utf-8")
    holder = subprocess.Popen(
        [sys.executable, "-c",
         "import sys, time; from pathlib import Path; from orchestration.run_lock import only_run; "
         "from orchestration.settings import Settings\n"
         "with only_run(Settings(home=Path(sys.argv[1]))): print('held', flush=True); time.sleep(600)",
         str(tmp_path)],
        cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        assert not look()
    finally:
        holder.kill()
        holder.communicate()
    with only_run(Settings(home=tmp_path)):
        pass
    # the one that came during another run is not forgotten
    assert look()
    assert "ny.csv" not in (cursor or "")


def test_runs_are_remembered_in_postgresql_as_the_how_to_says(
    home: Path, tmp_path: Path, postgres_socket: Path
) -> None:
    text = (PROJECT_ROOT / "docs/how-to/run-it-every-night.md").read_text(encoding="utf-8")
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "dagster.yaml").write_text(
        text.split("```yaml\n")[1].split("```")[0], encoding="utf-8"
    )
    address = f"postgresql+psycopg2://lake@/lake?host={postgres_socket}"
    own = {"DAGSTER_HOME": str(tmp_path / "team"), "DAGSTER_POSTGRES_URL": address}
    ended = dagster(home, *MATERIALIZE, "staging/stg_register__person_months", **own)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with (
        psycopg2.connect(host=str(postgres_socket), user="lake", dbname="lake") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("select status, count(*) from runs group by status")
        assert cursor.fetchall() == [("SUCCESS", 1)]
