"""The page on how to add an indicator, followed to the letter in a copy of the project; and bands that are changed there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from orchestration.database import open_database
from orchestration.settings import PROJECT_ROOT, Settings
from tests.spec.drawing import code_of, load_specs, municipality_codes

PAGE = PROJECT_ROOT / "docs/how-to/add-an-indicator.md"
NEW = "full_year_adults_share_recipients"
EDIT = re.compile(r"^ *```diff (\S+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
# what builds and reads a warehouse of drawn persons
COPIED = ("orchestration", "dbt_project", "data/catalog", "data/published_tables", "tests")
# the drawn cases that are enough: those of the page, and some with reasons
DRAWN = ("duration", "reasons")
HALVES = (
    "duration_band,duration_band_name,months_from,months_to\n1-6,1–6 månader,1,6\n7-12,7–12 månader,7,12\n"
)
BUILD = """
import sys
from pathlib import Path
from orchestration.conformance.check import check_definitions
from orchestration.conformance.reading import Sample
from orchestration.settings import Settings
from orchestration.warehouse.dbt_runner import run_dbt
from orchestration.warehouse.raw_tables import load_raw_tables
from tests.spec.drawing import write_vault

settings = Settings(home=Path(sys.argv[1]), profile="internal")
write_vault(settings)
load_raw_tables(settings)
print(*(f"{node.name}: {node.message}" for node in run_dbt(settings, ["build"]) if not node.is_ok))
check_definitions(settings, Sample(is_everything=True), print)
"""


def edit(path: Path, diff: str) -> None:
    """Put the added lines in, beside the lines of the file that the diff shows; those must stand there exactly once."""
    lines = textwrap.dedent(diff).splitlines()
    before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    text = path.read_text(encoding="utf-8")
    assert text.count(before or "\0") == 1, f"{path.name} har inte längre {before!r} på ett ställe"
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    """A home built by the changed copy, and what the comparison with the plain computation said."""
    copy, home = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("home")
    for folder in COPIED:
        shutil.copytree(
            PROJECT_ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("target", "__pycache__")
        )
    for drawn in (copy / "tests/spec").glob("*.yml"):
        if drawn.stem not in DRAWN:
            drawn.unlink()
    edits = EDIT.findall(PAGE.read_text(encoding="utf-8"))
    assert len({name for name, _ in edits}) == 4
    for name, diff in edits:
        edit(copy / name, diff)
    (copy / "dbt_project/seeds/reference/duration_bands.csv").write_text(HALVES, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BISTAND_")}
    ended = subprocess.run(
        [sys.executable, "-c", BUILD, str(home)],
        cwd=copy, env=environment | {"PYTHONPATH": str(copy)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return Settings(home=home), ended.stdout


def test_the_added_indicator_has_the_drawn_answer(changed: tuple[Settings, str]) -> None:
    # the case is drawn first of all, so that it lies where the first one lies in the project as it is
    geography = code_of(load_specs()[0], "A", municipality_codes())
    with open_database(changed[0].warehouse) as warehouse:
        found = warehouse.execute(
            "select breakdown, value from marts.indicator_values where indicator_id = ? and geography_id = ? "
            "and period = '2019' and breakdown in ('total', 'sex=M', 'sex=K')", [NEW, geography]
        ).fetchall()  # fmt: skip
    assert dict(found) == {"total": 0.5, "sex=M": 1, "sex=K": 0}


def test_the_plain_computation_agrees_with_the_added_indicator(changed: tuple[Settings, str]) -> None:
    lines = changed[1].splitlines()
    assert [line for line in lines if NEW in line] != []
    assert [line for line in lines if "OLIKA" in line] == []


def test_rows_follow_a_changed_band_of_months(changed: tuple[Settings, str]) -> None:
    with open_database(changed[0].warehouse) as warehouse:
        reasons = dict(
            warehouse.execute(
                "select duration, sum(adults_count) from marts.reason_for_need where definition_id = 'reason:most_frequent' "
                "and geography_id = '0000' and sex = 'all' and age_band = 'all' and origin = 'all' and children = 'all' "
                "group by duration"
            ).fetchall()
        )  # fmt: skip
        shares = {
            row[0]
            for row in warehouse.execute(
                "select distinct breakdown from marts.indicator_values where breakdown like 'duration=%'"
            ).fetchall()
        }
    assert reasons.keys() == {"all", "longterm", "not_longterm", "1-6", "7-12"}
    assert reasons["1-6"] > 0 < reasons["7-12"]
    assert reasons["1-6"] + reasons["7-12"] == reasons["all"]
    assert shares == {"duration=1-6", "duration=7-12"}
