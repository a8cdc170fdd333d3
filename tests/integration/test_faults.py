"""Killed, doubled, starved of disk: the next run gives what an undisturbed one gives, and every fault is one sentence."""

from __future__ import annotations

import errno
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from orchestration.errors import DISK_FULL, ExitCode, PlainError, tells_of_full_disk
from orchestration.intake.deliveries import loading
from orchestration.intake.deliveries.decisions import decide
from orchestration.intake.rules import judging
from orchestration.release import files as release_files
from orchestration.run_lock import RunInProgressError, only_run
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.vault import file as vault_file
from tests.fixtures.asking import released
from tests.fixtures.commands import COMMAND, OWN_KEY, bistand, bistand_environment, bistand_process
from tests.fixtures.random_register import RandomRegister
from tests.fixtures.register_files import KEY, deliver, query, row, rows

SOAK = os.environ.get("BISTAND_SOAK") == "1"
SEED = os.environ.get("BISTAND_SOAK_SEED", "1")
LOADING_KILLS = 80 if SOAK else 6
LOADING = """
import sys
from pathlib import Path
from orchestration.intake.deliveries import loading
from orchestration.settings import Settings
print("börjar", flush=True)
try:
    loading.load_landing(Settings(home=Path(sys.argv[1])), progress=lambda line: print(line, flush=True))
    print("klart", flush=True)
except Exception as problem:
    print(type(problem).__name__, problem, flush=True)
"""
HOLDER = """
import sys, time
from pathlib import Path
from orchestration.run_lock import only_run
from orchestration.settings import Settings
with only_run(Settings(home=Path(sys.argv[1]))):
    print("håller", flush=True)
    time.sleep(600)
"""
# what differs between two runs that did the same: the clock and where the files lie on the disk
NOT_COMPARED = {"deliveries": ["loaded_at"], "landing_files_seen": ["inode"], "decisions": ["decided_at"]}


def content(settings: Settings) -> dict[str, list[tuple]]:
    """Every row of every table of the vault, in one order."""
    with vault_file.open_vault(settings, read_only=True) as vault:
        names = vault.execute(
            "select table_name from duckdb_tables() where database_name = 'vault'"
        ).fetchall()
        found = {}
        for (name,) in names:
            left_out = NOT_COMPARED.get(name)
            columns = f"* exclude ({', '.join(left_out)})" if left_out else "*"
            found[name] = vault.execute(f"select {columns} from register.{name} order by all").fetchall()
        return found


def start(script: str, home: Path, **more) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(home)],
        cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


def fill(settings: Settings) -> None:
    """Deliveries of every kind: good, resent, held, refused, copied, unreadable."""
    for minute in range(8):
        deliver(settings, rows(300, period=f"2018-{minute + 1:02d}"), name=f"{minute}.csv", minute=minute)
    deliver(settings, rows(20, period="2018-09"), name="få.csv", minute=20)
    deliver(
        settings,
        [*rows(3, period="2018-02"), row(period="2018-02", personnummer="1")],
        name="fel.csv",
        minute=21,
    )
    deliver(settings, rows(300, period="2018-03"), name="kopia.csv", minute=22)
    deliver(settings, rows(280, first=5000, period="2018-04"), name="igen.csv.gz", minute=23)
    deliver(settings, "", name="tom.csv", minute=24)


def killed(home: Path, seconds: float | None, line: str | None) -> None:
    """Starts the intake and kills it after so many seconds, or when it says the line."""
    process = start(LOADING, home)
    for said in process.stdout:
        if line is not None and line in said:
            break
        if line is None and said.startswith("börjar"):
            time.sleep(seconds)
            break
    process.kill()
    process.communicate()


