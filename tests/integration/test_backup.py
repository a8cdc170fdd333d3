"""The drill: the vault is copied while a run goes on, the machine is lost, and another one makes the same release of the copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from orchestration.intake.deliveries import loading
from orchestration.operation import backup as copies
from orchestration.operation.backup import (
    BackupError,
    create_backup,
    list_backups,
    restore_backup,
    verify_backup,
)
from orchestration.operation.retention import first_kept_month
from orchestration.settings import PROJECT_ROOT, Settings, SettingsError
from orchestration.upkeep import forgetting
from orchestration.vault.file import is_encrypted, open_vault
from orchestration.vault.key import VaultKeyError
from tests.fixtures.asking import released
from tests.fixtures.commands import OWN_KEY, bistand, bistand_environment
from tests.fixtures.register_files import adult, deliver, query, rows

LEDGER = "select * from register.deliveries order by all"
PERSONS = "select * from register.person_months order by all"


def said(_: str) -> None:
    """What is told while a copy is made is of no interest here."""


@pytest.fixture
def loaded(settings: Settings, tmp_path: Path) -> Settings:
    """A home below the test's folder, with two months in its vault, and things that a copy must have or must not."""
    inner = Settings(home=tmp_path / "hem", originals="archived")
    deliver(inner, rows(5))
    deliver(inner, rows(5, period="2019-04"), name="b.csv", minute=1)
    loading.load_landing(inner)
    for name, text in {
        "snapshots/kolada/values/1.json": "{}",
        "landing/events/egna.csv": "datum;rubrik",
        "landing/register/ny.csv": adult(3),
        "settings.env": "BISTAND_ORIGINALS=archived\n",
        "profile": "public\n",
        "published/public/kept.json": "{}",
        "build/warehouse.duckdb": "x",
    }.items():
        path = inner.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return inner


