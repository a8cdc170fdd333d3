"""The same models on a cluster of Spark, row by row beside DuckDB: `python -m spark [drawn activity some demo 1 5]`, a number is
millions of person-months.

Each register is built by DuckDB as a run does it, laid out as Parquet, built again by dbt-spark on a standalone cluster of two
workers, and every table is compared. Ends with 1 when a row differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from orchestration.errors import PlainError
from orchestration.settings import CODE_ROOT, SYNTHETIC_MARKER, Settings
from spark.cluster import cluster, spark_home
from spark.tables import compare, lay_out

PYTHON = CODE_ROOT / ".venv-spark" / "bin" / "python"


def drawn(settings: Settings, topic: str | None = None) -> None:
    """The drawn cases of tests/spec."""
    from tests.spec.drawing import write_vault

    write_vault(settings, topic)


def activity(settings: Settings) -> None:
    """The drawn cases of the activity requirement, which are of later years."""
    drawn(settings, "activity")


def demo(settings: Settings, codes: tuple[str, ...] = ()) -> None:
    """The made-up register of the demo through the intake: of all its municipalities, or of those of `codes`."""
    from orchestration.demo.generate import generate_demo
    from orchestration.intake.deliveries.loading import load_landing

    generate_demo(settings)
    for file in settings.landing_register.rglob("*.*"):
        if codes and file.name != SYNTHETIC_MARKER and not any(code in file.name for code in codes):
            file.unlink()
    load_landing(settings)


def millions(settings: Settings, size: str) -> None:
    """A made-up national register of about so many million person-months, as `make bench` has it."""
    from bench.register import MONTHS_PER_PERSON_YEAR, Size, fill_vault

    fill_vault(settings, Size(round(float(size) * 1_000_000 / Size.years / MONTHS_PER_PERSON_YEAR)))


# three small municipalities and one in the middle, of which three have the files of the activity requirement
SOME = ("1266", "1785", "2085", "2281")
# what the register is filled by, and the profile it is built for
REGISTERS: dict[str, tuple[Callable[[Settings], None], str]] = {
    "drawn": (drawn, "internal"),
    "activity": (activity, "internal"),
    "some": (partial(demo, codes=SOME), "public"),
    "demo": (demo, "public"),
}


def build(settings: Settings, fill: Callable[[Settings], None]) -> float:
    """The warehouse by DuckDB; seconds of processor that dbt took, which other work on the machine hardly changes."""
    from orchestration.warehouse.dbt_runner import build_models
    from orchestration.warehouse.raw_tables import load_raw_tables

    fill(settings)
    load_raw_tables(settings)
    began = time.process_time()
    wrong = [f"{node.name}: {node.message}" for node in build_models(settings) if not node.is_ok]
    if wrong:
        raise PlainError(f"DuckDB kunde inte bygga: {wrong[0]}")
    return time.process_time() - began


def _of_children() -> float:
    """Seconds of processor that ended processes have taken: the cluster and its driver."""
    times = os.times()
    return times.children_user + times.children_system


def conform(name: str, folder: Path) -> bool:
    """Build the register in both, compare, and tell; True when every row is the same."""
    fill, profile = REGISTERS.get(name, (partial(millions, size=name), "public"))
    settings = Settings(home=folder / "home", profile=profile)
    seconds = build(settings, fill)
    rows = lay_out(settings, folder / "laid")
    print(f"{name}: {rows} personmånader, DuckDB {seconds:.0f} processorsekunder", flush=True)
    began, before = time.perf_counter(), _of_children()
    with cluster(spark_home(PYTHON), folder / "cluster") as master:
        subprocess.run([PYTHON, "-m", "spark.models", master, folder, profile], cwd=CODE_ROOT, check=False)
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    print(
        f"{name}: {told['models']} modeller i Spark på {told['executors']} arbetare, {time.perf_counter() - began:.0f} s "
        f"({_of_children() - before:.0f} processorsekunder); dyrast "
        + ", ".join(f"{model} {cost} s" for cost, model in told["dearest"][:3])
    )
    for fault in told["failed"]:
        print(f"  {fault}")
    compared = compare(settings, folder / "made")
    for one in compared:
        if one.differing:
            print(
                f"  {one.name}: {one.rows} rader i DuckDB, {one.differing} OLIKA", *one.examples, sep="\n    "
            )
    unequal = [one for one in compared if one.differing]
    print(
        f"{name}: {len(compared)} tabeller, {sum(one.rows for one in compared)} rader; "
        + (f"{len(unequal)} tabeller är OLIKA" if unequal else "alla rader är lika"),
        flush=True,
    )
    return not unequal and not told["failed"]


def main(names: list[str]) -> int:
    if not PYTHON.exists():
        raise PlainError("Sparks egen miljö finns inte; kör make conformance.")
    equal = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="bistand-spark-") as folder:
            equal.append(conform(name, Path(folder)))
    return not all(equal)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except PlainError as fault:
        sys.exit(f"Fel: {fault}")
