"""The register at rest: encrypted, with keys that can be changed, and able to forget for good."""

from __future__ import annotations

import base64
import fcntl
import os
import stat
import subprocess
import sys
import termios
import time
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from orchestration.cli.vault import vault as vault_commands
from orchestration.errors import RegisterError
from orchestration.intake.deliveries import decisions, loading, originals
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.upkeep import forgetting, rekeying
from orchestration.vault import file as vault_file
from orchestration.vault import key as vault_key
from orchestration.vault import pseudonym, rewrite
from orchestration.vault.states import put_states
from tests.fixtures.asking import released
from tests.fixtures.commands import COMMAND, OWN_KEY, bistand, bistand_environment, bistand_process
from tests.fixtures.register_files import KEY, adult, child, csv_text, deliver, query, row, rows

NEW_KEY = bytes(range(100, 132))


def spelled(key: bytes) -> list[bytes]:
    """Every way a key might stand in a file."""
    return [key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key)]


def bytes_below(folder: Path) -> bytes:
    return b"".join(
        path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "landing" not in path.parts
    )


def family(period: str, household: str = "A", first: int = 1) -> list[dict[str, str]]:
    """A registerledare with the household's money, the other adult and a child."""
    return [
        row(period=period, hushalls_id=household, personnummer=adult(first), hushallstyp="8", forsorjningsstod_kr="9000"),
        row(
            period=period, hushalls_id=household, personnummer=adult(first + 1), roll="MS", hushallstyp="",
            forsorjningsstod_kr="",
        ),
        row(
            period=period, hushalls_id=household, personnummer=child(first), roll="BARN", hushallstyp="",
            forsorjningsstod_kr="", forsorjningshinder="",
        ),
    ]  # fmt: skip


def money(settings: Settings) -> list[tuple]:
    """Kronor and households of each month in force, as the models count them."""
    return query(
        settings,
        """
        select period_month, sum(sek), count(distinct household_id) from (
            select delivery_id, municipality_code, period_month, household_id, forsorjningsstod_sek as sek
            from register.person_months
            union all
            select delivery_id, municipality_code, period_month, household_id, forsorjningsstod_sek
            from register.erased_rows
        ) semi join (from month_states where is_in_force and not is_optional)
            using (delivery_id, municipality_code, period_month)
        group by 1 order by 1
        """,
    )


# encryption -------------------------------------------------------------------------------------------------------


def test_real_data_are_encrypted_and_invented_ones_only_when_a_key_is_set(tmp_path, settings, monkeypatch):
    deliver(settings, rows(5))
    loading.load_landing(settings)
    assert vault_file.is_encrypted(settings.vault)
    with duckdb.connect() as stranger, pytest.raises(duckdb.Error, match="without a key"):
        stranger.execute(f"attach '{settings.vault}'")
    invented = Settings(home=tmp_path / "demo")
    deliver(invented, rows(5), synthetic=True)
    loading.load_landing(invented)
    assert not vault_file.is_encrypted(invented.vault)
    monkeypatch.setenv(vault_key.KEY_VARIABLE, NEW_KEY.hex())
    deliver(invented, rows(5, period="2019-04"), name="b.csv", minute=1)
    assert loading.load_landing(invented).accepted == 1
    assert vault_file.is_encrypted(invented.vault)
    assert query(invented, "select count(*) from register.person_months") == [(10,)]


def test_without_the_key_or_with_another_every_command_says_so_in_a_sentence(settings, monkeypatch):
    deliver(settings, rows(5))
    loading.load_landing(settings)
    before = settings.vault.read_bytes()
    for key, sentence in ((None, "nyckeln saknas"), (NEW_KEY.hex(), "en annan nyckel")):
        for command in (["list"], ["show", "1"], ["report", "1"], ["accept", "1"], ["replay", "1"]):
            ended = bistand(settings.home, "deliveries", *command, key=key)
            assert ended.returncode == 1, command
            assert sentence in ended.stderr
            assert len(ended.stderr.strip().splitlines()) == 1
            assert ended.stderr.startswith("Fel: Registret är krypterat")
    assert settings.vault.read_bytes() == before
    assert bistand(settings.home, "deliveries", "list", key=KEY.hex()).returncode == 0


