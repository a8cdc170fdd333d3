"""The whole run on a national register against one script by hand for the headline figures, in the same run.

`python -m bench.bench_models 25 80` makes 290 municipalities and about so many million person-months (120 months, or
360 when it is large), one size after the other, and prints tables to keep: every step with its peak memory, the
ratios, the same figures in pandas and polars, one new national month, and the pages' questions. Nothing is kept.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench import bench_pages, bench_startup
from bench.measure import machine, markdown, number
from bench.whole_run import AIMED, RUN, STEP_WORDS, WholeRun, remove, whole_run

AIMS = {"models": "≤ 3, helst 1,5", "release": "≤ 3, helst 1,5"}
MEMORY_AIM = {25: 6, 80: 10}


def steps_table(found: WholeRun) -> str:
    """Every step of the run and of the run with one new month, with the ratio to the script by hand."""
    hand = found.hand["seconds"]
    rows = [
        [
            "huvudtalen i ett skript för hand (DuckDB)",
            number(hand),
            "1",
            _memory(found.hand["peak_mb"]),
            "",
            "",
        ]
    ]
    for step in RUN:
        one, later = found.full[step], found.month.get(step)
        rows.append(
            [
                STEP_WORDS[step],
                number(one["seconds"]),
                number(one["seconds"] / hand) if step in AIMED else "",
                _memory(one["peak_mb"]),
                number(later["seconds"]) if later else "",
                _share(later["seconds"], one["seconds"]) if later else "",
            ]
        )
    rows.append(_total(found))
    headings = ["steg", "sekunder", "gånger skriptet", "minne som mest", "en ny månad, s", "av hela"]
    return markdown(headings, rows)


def _total(found: WholeRun) -> list[str]:
    whole, later = (sum(one["seconds"] for one in steps.values()) for steps in (found.full, found.month))
    peak = max(one["peak_mb"] for one in found.full.values())
    month = [number(later), _share(later, whole)] if found.month else ["", ""]
    return ["alla steg", number(whole), "", _memory(peak), *month]


def tools_table(found: WholeRun) -> str:
    """The headline figures alone: seconds of reading and counting in each tool, and how many times those of DuckDB."""
    base = found.tools["duckdb"]["seconds"]
    rows = [
        [
            tool,
            number(one["reading"], 2),
            number(one["seconds"], 2),
            number(one["seconds"] / base, 2),
            _memory(one["peak_mb"]),
        ]
        for tool, one in found.tools.items()
    ]
    return markdown(["huvudtalen i", "läsning, s", "räkning, s", "gånger DuckDB", "minne som mest"], rows)


def report(found: WholeRun) -> str:
    """All that is said of one size, as Markdown."""
    swapped = max(one["swapped_mb"] for one in found.steps())
    used = f"{number(swapped, 0)} MB skrevs till växlingsfilen" if swapped else "ingen växlingsfil användes"
    startup = found.full["models"]["startup"]
    limit = MEMORY_AIM.get(round(found.millions))
    parts = [
        f"### {number(found.person_months / 1e6)} miljoner personmånader, {found.register['years'] * 12} månader",
        steps_table(found),
        f"dbt:s start, {number(startup)} s, är inte med; {used}. Mål: modeller och utgåva var för sig högst 3 gånger "
        "skriptet, helst 1,5; en ny månad högst 10 % av hela körningen"
        + (f"; minne högst {limit} GB." if limit else "."),
        tools_table(found),
        "Alla tre ger samma tal. Mål: pandas minst 8 gånger DuckDB, polars minst lika lång tid som DuckDB."
        + (f" {found.skipped[0].upper()}{found.skipped[1:]}." if found.skipped else ""),
    ]
    return "\n\n".join(parts)


def _memory(megabytes: float) -> str:
    return f"{number(megabytes / 1024)} GB"


def _share(part: float, whole: float) -> str:
    return f"{number(100 * part / whole, 0)} %"


def main(sizes: list[float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reports = []
        for millions in sizes:
            home = Path(folder) / "national"
            reports.append(report(whole_run(millions, home)))
            reports.append(f"Sidornas frågor till utgåvan:\n\n{bench_pages.table(home)[0]}")
            remove(home)
    reports.append(f"### Start\n\n{bench_startup.table()}")
    print("\n" + "\n\n".join([*reports, machine()]), flush=True)


if __name__ == "__main__":
    main([float(one) for one in sys.argv[1:]] or [5])
