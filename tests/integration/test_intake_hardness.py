"""The intake under strain: bad files beside good ones, crashes, keys, permissions, and not one personnummer left."""

from __future__ import annotations

import gzip
import os
import random
import signal
import stat
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.intake.deliveries import loading
from orchestration.intake.rules import judging
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.vault import file as vault_file
from orchestration.vault import key as vault_key
from orchestration.vault import ledger, pseudonym
from tests.fixtures.mutations import spellings
from tests.fixtures.register_files import COLUMNS, KEY, adult, csv_text, deliver, query, row, rows


def test_bad_files_are_each_refused_with_rule_and_message_and_stop_no_other(settings):
    good = csv_text(rows(10))
    bad = {
        "tom.csv": (b"", "D03"),
        "rubrik.csv": (good.splitlines()[0].encode(), "D03"),
        "kolumn.csv": (good.replace("roll", "rollen").encode(), "D02"),
        "skiljetecken.csv": (good.replace(";", "|").encode(), "D02"),
        "avbruten.csv.gz": (None, "D01"),
        "skräp.csv": (random.Random(1).randbytes(5000), "D01"),
        "skräp.parquet": (random.Random(2).randbytes(5000), "D01"),
        "uttag.xlsx": (b"PK\x03\x04", "D01"),
        "framtid.csv": (csv_text(rows(10, period="2199-01")).encode(), "D04"),
    }
    for name, (content, _) in bad.items():
        path = deliver(settings, b"x" if content is None else content, name=name)
        if content is None:
            path.write_bytes(gzip.compress(good.encode())[:-12])
    deliver(settings, good.encode("cp1252"), name="under/mapp/bra.csv", minute=1)
    (settings.landing_register / "README.md").write_text("En anteckning.")
    (settings.landing_register / ".dold.csv").write_text("x")
    report = loading.load_landing(settings)
    assert (report.accepted, report.rejected, report.failed, report.rows_loaded) == (1, 9, 0, 10)
    ledger_rows = query(settings, "select file_name, state, rule_id, message from register.deliveries")
    for name, state, rule_id, message in ledger_rows:
        if name == "under/mapp/bra.csv":
            assert (state, rule_id) == ("accepted", None)
        else:
            assert (name, state, rule_id) == (name, "rejected", bad[name][1])
            assert message.startswith(f"{name} avvisades: ")
            assert message.endswith(".")
    assert len(ledger_rows) == 10
    assert loading.load_landing(settings).files == 0


def test_an_unexpected_error_in_one_file_stops_no_other_and_it_is_tried_again(settings, monkeypatch):
    deliver(settings, rows(5), name="a.csv")
    deliver(settings, rows(5, period="2019-04"), name="b.csv", minute=1)
    remember = ledger.remember_file

    def lose_a_row(connection, file_name, *further, **named):
        # the rows are written already, and not committed
        remember(connection, file_name, *further, **named)
        if file_name == "a.csv":
            raise judging.ConservationError

    monkeypatch.setattr(ledger, "remember_file", lose_a_row)
    report = loading.load_landing(settings)
    assert (report.accepted, report.failed) == (1, 1)
    assert "a.csv lästes inte in" in report.messages[0]
    assert query(settings, "select count(*) from register.person_months") == [(5,)]
    monkeypatch.setattr(ledger, "remember_file", remember)
    assert loading.load_landing(settings).accepted == 1
    assert query(settings, "select count(*) from register.person_months") == [(10,)]


def test_rows_that_go_missing_roll_the_whole_file_back(settings, monkeypatch):
    deliver(settings, rows(5))
    steps = dict(judging.statements())
    steps["judged_rows"] = steps["judged_rows"].replace(
        "from verdicts;", "from verdicts where file_row <> 3;"
    )
    monkeypatch.setattr(judging, "statements", lambda: steps)
    report = loading.load_landing(settings)
    assert report.failed == 1
    assert "stämmer inte" in report.messages[0]
    for table in ("deliveries", "delivery_months", "person_months", "quarantine", "landing_files_seen"):
        assert query(settings, f"select count(*) from register.{table}") == [(0,)]