def test_a_plain_vault_with_real_data_is_encrypted_by_the_next_writing_run(settings, monkeypatch):
    deliver(settings, rows(5))
    loading.load_landing(settings)
    rewrite.write_anew(settings, None)
    assert not vault_file.is_encrypted(settings.vault)
    before = query(settings, "from register.person_months order by all")
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, NEW_KEY.hex())
    with pytest.raises(pseudonym.KeyMismatchError):
        decisions.decide(settings, "reject", 1)
    assert not vault_file.is_encrypted(settings.vault)
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
    decisions.decide(settings, "reject", 1)
    assert vault_file.is_encrypted(settings.vault)
    assert query(settings, "from register.person_months order by all") == before
    assert [path.name for path in settings.register_folder.iterdir() if path.name.startswith(".reg")] == []


def test_a_whole_run_leaves_no_key_in_any_file_or_word(own_home):
    """Among the files is what the run said."""
    key = bytes.fromhex(OWN_KEY)
    kept = bytes_below(own_home)
    for folder in (PROJECT_ROOT / "dbt_project", PROJECT_ROOT / "logs"):
        kept += bytes_below(folder)
    assert (own_home / "build" / "dbt_target" / "manifest.json").exists()
    places = [*spelled(key), *spelled(bytes.fromhex(vault_key.derived_key(key)))]
    assert [place for place in places if place in kept] == []


def test_with_a_umask_that_lets_everybody_in_a_run_lets_in_nobody_but_the_owner(own_home):
    open_to_others = [
        str(path.relative_to(own_home))
        for path in own_home.rglob("*")
        # what a municipality lays there, and what others have published
        if not {"landing", "snapshots"} & set(path.parts)
        and not path.is_symlink()
        and stat.S_IMODE(path.stat().st_mode) & 0o077
        and not any(not stat.S_IMODE(parent.stat().st_mode) & 0o077 for parent in path.parents if own_home in parent.parents)
    ]  # fmt: skip
    assert open_to_others == ["published", "said.txt"]
    assert stat.S_IMODE((own_home / "build" / "warehouse.duckdb").stat().st_mode) == 0o600


# keys -------------------------------------------------------------------------------------------------------------


def rekey(settings: Settings, tmp_path: Path, monkeypatch, *more: str) -> str:
    """`bistand vault rekey` with the new key in a file; returns what it said."""
    name = "BISTAND_PSEUDONYM_NEW_KEY_FILE" if more else "BISTAND_VAULT_NEW_KEY_FILE"
    (tmp_path / "ny").write_text(NEW_KEY.hex())
    monkeypatch.setenv(name, str(tmp_path / "ny"))
    monkeypatch.setenv("BISTAND_HOME", str(settings.home))
    ended = CliRunner().invoke(vault_commands, ["rekey", *more], catch_exceptions=False)
    assert ended.exit_code == 0
    assert NEW_KEY.hex() not in ended.output
    return ended.output


def test_a_new_encryption_key_changes_no_pseudonym_and_shuts_the_old_key_out(settings, tmp_path, monkeypatch):
    deliver(settings, rows(5))
    loading.load_landing(settings)
    before = query(settings, "from register.person_months order by all")
    assert "kopplas som förut" in rekey(settings, tmp_path, monkeypatch)
    with pytest.raises(vault_key.VaultKeyError, match="en annan nyckel"):
        query(settings, "select 1")
    monkeypatch.setenv(vault_key.KEY_VARIABLE, NEW_KEY.hex())
    assert query(settings, "from register.person_months order by all") == before
    deliver(settings, rows(5, period="2019-04"), name="b.csv", minute=1)
    assert loading.load_landing(settings).accepted == 1
    assert query(settings, "select count(distinct person_id), count(*) from register.person_months") == [
        (5, 10)
    ]
    with pytest.raises(RegisterError, match="redan har"):
        rekeying.new_encryption_key(settings, NEW_KEY.hex())


