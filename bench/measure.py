"""How every bench measures: each step in a process of its own, with its own seconds, processor seconds and peak memory."""

from __future__ import annotations

import json
import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Measured = dict[str, Any]


@contextmanager
def clock() -> Iterator[Measured]:
    """Fills in `seconds` on the clock and `cpu` seconds of this process and of those it has waited for."""
    taken: Measured = {}
    started, worked = time.perf_counter(), _cpu_seconds()
    yield taken
    taken["seconds"] = time.perf_counter() - started
    taken["cpu"] = _cpu_seconds() - worked


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def peak_mb() -> float:
    """The highest memory of this process. Linux counts a parent's memory into ru_maxrss, but not into VmHWM."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+([0-9]+)", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def in_a_process(module: str, *arguments: object) -> Measured:
    """The JSON object that `python -m module arguments` prints last, with `swapped_mb` of the machine meanwhile."""
    before = _swapped_out_mb()
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(map(str, arguments))} gick fel:\n{done.stdout}")
    return json.loads(done.stdout.splitlines()[-1]) | {"swapped_mb": _swapped_out_mb() - before}


def _swapped_out_mb() -> float:
    counters = Path("/proc/vmstat")
    found = re.search(r"^pswpout ([0-9]+)", counters.read_text(), re.MULTILINE) if counters.exists() else None
    return int(found[1]) * resource.getpagesize() / 2**20 if found else 0.0


def free_gb() -> float:
    """Memory that a new process can have without swapping."""
    meminfo = Path("/proc/meminfo")
    found = re.search(r"MemAvailable:\s+([0-9]+)", meminfo.read_text()) if meminfo.exists() else None
    return int(found[1]) / 2**20 if found else float("inf")


def machine() -> str:
    """The machine and the day, as a sentence for a table that is to be kept."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    processor = found[1].strip() if found else platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} kärnor ({processor}), {memory:.0f} GB minne, {platform.system()}, "
        f"Python {platform.python_version()}; {datetime.now(UTC):%Y-%m-%d}."
    )


def number(value: float, decimals: int = 1) -> str:
    """A number as Swedish text: decimal comma and a space between thousands."""
    return f"{value:,.{decimals}f}".replace(",", " ").replace(".", ",")


def markdown(headings: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown; every column but the first to the right."""
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
