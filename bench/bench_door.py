"""The intake against a bare `read_csv` of the same file into a table, in the same run.

`python -m bench.bench_door` makes a synthetic national month (about 250 000 rows, 290 municipalities), the same in 290
files, and ten months in one file, and prints rows per second, ratios and peak memory; then one small municipality's
month into an empty vault and into one of ten million rows. `python -m bench.bench_door 1 40` chooses the months.
Every measurement is a process of its own, so that its peak memory is its own. Nothing is kept.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from bench.national_month import make_month
from bench.national_register import make_register
from orchestration.intake.deliveries import loading
from orchestration.settings import Settings
from orchestration.vault import key as vault_key
from orchestration.vault import pseudonym

# what the bare read does; the last one writes a table of typed columns into a file, as the intake does
BARE_READS = {
    "text till minnet": (":memory:", "all_varchar = true"),
    "gissade typer till minnet": (":memory:", ""),
    "text till fil": ("bare.duckdb", "all_varchar = true"),
    "gissade typer till fil": ("bare.duckdb", ""),
}
DENOMINATOR = "gissade typer till fil"
REPEATS = 3
KEY = "5e" * 32
SMALL_MUNICIPALITY = "2506"


def measure_bare(file: Path, kind: str) -> dict[str, float]:
    """Seconds and rows of one bare read, the table's file closed."""
    target, options = BARE_READS[kind]
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        started, worked = time.perf_counter(), time.process_time()
        connection = duckdb.connect(target if target == ":memory:" else f"{folder}/{target}")
        connection.execute(
            f"create table bare as select * from read_csv('{file}'{options and ', ' + options})"
        )
        rows = connection.execute("select count(*) from bare").fetchone()[0]
        connection.close()
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "cpu": time.process_time() - worked, "rows": rows}


def measure_door(home: Path) -> dict[str, float]:
    """Seconds and rows of the intake, all files of a landing folder; what is imported at first use is counted apart."""
    started = time.perf_counter()
    # DuckDB imports pandas and pyarrow when it meets the first parameter
    duckdb.execute("select $1", ["x"]).fetchall()
    imports = time.perf_counter() - started
    worked = time.process_time()
    report = loading.load_landing(Settings(home=home))
    if report.failed or report.rejected or not report.files:
        raise SystemExit("\n".join(report.messages[:5]))
    cpu = time.process_time() - worked
    return {"seconds": report.seconds, "cpu": cpu, "rows": report.rows_read, "imports": imports}


def peak_mb() -> float:
    """The highest memory of this process. Linux counts a parent's memory into ru_maxrss, but not into VmHWM."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+([0-9]+)", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def in_a_process(*arguments: str) -> dict[str, Any]:
    """The measurement in a process of its own, with its peak memory in MB."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.bench_door", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {pseudonym.KEY_VARIABLE: KEY},
    )
    if done.returncode:
        raise SystemExit(done.stdout)
    return json.loads(done.stdout)


def bare(file: Path, kind: str) -> dict[str, Any]:
    return in_a_process("measure-bare", str(file), kind)


def through_the_door(folder: Path, files: list[Path], vault: Path | None = None) -> dict[str, Any]:
    """The files through the intake into a new vault, or into a copy of one."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        settings = Settings(home=Path(name))
        settings.landing_register.mkdir(parents=True)
        for file in files:
            os.link(file, settings.landing_register / file.name)
        if vault:
            settings.register_folder.mkdir(mode=0o700)
            shutil.copyfile(vault, settings.vault)
            # else the first checkpoint would wait for the copy to reach the disk
            os.sync()
        return in_a_process("measure-door", name)


def best(measured: list[dict[str, Any]]) -> dict[str, Any]:
    """The quickest of the same measurement, with the highest peak memory of them."""
    quickest = min(measured, key=lambda one: one["seconds"])
    return quickest | {"peak_mb": max(one["peak_mb"] for one in measured)}


def show(what: str, one: dict[str, Any]) -> None:
    print(
        f"  {what:<34}{one['seconds']:8.2f} s {one['rows'] / one['seconds']:12,.0f} rader/s"
        f"{one['cpu']:8.2f} s processor{one['peak_mb']:8.0f} MB".replace(",", " "),
        flush=True,
    )


def one_file(folder: Path, months: int) -> None:
    file = folder / f"national_{months}.csv"
    rows = make_month(file, months=months)
    print(f"{months} månader, {rows} rader, {file.stat().st_size / 1e6:.0f} MB", flush=True)
    repeats = REPEATS if months == 1 else 1
    # taken in turn, so that a disturbance hits all of them alike
    turns = [
        {kind: bare(file, kind) for kind in BARE_READS} | {"intaget": through_the_door(folder, [file])}
        for _ in range(repeats)
    ]
    measured = {kind: best([turn[kind] for turn in turns]) for kind in (*BARE_READS, "intaget")}
    for kind, one in measured.items():
        show(kind if kind == "intaget" else f"read_csv, {kind}", one)
    shares = ", ".join(
        f"{measured[kind]['seconds'] / measured['intaget']['seconds']:.2f} ({kind})" for kind in BARE_READS
    )
    print(f"  dörrens fart som del av read_csv: {shares}; nämnaren i målet är {DENOMINATOR}")
    print(f"  utöver det {measured['intaget']['imports']:.1f} s start (pandas och pyarrow)\n", flush=True)
    if months > 1:
        file.unlink()


def many_files(folder: Path) -> None:
    """The national month as one file per municipality."""
    header, *lines = (folder / "national_1.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    by_code: dict[str, list[str]] = {}
    for line in lines:
        by_code.setdefault(line[:4], []).append(line)
    files = []
    for code, rows in by_code.items():
        files.append(folder / f"{code}.csv")
        files[-1].write_text(header + "".join(rows), encoding="utf-8")
    one = through_the_door(folder, files)
    print(f"samma månad i {len(files)} filer")
    show("intaget", one)
    print(f"  {1000 * one['seconds'] / len(files):.0f} ms per fil\n", flush=True)


def one_municipality(folder: Path) -> None:
    """What a small month costs in an empty vault, and in one where ten million rows of 34 800 deliveries lie.

    Both are encrypted, as a vault of real data is: a plain one would be written anew when the first real file comes.
    """
    file = folder / f"{SMALL_MUNICIPALITY}.csv"
    settings = Settings(home=folder / "big")
    started = time.perf_counter()
    rows = make_register(settings, 290, 2003, 10, 180_000, vault_key.derived_key(bytes.fromhex(KEY)))
    print(
        f"en liten kommuns månad (fullt valv: {rows / 1e6:.1f} miljoner rader, {time.perf_counter() - started:.0f} s att skapa)"
    )
    turns = [
        (through_the_door(folder, [file]), through_the_door(folder, [file], settings.vault))
        for _ in range(REPEATS)
    ]
    empty, full = (best([turn[place] for turn in turns]) for place in (0, 1))
    show("tomt valv", empty)
    show("fullt valv", full)
    print(f"  förhållande {full['seconds'] / empty['seconds']:.2f}", flush=True)


def main(months: list[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        for count in months:
            one_file(Path(name), count)
        if 1 in months:
            many_files(Path(name))
            one_municipality(Path(name))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:] or ["1", "10"]
    if command.startswith("measure-"):
        result = (
            measure_bare(Path(arguments[0]), arguments[1])
            if command == "measure-bare"
            else measure_door(Path(arguments[0]))
        )
        print(json.dumps(result | {"peak_mb": peak_mb()}))
    else:
        main([int(count) for count in (command, *arguments)])