def test_the_new_key_can_be_typed_without_being_shown(settings, monkeypatch):
    deliver(settings, rows(5))
    loading.load_landing(settings)
    monkeypatch.setenv("BISTAND_HOME", str(settings.home))
    typed = f"{NEW_KEY.hex()}\n{NEW_KEY.hex()}\n"
    ended = CliRunner().invoke(vault_commands, ["rekey"], input=typed, catch_exceptions=False)
    assert ended.exit_code == 0
    assert NEW_KEY.hex() not in ended.output
    monkeypatch.setenv(vault_key.KEY_VARIABLE, NEW_KEY.hex())
    assert forgetting.log_lines(settings)[0].endswith("bytte registrets krypteringsnyckel")


LINKS = """
    select list(row(delivery_id, file_row) order by delivery_id, file_row) from register.person_months
    group by {} order by 1
"""


def test_new_pseudonyms_keep_the_same_rows_together_and_link_what_comes_after(
    settings, tmp_path, monkeypatch
):
    filed = Settings(home=settings.home, originals="archived")
    deliver(settings, [*family("2019-03"), *rows(20)], name="a.csv")
    deliver(settings, "kommunkod;period;hushalls_id;personnummer;avslutsorsak\n"
            f"0180;2019-03;A;{adult(1)};arbete\n", name="avslut.csv", minute=1)  # fmt: skip
    loading.load_landing(filed)
    deliver(settings, [*family("2019-04"), *rows(20, period="2019-04")], name="b.csv", minute=2)
    loading.load_landing(settings)
    assert [path.name for path in settings.landing_register.iterdir()] == ["b.csv"]
    groups = {what: query(settings, LINKS.format(what)) for what in ("person_id", "household_id")}
    old_ids = set(query(settings, "select person_id from register.person_months"))

    assert "23 personer har nya pseudonymer" in rekey(settings, tmp_path, monkeypatch, "--pseudonyms")
    deliver(settings, rows(5, period="2019-05"), name="gammal.csv", minute=3)
    with pytest.raises(vault_key.VaultKeyError):
        loading.load_landing(settings)
    monkeypatch.setenv(vault_key.KEY_VARIABLE, vault_key.derived_key(NEW_KEY))
    with pytest.raises(pseudonym.KeyMismatchError):
        loading.load_landing(settings)
    monkeypatch.delenv(vault_key.KEY_VARIABLE)
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, NEW_KEY.hex())
    assert {what: query(settings, LINKS.format(what)) for what in groups} == groups
    assert not old_ids & set(query(settings, "select person_id from register.person_months"))
    assert query(
        settings,
        "select count(*) from register.exit_reasons semi join register.person_months using (person_id)",
    ) == [(1,)]
    deliver(settings, [*family("2019-05"), *rows(20, period="2019-05")], name="gammal.csv", minute=4)
    assert loading.load_landing(settings).accepted == 1
    assert query(settings, "select count(distinct person_id), count(*) from register.person_months") == [
        (23, 69)
    ]
    assert not vault_file.temporary_folder(settings).exists()


def test_pseudonyms_are_not_changed_when_an_original_is_missing(settings):
    deliver(settings, rows(20), name="a.csv")
    path = deliver(settings, rows(20, first=3000, period="2019-04"), name="b.csv", minute=1)
    loading.load_landing(settings)
    path.unlink()
    before = query(settings, "from register.person_months order by all")
    with pytest.raises(RegisterError, match=r"originalen till leverans 2 saknas .* inte längre kopplas"):
        rekeying.new_pseudonyms(settings, NEW_KEY)
    assert query(settings, "select count(*) from register.vault_log") == [(0,)]
    assert query(settings, "from register.person_months order by all") == before


# forgetting -------------------------------------------------------------------------------------------------------


