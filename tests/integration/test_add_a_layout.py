"""The page on how to add a layout, followed to the letter in a copy of the project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestration.settings import PROJECT_ROOT
from tests.integration.test_add_an_indicator import EDIT, edit

PAGE = (PROJECT_ROOT / "docs/how-to/add-a-layout.md").read_text(encoding="utf-8")
FILE = re.search(r"```csv uttag\.csv\n(.*?)```", PAGE, re.DOTALL)
REFUSAL = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
READ = """
import json, sys
from orchestration.errors import PlainError
from orchestration.sources.socialstyrelsen import parse

try:
    tables = parse("files", sys.stdin.buffer.read(), "uttag.csv")
except PlainError as refusal:
    print(json.dumps(str(refusal)))
else:
    print(json.dumps({name: table.to_pylist() for name, table in tables.items()}))
"""


def read(copy: Path) -> Any:
    """What the copy makes of the file: its tables, or why it was refused."""
    assert FILE is not None
    ended = subprocess.run(
        [sys.executable, "-c", READ], cwd=copy, env={"PYTHONPATH": str(copy)},
        input=FILE[1].encode(), capture_output=True, check=True,
    )  # fmt: skip
    return json.loads(ended.stdout)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("orchestration", "data/catalog", "dbt_project/seeds"):
        shutil.copytree(
            PROJECT_ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def test_ten_lines_make_an_unknown_layout_known(copy: Path) -> None:
    assert REFUSAL is not None
    assert read(copy) == REFUSAL[1].strip()
    edits = EDIT.findall(PAGE)
    assert sum(line.lstrip().startswith(("+", "-")) for _, diff in edits for line in diff.splitlines()) <= 10
    for name, diff in edits:
        edit(copy / name, _within_lines(copy / name, diff))
    tables = read(copy)
    assert tables["socialstyrelsen_files_unread"] == []
    assert [
        (row["geography_id"], row["period"], row["indicator_id"], row["value"], row["unit"], row["value_status"])
        for row in tables["socialstyrelsen_files"]
    ] == [
        ("1280", "2024", "households", 9000, "households", "published"),
        ("1280", "2024", "paid_sek", 612000, "tkr", "published"),
        ("2580", "2024", "households", 812, "households", "published"),
        ("2580", "2024", "paid_sek", None, "tkr", "missing"),
    ]  # fmt: skip


def _within_lines(path: Path, diff: str) -> str:
    """The diff with each line whole: the page shows only the part of a long line that is changed."""
    text = path.read_text(encoding="utf-8")
    before, after = (
        next(line.lstrip()[1:] for line in diff.splitlines() if line.lstrip().startswith(sign))
        for sign in "-+"
    )
    [whole] = [line for line in text.splitlines() if before in line]
    return f"-{whole}\n+{whole.replace(before, after)}\n"