def test_the_door_killed_at_any_moment_ends_in_the_same_vault(settings, tmp_path):
    fill(settings)
    homes = [tmp_path / f"kopia{number}" for number in range(LOADING_KILLS)]
    for home in homes:
        shutil.copytree(settings.landing_register, home / "landing" / "register")
    begun = time.monotonic()
    report = loading.load_landing(settings)
    duration = time.monotonic() - begun
    assert (report.held, report.rejected, report.duplicates, report.failed) == (1, 2, 1, 0)
    undisturbed = content(settings)
    draw = random.Random(SEED)
    steps = ["börjar", *(f"{name} " for name in ("0.csv", "4.csv", "få.csv", "fel.csv", "tom.csv"))]
    for number, home in enumerate(homes):
        if number % 2:
            killed(home, None, steps[number // 2 % len(steps)])
        else:
            killed(home, draw.uniform(0, duration), None)
        again = Settings(home=home)
        loading.load_landing(again)
        assert content(again) == undisturbed, number
        assert not vault_file.temporary_folder(again).exists()


# where a whole run is killed: a moment after it says this, or after so many lines
RUN_STEPS: list[str | int] = ["dbt: bygger"]
if SOAK:
    drawn_lines = random.Random(SEED).sample(range(1, 60), int(os.environ.get("BISTAND_KILLS", "6")))
    RUN_STEPS = [
        "Intaget", "1280_2017.csv", "Katalog", "Great Expectations: prövar leveranserna", "dbt: bygger",
        "indicator_values: klar", "Great Expectations: prövar utgåvan", "Röjandekontroll", "jämför det som visas", "Utgåva: skrivning", "ny utgåva", *drawn_lines,
    ]  # fmt: skip


@pytest.mark.parametrize("step", RUN_STEPS)
def test_the_whole_run_killed_ends_in_the_same_release(
    step, own_home, own_register: RandomRegister, own_key: None, tmp_path
):
    for folder in ("landing", "snapshots"):
        shutil.copytree(own_home / folder, tmp_path / folder)
    process = subprocess.Popen(
        [COMMAND, "run", "--profile", "internal"],
        cwd=PROJECT_ROOT, env=bistand_environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for number, said in enumerate(process.stdout, 1):
        if step == number or (isinstance(step, str) and step in said):
            time.sleep(random.uniform(0, 1))
            break
    process.kill()
    process.communicate()
    published = tmp_path / "published" / "internal"
    if (published / "current").exists():
        assert release_files.is_whole((published / "current").resolve())
    ended = bistand(tmp_path, "run", "--profile", "internal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert os.readlink(published / "current") == os.readlink(released(own_home))
    assert release_files.is_whole((published / "current").resolve())
    assert not list(published.glob(".bygger-*"))
    assert content(Settings(home=tmp_path)) == content(Settings(home=own_home))


def test_a_second_run_says_so_and_stops_and_a_killed_one_leaves_no_lock(settings):
    deliver(settings, rows(10))
    loading.load_landing(settings)
    before = settings.vault.read_bytes()
    deliver(settings, rows(10, period="2019-04"), name="b.csv", minute=1)
    holder = start(HOLDER, settings.home)
    try:
        assert holder.stdout.readline().startswith("håller")
        for command in (
            ["run"],
            ["deliveries", "accept", "1"],
            ["deliveries", "declare-empty", "0180", "2019-05"],
        ):
            ended = bistand(settings.home, *command, key=KEY.hex())
            assert ended.returncode == ExitCode.BUSY
            assert ended.stderr.startswith("Fel: En annan körning pågår")
            assert len(ended.stderr.strip().splitlines()) == 1
        assert settings.vault.read_bytes() == before
        assert not settings.build.joinpath("warehouse.duckdb").exists()
        with pytest.raises(RunInProgressError):
            loading.load_landing(settings)
    finally:
        holder.kill()
        holder.communicate()
    assert loading.load_landing(settings).accepted == 1


def test_the_lock_can_be_taken_again_inside_itself_only(settings):
    with only_run(settings), only_run(settings):
        pass
    with only_run(settings):
        pass


def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_run(settings, monkeypatch):
    path = deliver(settings, rows(5))
    deliver(settings, rows(5, period="2019-04"), name="b.csv", minute=1)
    whole_judge = judging.judge

    def grow(connection, file, *more_arguments):
        intake = whole_judge(connection, file, *more_arguments)
        if file == path:
            with path.open("a", encoding="utf-8") as more:
                more.write(";".join(rows(1, first=2000)[0].values()) + "\n")
        return intake

    monkeypatch.setattr(judging, "judge", grow)
    report = loading.load_landing(settings)
    assert (report.accepted, report.failed) == (1, 1)
    assert report.messages[0].startswith("0180.csv lästes inte in: den ändrades under läsningen.")
    assert query(
        settings, "select distinct delivery_id, count(*) from register.person_months group by 1"
    ) == [(1, 5)]
    monkeypatch.setattr(judging, "judge", whole_judge)
    assert loading.load_landing(settings).rows_loaded == 6


def test_what_cannot_be_read_is_told_and_stops_no_other(settings):
    deliver(settings, rows(5), name="bra.csv")
    landing = settings.landing_register
    (landing / "ingenstans.csv").symlink_to(landing / "finns inte")
    (landing / "minnet.csv").symlink_to("/proc/self/mem")
    os.mkfifo(landing / "rör.csv")
    (landing / "mapp.csv").mkdir()
    hidden = landing / "låst.csv"
    hidden.write_text("x")
    hidden.chmod(0)
    report = loading.load_landing(settings)
    assert report.accepted == 1
    told = {
        message.split(" lästes inte in")[0]: message for message in report.messages if "inte in" in message
    }
    assert "går inte att nå" in told["rör.csv"]
    links = [message for message in report.messages if "är en länk" in message]
    assert [message.split(" ")[0] for message in links] == ["ingenstans.csv", "minnet.csv"]
    # the owner of everything is let in everywhere
    assert os.geteuid() == 0 or "ge kontot läsrätt" in told["låst.csv"]
    assert query(settings, "select count(*) from register.person_months") == [(5,)]


@pytest.mark.parametrize("limit_kb", [1, 300, 700, 1500])
def test_a_full_disk_is_told_in_a_sentence_and_the_next_run_finishes(settings, tmp_path, limit_kb):
    fill(settings)
    other = Settings(home=tmp_path / "annan")
    shutil.copytree(settings.landing_register, other.landing_register)
    loading.load_landing(other)

    def few_bytes() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb * 1024, limit_kb * 1024))

    process = start(LOADING, settings.home, preexec_fn=few_bytes)
    said, wrong = process.communicate()
    assert wrong == ""
    last = said.strip().splitlines()[-1]
    assert last == "klart" or last.startswith("VaultWriteError Registret gick inte att skriva till"), said
    loading.load_landing(settings)
    assert content(settings) == content(other)


@pytest.mark.parametrize(
    "text",
    [
        os.strerror(errno.ENOSPC),
        os.strerror(errno.EFBIG),
        "(sqlite3.OperationalError) database or disk is full",
        "(sqlite3.OperationalError) disk I/O error",
        'IO Error: Could not write file "warehouse.duckdb": File too large',
    ],
)
def test_a_full_disk_is_known_however_it_is_said(text):
    assert tells_of_full_disk(text)
    assert not tells_of_full_disk("Binder Error: column not found")


def test_a_disk_that_is_full_before_the_run_has_begun_is_told_in_a_sentence(settings):
    deliver(settings, rows(5))

    def few_bytes() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20 * 1024, 20 * 1024))

    ended = bistand_process(settings.home, "run", preexec_fn=few_bytes)
    assert ended.returncode == 1
    assert ended.stderr.startswith("Fel: ")
    assert ended.stderr.endswith(f"{DISK_FULL}\n")
    assert len(ended.stderr.splitlines()) == 1


