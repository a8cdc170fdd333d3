"""Upgrade, backup and restore, killed before any of their steps or out of disk: the old stands whole, or the new does.

A child process counts what it is about to do to the disk and to the vault, and kills itself before the step that it is told.
`BISTAND_SOAK=1` kills before every one of them; else a few are drawn.
"""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.intake.deliveries import loading
from orchestration.operation.backup import create_backup, list_backups, restore_backup, verify_backup
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.upkeep.upgrading import upgrade_vault
from orchestration.vault import file as vault_file
from orchestration.vault.file import open_vault
from tests.fixtures.old_homes import OLD_VAULTS, unpack_vault
from tests.fixtures.register_files import deliver, rows

SOAK = os.environ.get("BISTAND_SOAK") == "1"
SEED = os.environ.get("BISTAND_SOAK_SEED", "1")
DRAWN = 3
# argv: what to do, the home, the folder of copies, and how many steps may be taken (-1: all)
STEP_BY_STEP = """
import os, shutil, sys
from pathlib import Path
from orchestration.errors import PlainError
from orchestration.operation import backup
from orchestration.settings import Settings
from orchestration.vault import file, rewrite

what, settings, folder, left = sys.argv[1], Settings(home=Path(sys.argv[2])), Path(sys.argv[3]), int(sys.argv[4])
taken = 0

def step():
    global taken
    if taken == left:
        os.kill(os.getpid(), 9)
    taken += 1

def counted(call):
    def counting(*given, **named):
        step()
        return call(*given, **named)
    return counting

class Counted:
    def __init__(self, connection):
        self.connection = connection
    def execute(self, *given):
        step()
        return self.connection.execute(*given)
    def __getattr__(self, name):
        return counted(self.connection.close) if name == "close" else getattr(self.connection, name)

for module, name in ((os, "replace"), (os, "link"), (os, "unlink"), (os, "rmdir"), (os, "fsync"), (shutil, "copyfile"),
                     (Path, "write_text"), (Path, "unlink")):
    setattr(module, name, counted(getattr(module, name)))
bring, connect = file.bring_up_to_date, rewrite.connect
file.bring_up_to_date = lambda connection: bring(Counted(connection))
rewrite.connect = lambda settings: Counted(connect(settings))
silent = lambda line: None
try:
    if what == "upgrade":
        file.open_vault(settings).close()
    elif what == "backup":
        backup.create_backup(settings, folder, 1, silent)
    else:
        backup.restore_backup(settings, backup.list_backups(folder)[-1], True, silent)
except PlainError as told:
    print(told)
    sys.exit(1)
print(taken)
"""


def interrupted(
    what: str, settings: Settings, folder: Path, left: int, **more
) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", STEP_BY_STEP, what, str(settings.home), str(folder), str(left)],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, **more,
    )  # fmt: skip


def as_it_stands(settings: Settings) -> dict[str, list[tuple]]:
    """Every row of every table of the vault, read without bringing it up to date."""
    connection = vault_file.connect(settings)
    try:
        vault_file.attach_own(connection, settings, read_only=True)
        names = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'vault' order by 1"
        ).fetchall()
        return {
            name: connection.execute(f"from register.{name} order by all").fetchall() for (name,) in names
        }
    finally:
        connection.close()


def killed(what: str, settings: Settings, copies: Path, tmp_path: Path) -> Iterator[tuple[Settings, Path]]:
    """A home and its copies as each kill left them; first as they are when nobody kills."""
    for left in [-1, *_steps(what, settings, copies, tmp_path / "counted")]:
        home = Settings(home=Path(shutil.copytree(settings.home, tmp_path / f"{left}" / "hem")))
        folder = Path(shutil.copytree(copies, tmp_path / f"{left}" / "kopior"))
        ended = interrupted(what, home, folder, left)
        assert ended.returncode == (0 if left == -1 else -9), ended.stdout + ended.stderr
        yield home, folder


def _steps(what: str, settings: Settings, copies: Path, place: Path) -> list[int]:
    """Those to kill before: the last that it takes, and some of the others or all."""
    home = Settings(home=Path(shutil.copytree(settings.home, place / "hem")))
    ended = interrupted(what, home, Path(shutil.copytree(copies, place / "kopior")), -1)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    steps = range(int(ended.stdout))
    assert len(steps) > 2 * DRAWN
    return list(steps) if SOAK else [*random.Random(f"{SEED}{what}").sample(steps[:-1], DRAWN), steps[-1]]


