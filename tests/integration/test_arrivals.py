"""What comes while we run, or is still being written: never lost, never read by half."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.intake.deliveries import loading
from orchestration.intake.deliveries.decisions import decide
from orchestration.intake.deliveries.landing import look_in_landing
from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse import whats_new
from orchestration.warehouse.whats_new import note_inputs, release_of_unchanged_inputs, remember_inputs
from tests.fixtures.asking import in_release
from tests.fixtures.commands import bistand, bistand_environment
from tests.fixtures.random_register import resent_month
from tests.fixtures.register_files import csv_text, deliver, query, rows

# a run like that of the command, but that a file is laid in landing after each of its steps
_RUN_WITH_ARRIVALS = """
import sys
from pathlib import Path

home, waiting = Path(sys.argv[1]), Path(sys.argv[2])

def arrive(step):
    for path in sorted((waiting / step).rglob("*")):
        if path.is_file():
            target = home / "landing" / path.relative_to(waiting / step)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

def before(module, name, step):
    whole = getattr(module, name)
    def wrapped(*arguments, **named):
        arrive(step)
        return whole(*arguments, **named)
    setattr(module, name, wrapped)

def after(module, name, step):
    whole = getattr(module, name)
    def wrapped(*arguments, **named):
        made = whole(*arguments, **named)
        arrive(step)
        return made
    setattr(module, name, wrapped)

from orchestration import pipeline
from orchestration.release import build
from orchestration.warehouse import raw_tables
from orchestration.intake.deliveries import loading
from validation import gates