def test_the_order_of_deliveries_and_decisions_does_not_hang_on_the_clock(settings, monkeypatch):
    deliver(settings, rows(10))
    loading.load_landing(settings)
    monkeypatch.setattr(loading, "utc_now", lambda: datetime(2019, 12, 1))
    deliver(settings, rows(9, first=5000), name="b.csv", minute=1)
    told = loading.load_landing(settings).messages
    assert told[0].startswith("Datorns klocka visar 2019-12-01 men registret lästes senast 20")
    assert len(told) == 2
    assert query(settings, "select delivery_id from month_states where is_in_force and not is_optional") == [
        (2,)
    ]
    [(first, second)] = query(
        settings, "select list(loaded_at order by delivery_id) from register.deliveries"
    )[0:1][0]
    assert second < first
    for moment, decision in ((datetime(2020, 2, 2), "reject"), (datetime(2020, 2, 1), "accept")):
        monkeypatch.setattr("orchestration.intake.deliveries.decisions.utc_now", lambda moment=moment: moment)
        decide(settings, decision, 2)
    assert query(settings, "select delivery_id from month_states where is_in_force and not is_optional") == [
        (2,)
    ]


@pytest.mark.parametrize("place", ["register", "register/register.duckdb", "register/.lock"])
def test_what_stands_in_the_way_of_the_register_is_told(settings, place):
    deliver(settings, rows(5))
    blocked = settings.home / place
    blocked.parent.mkdir(exist_ok=True)
    if place == "register":
        blocked.write_text("x")
    else:
        blocked.mkdir()
    with pytest.raises(PlainError) as caught:
        loading.load_landing(settings)
    assert str(caught.value).endswith(".")
    ended = bistand(settings.home, "run", key=OWN_KEY)
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