@pytest.mark.parametrize("vault", OLD_VAULTS if SOAK else OLD_VAULTS[:1], ids=lambda path: path.name[:7])
def test_an_upgrade_that_is_killed_leaves_the_old_vault_or_the_new(
    settings: Settings, vault: Path, tmp_path: Path
) -> None:
    old_home = Settings(home=tmp_path / "gammal")
    unpack_vault(old_home, vault)
    old = as_it_stands(old_home)
    (tmp_path / "inga").mkdir()
    homes = killed("upgrade", old_home, tmp_path / "inga", tmp_path)
    new = as_it_stands(next(homes)[0])
    assert new.keys() != old.keys() or new != old
    for home, _ in homes:
        assert as_it_stands(home) in (old, new)
        open_vault(home).close()
        assert as_it_stands(home) == new


@pytest.fixture
def copied(settings: Settings, tmp_path: Path) -> tuple[Settings, Path]:
    """A home, and the folder with a copy that was made before its last delivery came."""
    home = Settings(home=tmp_path / "hem", originals="archived")
    deliver(home, rows(5))
    loading.load_landing(home)
    (home.home / "settings.env").write_text("BISTAND_ORIGINALS=archived\n", encoding="utf-8")
    create_backup(home, tmp_path / "kopior", 3, lambda _: None)
    deliver(home, rows(7, period="2019-04"), name="b.csv", minute=1)
    loading.load_landing(home)
    return home, tmp_path / "kopior"


def test_a_backup_that_is_killed_leaves_only_whole_copies(
    copied: tuple[Settings, Path], tmp_path: Path
) -> None:
    settings, copies = copied
    before = as_it_stands(settings)
    for home, folder in killed("backup", settings, copies, tmp_path):
        for one in list_backups(folder):
            assert verify_backup(one) > 1
        assert list_backups(folder) != []
        assert as_it_stands(home) == before
        made = create_backup(home, folder, 1, lambda _: None)
        assert [path.name for path in folder.iterdir() if path.is_dir()] == [made.name]
        other = Settings(home=home.home.with_name("annan"))
        restore_backup(other, made, False, lambda _: None)
        assert as_it_stands(other) == before


def test_a_restore_that_is_killed_leaves_the_old_vault_or_that_of_the_copy(
    copied: tuple[Settings, Path], tmp_path: Path
) -> None:
    settings, copies = copied
    _leave_a_log(settings)
    old = as_it_stands(settings)
    assert ("prov", "x") in old["vault_info"]
    homes = killed("restore", settings, copies, tmp_path)
    new = as_it_stands(next(homes)[0])
    assert len(new["deliveries"]) < len(old["deliveries"])
    for home, folder in homes:
        assert as_it_stands(home) in (old, new)
        restore_backup(home, list_backups(folder)[-1], True, lambda _: None)
        assert as_it_stands(home) == new
        # the one that was there is still there, under another name
        asides = [
            Settings(home=home.home / path.name) for path in home.register_folder.glob("before-*.duckdb")
        ]
        for aside in asides:
            aside.register_folder.mkdir(parents=True)
            (home.register_folder / aside.home.name).rename(aside.vault)
        assert old in [as_it_stands(aside) for aside in asides]
        loading.load_landing(home)
        assert list(home.register_folder.glob(".register.duckdb.*")) == []


def _leave_a_log(settings: Settings) -> None:
    """What was written last stands in a log beside the vault, as when the machine went down."""
    code = (
        "import os, sys; from pathlib import Path; from orchestration.settings import Settings; "
        "from orchestration.vault.file import open_vault; vault = open_vault(Settings(home=Path(sys.argv[1]))); "
        "vault.execute(\"insert into register.vault_info values ('prov', 'x')\"); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(settings.home)], cwd=PROJECT_ROOT, check=False)
    assert settings.vault.with_name("register.duckdb.wal").stat().st_size > 0


@pytest.mark.parametrize(
    ("what", "limit_kb"), [("upgrade", 1), ("backup", 1), ("backup", 100), ("restore", 1), ("restore", 100)]
)
def test_a_full_disk_stops_them_with_a_sentence_and_changes_nothing(
    copied: tuple[Settings, Path], tmp_path: Path, what: str, limit_kb: int
) -> None:
    settings, copies = copied
    if what == "upgrade":
        settings = Settings(home=tmp_path / "gammal")
        unpack_vault(settings, OLD_VAULTS[0])
    before, made = as_it_stands(settings), [one.name for one in list_backups(copies)]
    told = interrupted(
        what, settings, copies, -1,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb * 1024, limit_kb * 1024)),
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (1, ""), told.stdout
    assert re.search(r"disken.* är full", told.stdout, re.IGNORECASE)
    assert len(told.stdout.splitlines()) == 1
    assert as_it_stands(settings) == before
    assert [one.name for one in list_backups(copies)] == made
    if what == "upgrade":
        upgrade_vault(settings)
    assert interrupted(what, settings, copies, -1).returncode == 0
