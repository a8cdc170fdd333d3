"""How time and memory of each step grow with the register: `python -m bench.bench_growth 1 5 25 80`.

Prints the tables of bench_models for every size and, last, seconds and memory per step with the exponent (the slope
between the smallest and the largest size, both on logarithmic scales: 1 is as the rows grow, less is slower). With
`--write` first, that last part also goes into docs/how-to/size-the-machine.md, between its two marks.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.bench_models import report
from bench.measure import Measured, machine, markdown, number
from bench.whole_run import RUN, STEP_WORDS, WholeRun, remove, whole_run
from orchestration.settings import PROJECT_ROOT

# millions of person-months of the whole country in ten years: there one new month is measured too
NATIONAL = 25
PAGE = PROJECT_ROOT / "docs" / "how-to" / "size-the-machine.md"
START, END = "<!-- mätningen börjar -->", "<!-- mätningen slutar -->"


def exponent(small: float, large: float, rows: float) -> float:
    """The power of the number of rows that the cost grows with, when the rows grow `rows` times."""
    return math.log(large / small) / math.log(rows)


def growth_table(found: list[WholeRun], of: Callable[[Measured], float], decimals: int) -> str:
    """One row per step: the cost at every size, and the exponent between the first and the last."""
    grown = found[-1].person_months / found[0].person_months
    rows = []
    for name, costs in _costs(found, of).items():
        slope = exponent(costs[0], costs[-1], grown) if len(costs) > 1 else math.nan
        rows.append([name, *(number(cost, decimals) for cost in costs), number(slope, 2)])
    sizes = [f"{number(one.person_months / 1e6, 0)} milj." for one in found]
    return markdown(["steg", *sizes, "exponent"], rows)


def _costs(found: list[WholeRun], of: Callable[[Measured], float]) -> dict[str, list[float]]:
    costs = {STEP_WORDS[step]: [of(one.full[step]) for one in found] for step in RUN}
    return costs | {"skriptet för hand": [of(one.hand) for one in found]}


def summary(found: list[WholeRun]) -> str:
    """The part that the page shows."""
    seconds = {STEP_WORDS[step]: found[-1].full[step]["seconds"] for step in RUN}
    dearest = max(seconds, key=lambda step: seconds[step])
    share = 100 * seconds[dearest] / sum(seconds.values())
    files = markdown(
        ["fil, GB", *(f"{number(one.person_months / 1e6, 0)} milj." for one in found)],
        [
            ["valvet", *(number(one.register["file_mb"] / 1000) for one in found)],
            ["datalagret", *(number(one.full["models"]["file_mb"] / 1000) for one in found)],
            ["utgåvans databas", *(number(one.full["release"]["file_mb"] / 1000) for one in found)],
        ],
    )
    return "\n\n".join(
        [
            "Sekunder:",
            growth_table(found, lambda one: one["seconds"], 1),
            "Minne som mest, GB:",
            growth_table(found, lambda one: one["peak_mb"] / 1024, 2),
            files,
            f"Dyrast i den största storleken är {dearest}, {number(share, 0)} % av stegens tid. {machine()}",
        ]
    )


def write(text: str) -> None:
    """Put the measurement into the page, between its marks."""
    before, rest = PAGE.read_text(encoding="utf-8").split(START)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main(sizes: list[float], is_kept: bool) -> None:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for millions in sizes:
            home = Path(folder) / "national"
            found.append(whole_run(millions, home, with_month=millions == NATIONAL))
            print(f"\n{report(found[-1])}", flush=True)
            remove(home)
            # after each size: the largest may take hours
            if is_kept:
                write(summary(found))
    print(f"\n{summary(found)}", flush=True)
    if is_kept:
        print(f"\nSkrivet i {PAGE.relative_to(PROJECT_ROOT)}.", flush=True)


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if one != "--write"]
    main(sorted(float(one) for one in given) or [1, 5], "--write" in sys.argv)
