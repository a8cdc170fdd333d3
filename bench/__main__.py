"""What everything costs, in one table: `python -m bench 1 5 25` (millions of person-months, one column a size).

Each row is a process of its own on a made-up national register (290 municipalities, ten years): seconds, how many times
those of the headline figures written by hand in SQL in the same run, and peak memory. `--write` puts the table into
docs/how-to/size-the-machine.md. Nothing else is kept. Compare ratios of one run, never seconds of two machines.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.headlines import Totals, in_dbt, in_pandas, in_polars, in_sql
from bench.register import MONTHS_PER_PERSON_YEAR, Size, add_month, fill_vault, write_file
from orchestration.database import open_database
from orchestration.settings import PROJECT_ROOT, Settings

PAGE = PROJECT_ROOT / "docs" / "how-to" / "size-the-machine.md"
START, END = "<!-- mätningen börjar -->", "<!-- mätningen slutar -->"
FILE_ROWS = 250_000
NO_MODEL = ["--select", "no_such_model"]
KEY = "5e" * 32
Measured = dict[str, Any]


@contextmanager
def clock() -> Iterator[Measured]:
    """Fills in `seconds`."""
    taken: Measured = {}
    started = time.perf_counter()
    yield taken
    taken["seconds"] = time.perf_counter() - started


def register(settings: Settings, millions: str) -> Measured:
    with clock() as taken:
        rows = fill_vault(settings, _size(millions))
    return taken | {"rows": rows}


def _size(millions: str) -> Size:
    return Size(round(float(millions) * 1_000_000 / Size.years / MONTHS_PER_PERSON_YEAR))


def headlines(way: Callable[[Settings], Totals]) -> Callable[[Settings], Measured]:
    """The headline figures in one of the ways of bench/headlines.py, with the totals that all ways must give."""

    def timed(settings: Settings) -> Measured:
        with clock() as taken:
            totals = way(settings)
        return taken | {"totals": totals}

    return timed


def landing_gate(settings: Settings) -> Measured:
    from validation.gates import run_landing_gate

    with clock() as taken:
        run_landing_gate(settings)
    return taken


def raw(settings: Settings) -> Measured:
    from orchestration.warehouse.raw_tables import load_raw_tables

    with clock() as taken:
        load_raw_tables(settings)
    return taken


def startup(settings: Settings) -> Measured:
    """What dbt needs before any model is built, when it has read the project already."""
    from orchestration.warehouse.dbt_runner import prepare_manifest, run_dbt

    prepare_manifest(settings)
    with clock() as taken:
        run_dbt(settings, ["run", *NO_MODEL])
    return taken


def models(settings: Settings) -> Measured:
    """Seeds, models and their tests before the protection, as a run builds them."""
    from orchestration.warehouse.dbt_runner import build_models

    with clock() as taken:
        nodes = build_models(settings)
    if wrong := [node for node in nodes if not node.is_ok]:
        raise SystemExit(f"{wrong[0].name}: {wrong[0].message}")
    for node in sorted(nodes, key=lambda one: -one.seconds)[:12]:
        print(f"      {node.seconds:8.1f} s  {node.name}", file=sys.stderr)
    return taken


def release_gate(settings: Settings) -> Measured:
    from validation.gates import run_release_gate

    with clock() as taken:
        run_release_gate(settings)
    return taken


def release(settings: Settings) -> Measured:
    """From exact counts to the release: protected, computed, written."""
    from orchestration.release.build import build_release
    from orchestration.warehouse.dbt_runner import AFTER_PROTECTION, build_models

    with clock() as taken:
        build_models(settings, select=AFTER_PROTECTION)
        build_release(settings, [])
    return taken


def pages(settings: Settings) -> Measured:
    """The page whose questions take longest, when the file is open and nothing is remembered."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    os.environ["BISTAND_HOME"] = str(settings.home)
    asked: list[float] = []
    _time_questions(asked)
    slowest = 0.0
    for page in sorted((PROJECT_ROOT / "dashboards" / "app_pages").glob("*.py")):
        app, turns = AppTest.from_file(str(page), default_timeout=600), []
        for _ in range(4):
            asked.clear()
            st.cache_data.clear()
            app.run()
            turns.append(sum(asked))
        slowest = max(slowest, statistics.median(turns[1:]))
    return {"seconds": slowest}


def _time_questions(asked: list[float]) -> None:
    """Let every question of the pages add its seconds."""
    from dashboards.queries import release as asking

    whole = asking.frame

    def timed(*arguments: Any, **named: Any) -> Any:
        with clock() as taken:
            answer = whole(*arguments, **named)
        asked.append(taken["seconds"])
        return answer

    for name, module in list(sys.modules.items()):
        if name.startswith("dashboards.queries") and getattr(module, "frame", None) is whole:
            module.frame = timed  # type: ignore[attr-defined]


def month(settings: Settings, millions: str) -> Measured:
    """One more month of the whole country; what it costs is the next rows of the table."""
    with clock() as taken:
        add_month(settings, _size(millions))
    return taken