def test_a_killed_run_leaves_every_month_old_or_new_and_the_next_run_finishes(settings):
    deliver(settings, rows(50), name="a.csv")
    deliver(settings, rows(30), name="b.csv", minute=1)
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from orchestration.intake.deliveries import loading\n"
        "from orchestration.vault import ledger\n"
        "from orchestration.settings import Settings\n"
        "record = ledger.record_delivery\n"
        "def die(connection, delivery):\n"
        "    record(connection, delivery)\n"
        "    if delivery.delivery_id == 2:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "ledger.record_delivery = die\n"
        "loading.load_landing(Settings(home=Path(sys.argv[1])))\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(settings.home)], cwd=PROJECT_ROOT, env=os.environ, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    leftover = vault_file.temporary_folder(settings)
    leftover.mkdir(exist_ok=True)
    (leftover / "rest").write_text(adult(1000))
    assert query(settings, "select delivery_id, count(*) from register.person_months group by 1") == [(1, 50)]
    assert loading.load_landing(settings).accepted == 1
    assert query(settings, "select delivery_id from month_states where is_in_force and not is_optional") == [
        (2,)
    ]
    assert not leftover.exists()


def test_no_personnummer_lies_anywhere_but_in_the_landing_folder(settings):
    numbers = [adult(number) for number in range(200)]
    people = []
    for place, number in enumerate(numbers):
        form = spellings(number)[place % 4]
        people.append(
            row(
                hushalls_id=spellings(numbers[place - 1])[place % 5],
                personnummer=form,
                distrikt=f"hos {spellings(numbers[place - 2])[place % 5]}",
                forsorjningshinder=f"se {spellings(numbers[place - 3])[place % 5]}",
            )
        )
    people[50]["personnummer"] = people[50]["personnummer"][:-1] + "x"
    people[60]["period"] = numbers[60]
    people[70]["kommunkod"] = numbers[70]
    people[80]["roll"] = numbers[80]
    people[90]["forsorjningsstod_kr"] = "-" + numbers[90]
    named = csv_text(people).replace("distrikt", f"distrikt;anm {numbers[1][:8]}-{numbers[1][8:]}", 1)
    named = named.replace("\n", f";{numbers[2]}\n").replace(f";{numbers[2]}\n", "\n", 1)
    deliver(settings, named, name=f"Uttag {numbers[3]}.csv")
    deliver(
        settings,
        csv_text(people).replace("roll", numbers[4], 1),
        name=f"{numbers[5][:8]}_{numbers[5][8:]}.csv",
    )
    deliver(settings, [*people[:4], row(personnummer=numbers[6] + "1")], name="avvisad.csv", minute=2)
    deliver(settings, "\n".join(csv_text(people).splitlines()[1:]), name="utan rubrik.csv", minute=3)
    told: list[str] = []
    report = loading.load_landing(settings, told.append)
    assert report.accepted == 1
    assert report.rejected == 3
    kept = "\n".join([*told, *report.messages]).encode()
    for path in settings.home.rglob("*"):
        if path.is_file() and not path.is_relative_to(settings.landing_register):
            kept += path.read_bytes() + path.name.encode()
    with vault_file.open_vault(settings, read_only=True) as vault:
        # the file is compressed inside: what can be read out of it counts as well
        for (table,) in vault.execute(
            "select table_name from duckdb_tables() where database_name = 'vault'"
        ).fetchall():
            kept += str(vault.execute(f"from register.{table}").fetchall()).encode()
    found = [form for number in numbers for form in spellings(number) if form.encode() in kept]
    assert found == []


