"""All questions that each page asks of a release, with the page's own default choices, in milliseconds.

`python -m bench.bench_pages [HOME]` measures the release in force in HOME (default: that of the settings). Each page is
run in a process of its own. Cold is the first time, with the file opened; warm is when the answers are forgotten and
the file is open, the middle of five. Only the questions are counted, not what the page does with the answers.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measure import Measured, in_a_process, machine, markdown, number, peak_mb
from orchestration.settings import PROJECT_ROOT, load_settings

PAGES = PROJECT_ROOT / "dashboards" / "app_pages"
WARM_TIMES = 5
AIM_MS = 100


def measure(page: str) -> Measured:
    """`cold` and `warm`: milliseconds per question of a page, by the name of the question."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    asked: dict[str, float] = {}
    worked: dict[str, float] = {}
    _time_questions(asked, worked)
    app = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=600)
    turns = []
    for _ in range(1 + WARM_TIMES):
        asked.clear()
        worked.clear()
        st.cache_data.clear()
        app.run()
        if app.exception:
            raise SystemExit(f"{page}: {app.exception[0].value}")
        turns.append((dict(asked), sum(worked.values())))
    (cold, _), *warm = turns
    return {
        "cold": cold,
        "warm": {name: statistics.median(one[name] for one, _ in warm) for name in warm[0][0]},
        "cpu_ms": statistics.median(cpu for _, cpu in warm),
        "peak_mb": peak_mb(),
    }


def _time_questions(asked: dict[str, float], worked: dict[str, float]) -> None:
    """Let every question of the pages add its milliseconds to `asked`, and those of the processor to `worked`."""
    from dashboards import queries

    def timed(frame: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*arguments: Any, **options: Any) -> Any:
            name = sys._getframe(1).f_code.co_name
            started, processor = time.perf_counter(), time.process_time()
            try:
                return frame(*arguments, **options)
            finally:
                asked[name] = asked.get(name, 0.0) + 1000 * (time.perf_counter() - started)
                worked[name] = worked.get(name, 0.0) + 1000 * (time.process_time() - processor)

        return ask

    ask = timed(queries._frame)
    for name, module in list(sys.modules.items()):
        if name.startswith(queries.__name__) and hasattr(module, "_frame"):
            module._frame = ask


def table(home: Path) -> tuple[str, bool]:
    """The pages and their milliseconds as a table in Markdown, and whether all are within the aim."""
    os.environ["BISTAND_HOME"] = str(home)
    rows, warmest = [], 0.0
    for page in sorted(path.stem for path in PAGES.glob("*.py")):
        one = in_a_process("bench.bench_pages", "measure", page)
        cold, warm = sum(one["cold"].values()), sum(one["warm"].values())
        warmest = max(warmest, warm)
        dearest = sorted(one["warm"].items(), key=lambda item: -item[1])[:2]
        rows.append(
            [
                page,
                str(len(one["warm"])),
                number(cold, 0),
                number(warm, 0),
                number(one["cpu_ms"], 0),
                ", ".join(f"{name} {number(ms, 0)}" for name, ms in dearest),
            ]
        )
    headings = ["sida", "frågor", "första gången, ms", "sedan, ms", "processor, ms", "dyrast (ms)"]
    return markdown(headings, rows), warmest <= AIM_MS


def main(home: Path) -> None:
    found, is_within = table(home)
    print(found)
    verdict = "nås" if is_within else "nås inte"
    print(
        f"\nMålet, alla frågor till en sida på {AIM_MS} ms sedan filen öppnats, {verdict}. {machine()}",
        flush=True,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        print(json.dumps(measure(sys.argv[2])))
    else:
        main(Path(sys.argv[1]).resolve() if sys.argv[1:] else load_settings().home)