def intake(settings: Settings) -> Measured:
    """A national month's file through the intake, into a vault of its own."""
    from orchestration.intake.deliveries import loading

    os.environ["BISTAND_PSEUDONYM_KEY"] = KEY
    own = replace(settings, home=settings.home / "intake")
    own.landing_register.mkdir(parents=True)
    write_file(own.landing_register / "month.csv", Size(round(FILE_ROWS * 12 / MONTHS_PER_PERSON_YEAR)))
    with clock() as taken:
        report = loading.load_landing(own)
    if report.failed or report.rejected:
        raise SystemExit("\n".join(report.messages[:5]))
    return taken


def bare_read(settings: Settings) -> Measured:
    """The same file by DuckDB's reader into a table of typed columns, in a file."""
    with open_database(settings.home / "bare.duckdb") as connection, clock() as taken:
        connection.execute(
            f"create table bare as from read_csv('{settings.home}/intake/landing/register/month.csv')"
        )
    return taken


# every row of the table, in the order that they are measured; the ratio is to by_hand
ROWS: dict[str, tuple[str, Callable[..., Measured]]] = {
    "register": ("(registret skapas)", register),
    "by_hand": ("huvudtalen i ett skript för hand (DuckDB)", headlines(in_sql)),
    "by_pandas": ("de tre första av dem i pandas", headlines(in_pandas)),
    "by_polars": ("de tre första av dem i polars", headlines(in_polars)),
    "by_dbt": ("huvudtalen i ett dbt-projekt med två modeller", headlines(in_dbt)),
    "landing_gate": ("grinden vid landningen (GX)", landing_gate),
    "raw": ("katalog och källor", raw),
    "startup": ("dbt:s start", startup),
    "models": ("modeller och prov (dbt)", models),
    "release_gate": ("grinden vid utgåvan (GX)", release_gate),
    "release": ("skydd, jämförelse och utgåva", release),
    "pages": ("sidornas frågor, den dyraste sidan", pages),
    "month": ("(en ny månad för hela landet läggs till)", month),
    "models_again": ("modeller och prov efter den nya månaden", models),
    "intake": (f"en månads fil in genom intaget, {FILE_ROWS:_} rader".replace("_", " "), intake),
    "bare_read": ("samma fil med read_csv till en tabell", bare_read),
}
_BUILT = ("models", "release")
# what is measured in parts: one new release when everything is built
SUMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "built": ("modeller, prov, skydd och utgåva tillsammans", _BUILT),
    "whole": ("allt, med grindar och källor", ("landing_gate", "raw", *_BUILT, "release_gate")),
}
# those that must know how many millions there are
SIZED = ("register", "month")


def measured(row: str, home: Path, *arguments: object) -> Measured:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--row", row, str(home), *map(str, arguments)],
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{row} gick fel:\n{done.stdout}")
    found: Measured = json.loads(done.stdout.splitlines()[-1])
    print(f"  {ROWS[row][0]:<48}{found['seconds']:8.2f} s{found['peak_mb']:8.0f} MB", flush=True)
    return found


def one_size(millions: float) -> dict[str, Measured]:
    with tempfile.TemporaryDirectory() as folder:
        print(f"{millions:g} miljoner personmånader", flush=True)
        found = {row: measured(row, Path(folder), *([millions] if row in SIZED else [])) for row in ROWS}
    if len({tuple(one["totals"].values()) for one in found.values() if "totals" in one}) > 1:
        raise SystemExit(f"sätten ger olika huvudtal: {[one.get('totals') for one in found.values()]}")
    return found | {row: _together(found, parts) for row, (_, parts) in SUMS.items()}


def _together(found: dict[str, Measured], parts: tuple[str, ...]) -> Measured:
    return {
        "seconds": sum(found[part]["seconds"] for part in parts),
        "peak_mb": max(found[part]["peak_mb"] for part in parts),
    }


def table(sizes: dict[float, dict[str, Measured]]) -> str:
    lines = [["", *(f"{one['register']['rows'] / 1e6:.1f} miljoner" for one in sizes.values())]]
    lines.append(["---", *["---:"] * len(sizes)])
    for row, (words, _) in (ROWS | SUMS).items():
        cells = []
        for found in sizes.values():
            seconds, ratio = (
                found[row]["seconds"],
                found[row]["seconds"] / found["by_hand"]["seconds"],
            )
            cells.append(f"{seconds:.2f} s · {ratio:.1f} · {found[row]['peak_mb'] / 1024:.1f} GB")
        lines.append([words, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines).replace(".", ",")


def machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    processor = found[1].strip() if found else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        "Sekunder · gånger skriptet för hand · minne som mest. "
        f"{os.cpu_count()} kärnor ({processor}), {memory:.0f} GB minne, {datetime.now(UTC):%Y-%m-%d}."
    )


def peak_mb() -> float:
    """The highest memory of this process; Linux counts a parent's memory into ru_maxrss, but not into VmHWM."""
    found = re.search(r"VmHWM:\s+([0-9]+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--row"]:
        _, row, home, *rest = arguments
        print(json.dumps(ROWS[row][1](Settings(home=Path(home)), *rest) | {"peak_mb": peak_mb()}))
        return
    given = [float(one) for one in arguments if one != "--write"] or [5.0]
    sizes: dict[float, dict[str, Measured]] = {}
    for millions in sorted(given):
        sizes[millions] = one_size(millions)
        found = f"{table(sizes)}\n\n{machine()}"
        if "--write" in arguments:
            before, rest = PAGE.read_text(encoding="utf-8").split(START)
            PAGE.write_text(f"{before}{START}\n\n{found}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(f"\n{found}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
