"""One national register through every step of a run, the script by hand and the other tools beside it.

Each step is a process of its own (bench/steps.py). Nothing is kept but what is returned.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import Measured, free_gb, in_a_process, number

# a run, in order; what stands in AIMED is what the script by hand is compared with
RUN = ("landing_gate", "raw", "models", "tests", "release_gate", "release")
AIMED = ("models", "release")
STEP_WORDS = {
    "landing_gate": "grinden vid landningen (GX)",
    "raw": "katalog och källor",
    "models": "modeller (dbt)",
    "tests": "prov (dbt)",
    "release_gate": "grinden vid utgåvan (GX)",
    "release": "utgåva",
}
TOOLS = ("duckdb", "polars", "pandas")
REPEATS = 3
# what pandas was seen to need at most for each person-month, with room to spare
PANDAS_BYTES_PER_ROW = 300


@dataclass
class WholeRun:
    """What one size cost: `full` and `month` per step of a run, `hand` the script, `tools` the same figures alone."""

    millions: float
    register: Measured
    full: dict[str, Measured] = field(default_factory=dict)
    month: dict[str, Measured] = field(default_factory=dict)
    month_rows: int = 0
    hand: Measured = field(default_factory=dict)
    tools: dict[str, Measured] = field(default_factory=dict)
    skipped: str = ""

    @property
    def person_months(self) -> int:
        return self.register["rows"]

    def steps(self) -> list[Measured]:
        return [*self.full.values(), *self.month.values(), self.hand, *self.tools.values()]


def whole_run(millions: float, home: Path, with_month: bool = True) -> WholeRun:
    """Measure one size in the empty folder `home`, which afterwards holds its register, warehouse and release."""
    home.mkdir(parents=True, exist_ok=True)
    found = WholeRun(millions, _step("register", home, millions))
    say = f"{number(found.person_months / 1e6)} miljoner personmånader"
    print(f"\n{say}: registret skapat på {number(found.register['seconds'], 0)} s", flush=True)
    found.hand = min((_step("by_hand", home) for _ in range(REPEATS)), key=lambda one: one["seconds"])
    _told("skriptet för hand", found.hand)
    found.tools, found.skipped = _tools(home, found.person_months)
    found.full = _run(home)
    if with_month:
        found.month_rows = _step("month", home)["rows"]
        print(f"en ny månad, {number(found.month_rows, 0)} rader", flush=True)
        found.month = _run(home)
    return found


def _run(home: Path) -> dict[str, Measured]:
    taken = {}
    for step in RUN:
        taken[step] = _step(step, home)
        _told(STEP_WORDS[step], taken[step])
        for name, seconds in taken[step].get("dearest", [])[:10]:
            print(f"      {seconds:8.1f} s  {name}")
    return taken


def _tools(home: Path, rows: int) -> tuple[dict[str, Measured], str]:
    """The headline figures alone in each tool, in turn, the quickest of three; all three must give the same figures."""
    file, answers = home / "person_months.parquet", {}
    _step("export", home, file)
    chosen, skipped = list(TOOLS), ""
    if rows * PANDAS_BYTES_PER_ROW > free_gb() * 2**30:
        chosen.remove("pandas")
        skipped = (
            f"pandas hoppades över: {number(rows / 1e6, 0)} miljoner rader skulle kräva omkring "
            f"{number(rows * PANDAS_BYTES_PER_ROW / 2**30, 0)} GB och {number(free_gb(), 0)} GB är lediga"
        )
        print(skipped, flush=True)
    turns: dict[str, list[Measured]] = {tool: [] for tool in chosen}
    for _ in range(REPEATS):
        for tool in chosen:
            result = home / f"{tool}.json"
            turns[tool].append(in_a_process("bench.headline", tool, file, result))
            answers[tool] = json.loads(result.read_text(encoding="utf-8"))
    if different := [tool for tool in chosen if answers[tool] != answers["duckdb"]]:
        raise SystemExit(f"Talen i {' och '.join(different)} är inte de som DuckDB ger; ingen kvot skrivs.")
    best = {tool: min(turns[tool], key=lambda one: one["seconds"]) for tool in chosen}
    for tool, one in best.items():
        _told(f"huvudtalen i {tool} (läsning {number(one['reading'])} s)", one)
    file.unlink()
    return best, skipped


def _step(step: str, home: Path, *arguments: object) -> Measured:
    return in_a_process("bench.steps", step, home, *arguments)


def _told(what: str, one: Measured) -> None:
    print(
        f"  {what:<44}{number(one['seconds']):>10} s{number(one['cpu']):>10} s processor"
        f"{number(one['peak_mb'], 0):>9} MB",
        flush=True,
    )


def remove(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