def test_the_restore_drill(home: Path, tmp_path: Path) -> None:
    """Copied in the middle of a run, put back on another machine, run there: the same release, figure by figure."""
    before = os.readlink(released(home))
    # no sleep decides when: the copy is tried for as long as the run goes on
    run = subprocess.Popen(
        [Path(sys.executable).parent / "bistand", "run", "--rebuild"],
        cwd=PROJECT_ROOT, env=bistand_environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert run.stdout is not None
    for line in run.stdout:
        if "dbt:" in line:
            break
    made = bistand(home, "backup", "create", "--to", str(tmp_path / "kopior"))
    assert made.returncode == 0, made.stderr
    assert run.poll() is None, "the run had ended before the copy was made"
    rest = run.communicate()[0]
    assert run.returncode == 0, rest
    other = tmp_path / "annan"
    restored = bistand(other, "backup", "restore", "--to", str(tmp_path / "kopior"))
    assert restored.returncode == 0, restored.stderr
    # originals that lay in landing are no part of the copy, and their months need none
    shutil.copytree(home / "landing" / "population", other / "landing" / "population", dirs_exist_ok=True)
    ended = bistand(other, "run", "--profile", "internal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert os.readlink(released(other)) == before
    wrong_key = bistand(
        tmp_path / "tredje", "backup", "restore", "--to", str(tmp_path / "kopior"), key="cd" * 32
    )
    assert wrong_key.returncode == 1
    assert "annan nyckel" in wrong_key.stderr
    assert not (tmp_path / "tredje/register/register.duckdb").exists()
    assert OWN_KEY.encode() not in b"".join(
        path.read_bytes() for path in (tmp_path / "kopior").rglob("*") if path.is_file()
    )


def test_a_copy_has_what_cannot_be_made_again_and_no_key_or_file_in_the_clear(
    loaded: Settings, tmp_path: Path
) -> None:
    made = create_backup(loaded, tmp_path / "kopior", 3, said)
    held = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file()}
    assert {
        "register/register.duckdb", "snapshots/kolada/values/1.json", "landing/events/egna.csv", "settings.env", "profile",
        "published/public/kept.json", "backup.json", "SHA256SUMS",
    } <= held  # fmt: skip
    assert any(name.startswith("archive/") for name in held)
    assert not [name for name in held if name.startswith(("landing/register", "build"))]
    assert is_encrypted(made.folder / "register/register.duckdb")
    for path in (made.folder, *made.folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=made.folder, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    with pytest.raises(BackupError, match="på en annan disk"):
        create_backup(loaded, loaded.home / "kopior", 3, said)


def test_a_copy_comes_back_whole_and_nothing_there_is_written_over(loaded: Settings, tmp_path: Path) -> None:
    made = create_backup(loaded, tmp_path / "kopior", 3, said)
    ledger, persons = query(loaded, LEDGER), query(loaded, PERSONS)
    deliver(loaded, rows(7, period="2019-05"), name="c.csv", minute=2)
    loading.load_landing(loaded)
    forgetting.forget_months(loaded, date(2019, 4, 1))
    (loaded.home / "settings.env").write_text("BISTAND_ORIGINALS=left\n", encoding="utf-8")
    with pytest.raises(BackupError, match="finns redan ett register"):
        restore_backup(loaded, made, False, said)
    todo = restore_backup(loaded, made, True, said)
    assert query(loaded, LEDGER) == ledger
    assert query(loaded, PERSONS) == persons
    # what has been forgotten since is back, and a person is told to do it again
    assert "1 gallringar eller raderingar" in " ".join(todo)
    (aside,) = loaded.register_folder.glob("before-*.duckdb")
    assert str(aside) in todo[0]
    assert (loaded.home / "settings.env").read_text(encoding="utf-8") == "BISTAND_ORIGINALS=left\n"
    other = Settings(home=tmp_path / "ny")
    restore_backup(other, made, False, said)
    assert query(other, PERSONS) == persons
    assert (other.home / "settings.env").read_text(encoding="utf-8") == "BISTAND_ORIGINALS=archived\n"


def test_a_damaged_copy_is_found_and_not_put_back(loaded: Settings, tmp_path: Path) -> None:
    made = create_backup(loaded, tmp_path / "kopior", 3, said)
    assert verify_backup(made) > 5
    vault = made.folder / "register/register.duckdb"
    damaged = bytearray(vault.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    vault.write_bytes(damaged)
    with pytest.raises(BackupError, match="saknas eller är ändrad"):
        restore_backup(loaded, made, True, said)
    assert query(loaded, "select count(*) from register.deliveries") == [(2,)]


def test_copies_are_bounded_and_share_what_has_not_changed(loaded: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "kopior"
    made = [create_backup(loaded, folder, 3, said) for _ in range(5)]
    assert [one.name for one in list_backups(folder)] == [one.name for one in made[-3:]]
    files = [one.folder / "snapshots/kolada/values/1.json" for one in made[-3:]]
    assert len({path.stat().st_ino for path in files}) == 1
    # what was changed since is its own
    (loaded.home / "snapshots/kolada/values/1.json").write_text('{"a": 1}', encoding="utf-8")
    last = create_backup(loaded, folder, 3, said)
    assert (last.folder / "snapshots/kolada/values/1.json").read_text(encoding="utf-8") == '{"a": 1}'
    assert files[-1].read_text(encoding="utf-8") == "{}"
    assert verify_backup(list_backups(folder)[0]) > 5


def test_one_who_writes_waits_for_the_copy_and_the_copy_for_one_who_writes(
    loaded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run must not be stopped by a copy, nor a copy by a run: the other process has the vault for writing, and lets go."""
    waits = tmp_path / "let-go"
    code = (
        "import sys, time; from pathlib import Path; from orchestration.settings import Settings; "
        "from orchestration.vault.file import open_vault; "
        "opened = open_vault(Settings(home=Path(sys.argv[1]))); print('open', flush=True); "
        "[time.sleep(0.05) for _ in iter(lambda: Path(sys.argv[2]).exists(), True)]; opened.close()"
    )
    environment = {**os.environ}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(loaded.home), str(waits)],
        cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    ) as writer:  # fmt: skip
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        done: list[object] = []
        copying = threading.Thread(
            target=lambda: done.append(create_backup(loaded, tmp_path / "kopior", 3, said))
        )
        copying.start()
        time.sleep(1.5)
        assert done == []
        waits.touch()
        writer.wait(timeout=60)
        copying.join(timeout=60)
    assert len(done) == 1
    # and the other way: while the copy is read, one who writes is held at the door
    begun, let_go = threading.Event(), threading.Event()
    whole = copies.copy_vault

    def slowly(settings: Settings, target: Path) -> dict[str, int]:
        from orchestration.vault.file import no_copying

        with no_copying(settings), open_vault(settings, read_only=True):
            begun.set()
            assert let_go.wait(60)
        return whole(settings, target)

    monkeypatch.setattr(copies, "copy_vault", slowly)
    copying = threading.Thread(target=lambda: create_backup(loaded, tmp_path / "kopior", 3, said))
    copying.start()
    assert begun.wait(60)
    (tmp_path / "let-go").touch()
    with subprocess.Popen(
        [sys.executable, "-c", code, str(loaded.home), str(waits)],
        cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as writer:  # fmt: skip
        time.sleep(4)
        assert writer.poll() is None, writer.stderr.read() if writer.stderr else ""
        let_go.set()
        assert writer.wait(timeout=60) == 0
    copying.join(timeout=60)


def test_months_are_forgotten_on_a_schedule_and_only_when_somebody_has_said_how_long(
    loaded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert first_kept_month(date(2026, 11, 28)) is None
    monkeypatch.setenv("BISTAND_KEEP_MONTHS", "120")
    assert first_kept_month(date(2026, 11, 28)) == date(2016, 11, 1)
    assert first_kept_month(date(2026, 1, 1)) == date(2016, 1, 1)
    for wrong in ("0", "3", "-12", "12,5", "tio år"):
        monkeypatch.setenv("BISTAND_KEEP_MONTHS", wrong)
        with pytest.raises(SettingsError):
            first_kept_month(date(2026, 11, 28))
    assert forgetting.forget_older(loaded, date(2019, 3, 1)) is None
    done = forgetting.forget_older(loaded, date(2019, 4, 1))
    assert done is not None
    assert done.rows == 5
    assert query(loaded, "select distinct period_month from register.person_months") == [(date(2019, 4, 1),)]
    assert forgetting.forget_older(loaded, date(2019, 4, 1)) is None
    assert forgetting.forget_older(Settings(home=loaded.home / "tom"), date(2019, 4, 1)) is None


def test_without_the_key_nothing_is_copied(
    loaded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BISTAND_PSEUDONYM_KEY", "")
    with pytest.raises(VaultKeyError):
        create_backup(loaded, tmp_path / "kopior", 3, said)
    assert list_backups(tmp_path / "kopior") == []
