"""One run, whoever starts it: the command, the schedule, the sensor and Dagster's pages do the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.run_lock import only_run
from orchestration.settings import PROJECT_ROOT, Settings
from tests.conftest import bistand_environment
from tests.fixtures.random_register import RandomRegister, write_population

# what each way of starting does, in a process of its own as Dagster's daemon does: the tick, then the run that it asks for
TICK = """
import sys
import dagster as dg
from orchestration.pipeline import dagster_home
from orchestration.settings import load_settings

dagster_home(load_settings())
from orchestration.definitions import defs
from orchestration.defs import triggers

with dg.DagsterInstance.get() as instance:
    if sys.argv[1] == "schedule":
        told = triggers.nightly(dg.build_schedule_context(instance))
    else:
        told = triggers.new_delivery(dg.build_sensor_context(instance, cursor=sys.argv[2] or None))
    if isinstance(told, dg.SkipReason):
        print("SKIPPED", told.skip_message)
    else:
        print("ASKED", told.run_key or "")
        ended = defs.resolve_job_def("pipeline").execute_in_process(instance=instance)
        sys.exit(not ended.success)
"""


class Home:
    """One home, in which every run is started in the same way."""

    def __init__(self, folder: Path, way: str) -> None:
        self.settings = Settings(home=folder, profile="internal")
        self.way, self.cursor = way, ""

    def start(self, *arguments: str) -> subprocess.CompletedProcess:
        environment = bistand_environment(self.settings.home) | {"BISTAND_PROFILE": "internal"}
        tools = Path(sys.executable).parent
        if self.way == "pages":
            environment["DAGSTER_HOME"] = str(self.settings.build / "dagster")
            Path(environment["DAGSTER_HOME"]).mkdir(parents=True, exist_ok=True)
        command = {
            "command": [tools / "bistand", "run"],
            # the command by which Dagster's launcher runs what is asked for on its pages
            "pages": [
                tools / "dagster",
                "job",
                "execute",
                "-m",
                "orchestration.definitions",
                "-j",
                "pipeline",
            ],
            "schedule": [sys.executable, "-c", TICK, "schedule"],
            "sensor": [sys.executable, "-c", TICK, "sensor", self.cursor],
        }[self.way]
        ended = subprocess.run(
            [str(part) for part in [*command, *arguments]],
            cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if self.way == "sensor" and "ASKED" in ended.stdout:
            self.cursor = ended.stdout.split("ASKED ")[1].split()[0]
        return ended

    def release(self) -> str:
        return self.settings.current_release.resolve().name

    def remembered(self) -> dict:
        return json.loads((self.settings.build / "last_run.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def releases() -> list[list[str]]:
    """The releases of each way of starting, in the order of the deliveries."""
    return []


@pytest.mark.parametrize("way", ["command", "pages", "schedule", "sensor"])
def test_the_same_deliveries_give_the_same_releases_and_nothing_new_is_said(
    tmp_path: Path, way: str, releases: list[list[str]]
) -> None:
    home = Home(tmp_path, way)
    register = RandomRegister(seed=15, municipalities=("0180", "1280"), years=(2018, 2019), persons=40)
    write_population(tmp_path / "landing/population", ("0180", "1280"), (2018, 2019))
    landing = home.settings.landing_register
    register.write(landing)
    # a delivery is received when its file was last changed: at the same moments, whoever starts the run
    for minute, file in enumerate(sorted(landing.glob("*.csv"))):
        os.utime(file, (1_580_000_000 + 60 * minute,) * 2)
    later = (landing / "1280_2019.csv").rename(tmp_path / "later.csv")
    made = []
    for come in (None, later):
        if come:
            come.rename(landing / "1280_2019.csv")
        ended = home.start()
        assert ended.returncode == 0, ended.stdout + ended.stderr
        made.append(home.release())
        assert home.remembered()["release"] == made[-1]
    assert made[0] != made[1]
    if way != "pages":
        # who asks on the pages is never refused; the others have nothing to do
        assert "Inget nytt" in home.start().stdout
    releases.append(made)
    assert made == releases[0]


def test_one_asset_alone_is_made_and_a_release_alone_says_why_not(own_home: Path, tmp_path: Path) -> None:
    import shutil

    home = Home(Path(shutil.copytree(own_home, tmp_path / "home", symlinks=True)), "command")
    before = home.release()
    remembered = home.remembered()
    environment = bistand_environment(home.settings.home) | {
        "BISTAND_PROFILE": "internal",
        "DAGSTER_HOME": str(home.settings.build / "dagster"),
    }

    def materialize(asset: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(Path(sys.executable).parent / "dagster"), "asset", "materialize",
             "-m", "orchestration.definitions", "--select", asset],
            cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert materialize("staging/stg_register__person_months").returncode == 0
    alone = materialize("release")
    assert alone.returncode != 0
    assert "En utgåva görs bara av en hel körning, och intake är inte med" in alone.stdout + alone.stderr
    assert home.release() == before
    assert home.remembered() == remembered


def test_the_sensor_starts_one_run_for_each_state_of_landing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

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