def test_forgotten_months_are_not_delivered_at_any_moment_and_do_not_come_back(settings):
    old, new = (
        [*family("2009-12")[:2], row(period="2009-12", personnummer="1"), *rows(30, period="2009-12")],
        rows(9, period="2010-01"),
    )
    deliver(settings, [*old, *new], name="allt.csv")
    deliver(settings, [*family("2009-12")[:2], *rows(29, period="2009-12")], name="gammal.csv", minute=1)
    loading.load_landing(settings)
    ledger = (
        "select sum(rows_loaded), sum(rows_quarantined), sum(persons_count) from register.delivery_months"
    )
    counted = query(settings, ledger)
    outcome = forgetting.forget_months(settings, date(2010, 1, 1))
    assert (outcome.rows, outcome.deliveries) == (32 + 31, 2)
    assert outcome.files_left == ("allt.csv", "gammal.csv")
    assert query(settings, "select distinct period_month from register.person_months") == [
        (date(2010, 1, 1),)
    ]
    assert query(settings, "select count(*) from register.quarantine where period_month < '2010-01-01'") == [
        (0,)
    ]
    assert query(settings, ledger) == counted
    for moment in (None, datetime(2020, 1, 2)):
        with vault_file.open_vault(settings, read_only=True) as vault:
            put_states(vault, moment)
            states = vault.execute("select delivery_id, period_month, state from month_states order by all")
            found = states.fetchall()
        assert found == [
            (1, date(2009, 12, 1), "forgotten"),
            (1, date(2010, 1, 1), "accepted"),
            (2, date(2009, 12, 1), "forgotten"),
        ]
    assert query(settings, "select delivery_id, state from delivery_states order by 1") == [
        (1, "accepted"),
        (2, "forgotten"),
    ]
    # the very bytes again are known; other bytes for the month are kept out, and the file's other months are let in
    deliver(settings, [*family("2009-12")[:2], *rows(29, period="2009-12")], name="igen.csv", minute=2)
    deliver(
        settings,
        [*rows(3, period="2009-12"), *rows(9, first=2000, period="2010-02")],
        name="mer.csv",
        minute=3,
    )
    report = loading.load_landing(settings)
    assert (report.duplicates, report.accepted, report.rows_quarantined) == (1, 1, 3)
    assert query(settings, "select min(period_month) from register.person_months") == [(date(2010, 1, 1),)]
    with pytest.raises(RegisterError, match="flyttas bara framåt"):
        forgetting.forget_months(settings, date(2009, 1, 1))
    with pytest.raises(RegisterError, match="gallrade"):
        loading.declare_empty(settings, "0180", "2009-11")
    [line] = forgetting.log_lines(settings)
    assert "gallrade månader före 2010-01: 63 rader i 2 leveranser" in line


def test_an_erased_person_is_in_no_table_and_the_household_keeps_its_money(settings):
    alone = rows(1, first=50, period="2019-03", forsorjningsstod_kr="500")
    deliver(settings, [*family("2019-03"), *alone, *rows(20)], name="a.csv")
    deliver(settings, [*family("2019-03"), *alone, *rows(20)][::-1], name="b.csv", minute=1)
    deliver(settings, [*family("2019-04"), *rows(20, period="2019-04")], name="c.csv", minute=2)
    loading.load_landing(settings)
    before = money(settings)
    ids = {number: forgetting.person_id(KEY, number) for number in (adult(1), adult(50))}
    with_id = "select count(*) from register.{} where person_id = '{}'"
    assert query(settings, with_id.format("person_months", ids[adult(1)])) == [(3,)]
    [(lonely,)] = query(
        settings,
        f"select distinct household_id from register.person_months where person_id = '{ids[adult(50)]}'",
    )
    # ten digits, as the intake reads them
    outcome = forgetting.erase_person(settings, f"{adult(1)[2:8]}-{adult(1)[8:]}")
    assert (outcome.rows, outcome.deliveries) == (3, 3)
    forgetting.erase_person(settings, adult(50))
    for number in ids.values():
        assert query(settings, with_id.format("person_months", number)) == [(0,)]
    # the other adult and the child are left in their household; of the lonely one's household not even the id is
    assert query(settings, f"select count(*) from register.erased_rows where household_id = '{lonely}'") == [
        (0,)
    ]
    assert query(
        settings, f"select count(*) from register.person_months where household_id = '{lonely}'"
    ) == [(0,)]
    assert money(settings) == before
    assert [line.split("  ")[1] for line in forgetting.log_lines(settings)] == [
        "raderade en person: 3 rader i 3 leveranser",
        "raderade en person: 2 rader i 2 leveranser",
    ]
    with pytest.raises(RegisterError, match="finns inte i registret"):
        forgetting.erase_person(settings, adult(1))
    with pytest.raises(RegisterError, match="går inte att läsa"):
        forgetting.erase_person(settings, "abc")
    assert len(forgetting.log_lines(settings)) == 2
    # the same bytes do not bring the person back; a new delivery that has the person does
    deliver(settings, [*family("2019-03"), *alone, *rows(20)], name="kopia.csv", minute=3)
    assert loading.load_landing(settings).duplicates == 1
    assert query(settings, with_id.format("person_months", ids[adult(1)])) == [(0,)]
    deliver(settings, [*family("2019-05"), *rows(20, period="2019-05")], name="d.csv", minute=4)
    loading.load_landing(settings)
    assert query(settings, with_id.format("person_months", ids[adult(1)])) == [(1,)]