def test_the_vault_is_readable_by_its_owner_only(settings):
    deliver(settings, rows(5))
    old = os.umask(0o022)
    try:
        loading.load_landing(settings)
    finally:
        os.umask(old)
    assert stat.S_IMODE(settings.register_folder.stat().st_mode) == 0o700
    files = [path for path in settings.register_folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert sorted(path.name for path in files) == [".copying", ".lock", "register.duckdb"]


def test_another_key_is_refused_by_a_vault_and_nothing_is_loaded(settings, monkeypatch):
    deliver(settings, rows(5))
    loading.load_landing(settings)
    deliver(settings, rows(5, period="2019-04"), name="b.csv", minute=1)
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, "ab" * 32)
    with pytest.raises(vault_key.VaultKeyError, match="krypterat med en annan nyckel") as caught:
        loading.load_landing(settings)
    assert "abab" not in str(caught.value)
    # the vault opens by a key of its own: the pseudonym key must still be the one it was made with
    monkeypatch.setenv(vault_key.KEY_VARIABLE, vault_key.derived_key(KEY))
    with pytest.raises(pseudonym.KeyMismatchError):
        loading.load_landing(settings)
    monkeypatch.delenv(vault_key.KEY_VARIABLE)
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
    assert loading.load_landing(settings).accepted == 1


def test_synthetic_and_real_deliveries_never_meet_in_one_vault(settings):
    deliver(settings, rows(5), name="demo/a.csv")
    (settings.landing_register / "demo" / "SYNTETISKT.txt").touch()
    loading.load_landing(settings)
    assert query(settings, "select is_synthetic from register.deliveries") == [(True,)]
    deliver(settings, rows(5, period="2019-04"), name="verklig.csv", minute=1)
    with pytest.raises(loading.MixedVaultError, match="Syntetiska och verkliga"):
        loading.load_landing(settings)


def test_the_demo_needs_no_key(settings, monkeypatch):
    monkeypatch.delenv(pseudonym.KEY_VARIABLE)
    deliver(settings, rows(5), synthetic=True)
    assert loading.load_landing(settings).accepted == 1
    assert (settings.register_folder / "demo.key").exists()


def test_a_vault_in_use_is_told_in_a_sentence(settings):
    deliver(settings, rows(5))
    with (
        vault_file.open_vault(settings),
        pytest.raises(vault_file.VaultBusyError, match="används av en annan körning"),
    ):
        loading.load_landing(settings)
    with pytest.raises(vault_file.VaultMissingError):
        vault_file.open_vault(Settings(home=settings.home / "annan"), read_only=True)


def test_the_pseudonyms_are_the_same_from_csv_and_parquet(settings):
    lines = rows(10)
    deliver(settings, lines, name="a.csv")
    table = pa.table({name: [line[name] or None for line in lines] for name in COLUMNS})
    pq.write_table(table, settings.landing_register / "b.parquet")
    report = loading.load_landing(settings)
    assert (report.accepted, report.rows_loaded) == (2, 20)
    assert query(
        settings, "select count(distinct person_id), count(distinct household_id) from register.person_months"
    ) == [(10, 10)]


def test_a_parquet_file_with_a_broken_page_is_refused_and_the_next_file_is_loaded(settings):
    lines = rows(3000)
    table = pa.table({name: [line[name] or None for line in lines] for name in COLUMNS})
    path = deliver(settings, b"", name="a.parquet")
    pq.write_table(table, path)
    content = bytearray(path.read_bytes())
    content[2000:2200] = random.Random(4).randbytes(200)
    deliver(settings, bytes(content), name="a.parquet")
    deliver(settings, lines[:5], name="b.csv", minute=1)
    report = loading.load_landing(settings)
    assert (report.accepted, report.rejected, report.failed) == (1, 1, 0)
    assert query(settings, "select state, rule_id from register.deliveries order by delivery_id") == [
        ("rejected", "D01"),
        ("accepted", None),
    ]


def test_a_delivery_larger_than_memory_spills_and_leaves_nothing(settings, monkeypatch):
    monkeypatch.setattr(
        vault_file, "_limit_memory", lambda connection: connection.execute("set memory_limit = '128MB'")
    )
    deliver(settings, rows(60_000))
    assert loading.load_landing(settings).rows_loaded == 60_000
    assert not vault_file.temporary_folder(settings).exists()