after(pipeline, "note_inputs", "1_noted")
after(loading, "look_in_landing", "2_looked")
after(loading, "load_landing", "3_loaded")
after(raw_tables, "load_raw_tables", "4_raw")
before(gates, "run_release_gate", "5_gate")
after(build, "build_release", "6_released")
from orchestration.settings import load_settings
pipeline.run_pipeline(load_settings("internal"))
"""


def test_a_file_that_comes_at_any_step_of_a_run_is_taken_in_by_the_next(home: Path, tmp_path: Path) -> None:
    waiting = tmp_path / "waiting"

    def lay(step: str, place: str, text: str) -> None:
        path = waiting / step / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    steps = ("1_noted", "2_looked", "3_loaded", "4_raw", "5_gate", "6_released")
    for number, step in enumerate(steps, start=1):
        month = resent_month(home, "1280", f"2019-{number:02d}")
        lay(step, f"register/steg{number}.csv", "\n".join(month) + "\n")
        lay(
            step,
            f"events/steg{number}.csv",
            f"datum;kommunkod;rubrik;slag;ny_fas\n2019-0{number}-01;;Steg {number};regel;nej\n",
        )
    exits = (home / "landing/register/avslut_1280_2019.csv").read_text(encoding="utf-8").splitlines()
    lay("5_gate", "register/avslut_ny.csv", "\n".join(exits[:2]) + "\n")
    population = (home / "landing/population/folkmangd.csv").read_text(encoding="utf-8")
    lay("4_raw", "population/ny.csv", population.replace(";20;", ";20;", 1))
    # something new, so that there is a run at all
    (home / "landing/register/forst.csv").write_text(
        "\n".join(resent_month(home, "0180", "2019-01")) + "\n", encoding="utf-8"
    )
    environment = bistand_environment(home) | {"BISTAND_SETTLE_SECONDS": "0"}
    ended = subprocess.run(
        [sys.executable, "-c", _RUN_WITH_ARRIVALS, str(home), str(waiting)],
        cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not any(path.is_file() for path in waiting.rglob("*"))
    again = bistand(home, "run", "--profile", "internal")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Inget nytt" not in again.stdout
    files = {
        name for (name,) in in_release(home, "select file_name from delivery_files where state <> 'rejected'")
    }
    assert {f"steg{number}.csv" for number in range(1, 7)} | {"avslut_ny.csv"} <= files
    titles = {title for (title,) in in_release(home, "select title from variation_events")}
    assert {f"Steg {number}" for number in range(1, 7)} <= titles
    last = bistand(home, "run", "--profile", "internal")
    assert "Inget nytt" in last.stdout, last.stdout


def test_only_what_was_there_at_the_beginning_and_was_taken_in_is_remembered(settings):
    deliver(settings, rows(3), name="läst.csv")
    release = settings.published / "r1"
    release.mkdir(parents=True)
    settings.current_release.symlink_to("r1")
    settings.build.mkdir(exist_ok=True)

    def is_unchanged() -> bool:
        return release_of_unchanged_inputs(settings, note_inputs(settings)) == "r1"

    inputs = note_inputs(settings)
    loading.load_landing(settings)
    remember_inputs(settings, inputs)
    assert is_unchanged()
    # came after the run had begun, and was read by it: the next run looks again
    inputs = note_inputs(settings)
    deliver(settings, rows(3, first=2000, period="2019-04"), name="sen.csv", minute=1)
    loading.load_landing(settings)
    remember_inputs(settings, inputs)
    assert not is_unchanged()
    # lay there but could not be read, here since it changes while it is read
    inputs = note_inputs(settings)
    remember_inputs(settings, inputs)
    assert is_unchanged()
    unread = deliver(settings, rows(3, first=3000, period="2019-05"), name="oläst.csv", minute=2)
    remember_inputs(settings, note_inputs(settings))
    assert not is_unchanged()
    unread.unlink()
    assert is_unchanged()
    # a decision is something new
    decide(settings, "reject", 1)
    assert not is_unchanged()


def test_other_code_is_something_new(settings, monkeypatch):
    before = note_inputs(settings)
    assert note_inputs(settings) == before
    monkeypatch.setattr(whats_new, "code_digest", lambda: "another")
    assert note_inputs(settings).rest != before.rest


def test_a_file_that_is_still_written_to_waits_and_is_then_read_whole(settings):
    settings = replace(settings, settle_seconds=1.0)
    whole = csv_text(rows(180)).splitlines(keepends=True)
    path = settings.landing_register / "växer.csv"
    path.parent.mkdir(parents=True)
    path.write_text("".join(whole[:101]), encoding="utf-8")
    stop = threading.Event()

    def write_on() -> None:
        for line in whole[101:161]:
            if stop.is_set():
                return
            with path.open("a", encoding="utf-8") as file:
                file.write(line)
            time.sleep(0.05)

    writer = threading.Thread(target=write_on)
    writer.start()
    report = loading.load_landing(settings)
    stop.set()
    writer.join()
    assert (report.failed, report.rows_loaded) == (1, 0)
    assert report.messages[0].endswith("Filen prövas igen vid nästa körning.")
    path.write_text("".join(whole), encoding="utf-8")
    assert loading.load_landing(settings).rows_loaded == 180


def test_a_file_that_has_been_still_is_not_waited_for(settings, monkeypatch):
    deliver(settings, rows(3))
    monkeypatch.setattr("orchestration.intake.deliveries.landing.time.sleep", lambda _: pytest.fail("waited"))
    assert loading.load_landing(replace(settings, settle_seconds=600)).rows_loaded == 3


@pytest.mark.parametrize(
    "name",
    ["~$uttag.xlsx", ".uttag.csv", "Thumbs.db", "THUMBS.DB", "desktop.ini", "uttag.csv.part", "uttag.csv.tmp",
     "uttag.csv.filepart", "uttag.csv.crdownload", "README.txt"],
)  # fmt: skip
def test_what_programs_and_systems_leave_behind_is_no_delivery(settings, name):
    deliver(settings, rows(3))
    (settings.landing_register / name).write_bytes(b"x")
    report = loading.load_landing(settings)
    assert (report.files, report.accepted) == (1, 1)
    assert query(settings, "select count(*) from register.deliveries") == [(1,)]


def test_a_link_is_told_and_never_followed(settings, tmp_path):
    elsewhere = tmp_path / "annanstans"
    elsewhere.mkdir()
    (elsewhere / "fil.csv").write_text(csv_text(rows(3)), encoding="utf-8")
    deliver(settings, rows(5, first=2000))
    (settings.landing_register / "länk.csv").symlink_to(elsewhere / "fil.csv")
    (settings.landing_register / "mapp").symlink_to(elsewhere)
    assert [file.name for file in look_in_landing(settings).files] == ["0180.csv"]
    report = loading.load_landing(settings)
    assert report.rows_loaded == 5
    told = "\n".join(report.messages)
    assert "länk.csv är en länk och lästes inte in" in told
    assert "mapp är en länk och lästes inte in" in told