def test_the_gate_and_the_models_agree_after_an_erasure_and_a_purge(home):
    # the district goes with the person: the money of a household of one moves to those without, and none is lost
    paid = """
        select
            geography_id, period,
            case when breakdown like 'district=%' then 'alla stadsdelar' else breakdown end as part,
            sum(value)
        from marts.indicator_values where indicator_id = 'paid_sek' and left(period, 4) >= '2018'
        group by all order by all
    """

    def told() -> list[tuple]:
        with duckdb.connect(str(released(home) / "indicators.duckdb"), read_only=True) as release:
            return release.execute(paid).fetchall()

    before = told()
    number = next(
        line.split(";")[3]
        for path in sorted((home / "landing" / "register").glob("*.csv"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if ";RL;" in line and ";2019-" in line
    )
    with_person = released(home).resolve().name
    assert bistand(home, "release", "keep", with_person, "--why", "en rapport").returncode == 0
    ended = bistand_process(home, "vault", "forget", "--person", "--yes", input=number + "\n")
    assert ended.returncode == 0, ended.stderr
    assert "Raderat: " in ended.stdout
    assert f"{with_person} (sparad: en rapport)" in ended.stdout
    assert "återkallas när nästa utgåva gäller" in bistand(home, "release", "list").stdout
    assert number not in ended.stdout + ended.stderr
    assert number.encode() not in bytes_below(home)
    ended = bistand(home, "vault", "forget", "--before", "2018-01", "--yes")
    assert ended.returncode == 0, ended.stderr
    assert not (home / "build" / "warehouse.duckdb").exists()
    ended = bistand(home, "run", "--profile", "internal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert told() == before
    assert f"återkallad: {with_person}" in ended.stdout
    assert not (home / "published" / "internal" / with_person).exists()
    assert f"{with_person}  återkallad " in bistand(home, "release", "list").stdout
    with duckdb.connect(str(released(home) / "indicators.duckdb"), read_only=True) as release:
        statuses = dict(
            release.execute(
                "select left(period, 4) || ' ' || indicator_id, list(distinct value_status order by value_status) "
                "from marts.indicator_values where indicator_id in ('recipients', 'very_longterm_adults') "
                "and geography_id = '0180' group by all"
            ).fetchall()
        )
    assert statuses["2017 recipients"] == ["not_reported"]
    assert statuses["2019 very_longterm_adults"] == ["not_reported"]
    assert "published" in statuses["2019 recipients"]
    assert "gallrade månader före 2018-01" in bistand(home, "vault", "log").stdout


def test_on_a_terminal_the_personnummer_is_not_echoed(settings):
    deliver(settings, rows(20))
    loading.load_landing(settings)
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [COMMAND, "vault", "forget", "--person", "--yes"],
        cwd=PROJECT_ROOT, env=bistand_environment(settings.home, KEY.hex()), stdin=theirs, stdout=theirs,
        stderr=theirs, start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while b"syns inte" not in shown:
        shown += os.read(ours, 1000)
    time.sleep(0.2)
    os.write(ours, adult(1000).encode() + b"\n")
    # the terminal is closed when the command has ended
    with suppress(OSError):
        while more := os.read(ours, 1000):
            shown += more
    assert process.wait() == 0
    os.close(ours)
    assert "Raderat: 1 rader i 1 leveranser" in shown.decode()
    assert adult(1000).encode() not in shown


@pytest.mark.parametrize("way", ["months", "person"])
def test_what_is_forgotten_is_not_among_the_bytes_of_the_file(settings, monkeypatch, way):
    whole = vault_file.connect

    def uncompressed(own: Settings) -> duckdb.DuckDBPyConnection:
        connection = whole(own)
        connection.execute("set force_compression = 'uncompressed'")
        return connection

    # so that an id stands in the file as it is, and can be looked for
    monkeypatch.setattr(vault_file, "connect", uncompressed)
    monkeypatch.setattr(rewrite, "connect", uncompressed)
    gone = row(
        period="2009-12",
        personnummer=adult(7),
        distrikt="Försvinnelund",
        forsorjningshinder="borttagen orsak",
    )
    deliver(settings, [*rows(30, period="2009-12"), gone, *rows(30, period="2010-01")], synthetic=True)
    loading.load_landing(settings)
    key = pseudonym.load_key(settings, synthetic_only=True)
    number = forgetting.person_id(key, adult(7))
    # 16 bytes, the lower half first, with the sign turned
    stored = ((number.int ^ (1 << 127)) & (2**128 - 1)).to_bytes(16, "little")
    marks = (stored, "Försvinnelund".encode(), b"borttagen orsak")
    assert all(mark in settings.vault.read_bytes() for mark in marks)
    if way == "months":
        forgetting.forget_months(settings, date(2010, 1, 1))
    else:
        forgetting.erase_person(settings, adult(7))
    assert not any(mark in bytes_below(settings.home) for mark in marks)


# originals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["left", "archived", "removed"])
def test_originals_are_left_archived_or_removed_and_what_waits_stays(settings, tmp_path, choice):
    own = Settings(home=settings.home, originals=choice)
    content = csv_text([*rows(300), *rows(300, period="2019-04")]).encode()
    deliver(settings, content, name="sub/bra.csv")
    deliver(settings, content, name="kopia.csv", minute=1)
    deliver(settings, "", name="tom.csv", minute=2)
    deliver(
        settings, [*rows(9), row(personnummer="1"), *rows(9, period="2019-06")], name="delvis.csv", minute=3
    )
    told: list[str] = []
    report = loading.load_landing(own, told.append)
    assert (report.accepted, report.duplicates, report.rejected, report.partly_rejected) == (1, 1, 1, 1)
    left = {path.name for path in settings.landing_register.rglob("*.csv")}
    assert left == {"tom.csv", "delvis.csv"} | ({"bra.csv", "kopia.csv"} if choice == "left" else set())
    assert settings.archive.exists() == (choice == "archived")
    assert ("Original efter inläsning: 2 arkiverade." in told) == (choice == "archived")
    assert loading.load_landing(own).files == 0
    if choice == "archived":
        [kept] = settings.archive.iterdir()
        assert stat.S_IMODE(settings.archive.stat().st_mode) == 0o700
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert adult(1000).encode() not in kept.read_bytes()
        assert vault_file.is_encrypted(kept)
        path = originals.restore(settings, 1, tmp_path)
        assert path.read_bytes() == content
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(RegisterError, match="finns redan"):
            originals.restore(settings, 1, tmp_path)
        with pytest.raises(RegisterError, match="är inläst"):
            loading.replay(settings, "1")
    if choice == "removed":
        with pytest.raises(RegisterError, match="finns inte i arkivet"):
            originals.restore(settings, 1, tmp_path)


def test_the_archived_original_of_what_is_forgotten_goes_with_it(settings):
    own = Settings(home=settings.home, originals="archived")
    deliver(settings, [*family("2019-03"), *rows(20)], name="a.csv")
    deliver(settings, rows(20, period="2019-04"), name="b.csv", minute=1)
    loading.load_landing(own)
    assert len(list(settings.archive.iterdir())) == 2
    forgetting.erase_person(own, adult(2))
    assert len(list(settings.archive.iterdir())) == 1
    assert (
        originals.restore(settings, 2, settings.home).read_bytes()
        == csv_text(rows(20, period="2019-04")).encode()
    )


# killed -----------------------------------------------------------------------------------------------------------

STEPS = """
import os, signal, sys
from datetime import date, datetime
from pathlib import Path
from orchestration.intake.deliveries import loading, originals
from orchestration.upkeep import forgetting, rekeying
from orchestration.vault import rewrite
from orchestration.settings import Settings
home, what, place = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
settings = Settings(home=home, originals="archived" if what == "archive" else "left")
module, name, when = {
    "copied": (rewrite, "_compare", "before"),
    "compared": (rewrite, "_swap", "before"),
    "swapped": (rewrite, "_swap", "after"),
    "half": (rewrite.os, "replace", "before"),
    "parts": (originals, "_write_parts", "after"),
    "archived": (originals, "_archive", "after"),
}[place]
whole = getattr(module, name)
def deadly(*arguments):
    if when == "after":
        whole(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, deadly)
{
    "rekey": lambda: rekeying.new_encryption_key(settings, bytes(range(100, 132)).hex()),
    "encrypt": lambda: loading.load_landing(settings),
    "forget": lambda: forgetting.forget_months(settings, date(2010, 1, 1)),
    "archive": lambda: loading.load_landing(settings),
}[what]()
"""


def kill(settings: Settings, what: str, place: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", STEPS, str(settings.home), what, place],
        cwd=PROJECT_ROOT, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -9, ended.stderr


@pytest.mark.parametrize("place", ["copied", "compared", "half", "swapped"])
@pytest.mark.parametrize("what", ["rekey", "encrypt", "forget"])
def test_killed_while_the_vault_is_written_anew_one_whole_vault_is_left(settings, monkeypatch, what, place):
    deliver(settings, [*rows(30, period="2009-12"), *rows(30, period="2010-01")])
    loading.load_landing(settings)
    everything = query(settings, "from register.person_months order by all")
    if what == "encrypt":
        rewrite.write_anew(settings, None)
    kill(settings, what, place)
    is_new = place == "swapped"
    if what == "rekey" and is_new:
        monkeypatch.setenv(vault_key.KEY_VARIABLE, NEW_KEY.hex())
    assert vault_file.is_encrypted(settings.vault) == (what != "encrypt" or is_new)
    kept = everything if what != "forget" or not is_new else everything[30:]
    assert query(settings, "from register.person_months order by all") == kept
    deliver(settings, rows(5, period="2010-02"), name="b.csv", minute=1)
    assert loading.load_landing(settings).accepted == 1
    assert not list(settings.register_folder.glob(".register*"))
    if what == "forget":
        assert forgetting.forget_months(settings, date(2010, 1, 1)).rows == (0 if is_new else 30)
        assert query(settings, "select count(*) from register.person_months") == [(35,)]


@pytest.mark.parametrize("place", ["parts", "archived"])
def test_killed_while_originals_are_archived_the_next_run_finishes(settings, tmp_path, place):
    content = csv_text(rows(30)).encode()
    path = deliver(settings, content)
    kill(settings, "archive", place)
    assert path.exists()
    assert query(settings, "select count(*) from register.person_months") == [(30,)]
    loading.load_landing(Settings(home=settings.home, originals="archived"))
    assert not path.exists()
    assert len(list(settings.archive.iterdir())) == 1
    assert originals.restore(settings, 1, tmp_path).read_bytes() == content
