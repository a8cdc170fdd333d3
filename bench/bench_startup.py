"""What a run costs before it does anything, and with one small delivery: whole processes, on a copy of the demo.

`python -m bench.bench_startup` copies the demo in the project's data folder, or makes it when there is none.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import Measured, clock, machine, markdown, number
from orchestration.settings import PROJECT_ROOT

DEMO = PROJECT_ROOT / "data"
NEEDED = ("landing", "register", "build", "published")
REPEATS = 3
SMALL_MUNICIPALITY = "2132"


def bistand(home: Path, *arguments: str) -> Measured:
    """One command of bistand as a user runs it; raises SystemExit when it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BISTAND_")}
    with clock() as taken:
        done = subprocess.run(
            [str(Path(sys.executable).parent / "bistand"), *arguments],
            env=environment | {"BISTAND_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return taken | {"said": done.stdout}


def settled_demo(home: Path) -> None:
    """A home with the demo, loaded and published by the code that lies here now."""
    if all((DEMO / folder).is_dir() for folder in NEEDED):
        for folder in NEEDED:
            shutil.copytree(DEMO / folder, home / folder, symlinks=True)
    else:
        bistand(home, "demo")
    bistand(home, "run")


def small_delivery(home: Path) -> Path:
    """One municipality's last month again, with other amounts."""
    file = max((home / "landing" / "register").glob(f"**/{SMALL_MUNICIPALITY}_*.csv.gz"))
    header, *lines = gzip.decompress(file.read_bytes()).decode("utf-8").splitlines()
    period = header.split(";").index("period")
    last = max(line.split(";")[period] for line in lines)
    month = [line for line in lines if line.split(";")[period] == last]
    amount = header.split(";").index("forsorjningsstod_kr")
    changed = []
    for line in month:
        cells = line.split(";")
        cells[amount] = cells[amount] and "4321"
        changed.append(";".join(cells))
    resent = file.with_name(f"{SMALL_MUNICIPALITY}_{last}_igen.csv")
    resent.write_text("\n".join([header, *changed]) + "\n", encoding="utf-8")
    return resent


def measure() -> dict[str, Measured]:
    """Each command by what it is called in the table; the quickest of three where it can be repeated."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settled_demo(home)
        quick = {"bistand --help": ("--help",), "bistand run, inget nytt": ("run",)}
        found = {
            what: min((bistand(home, *arguments) for _ in range(REPEATS)), key=lambda one: one["seconds"])
            for what, arguments in quick.items()
        }
        if "Inget nytt" not in found["bistand run, inget nytt"]["said"]:
            raise SystemExit("Körningen utan nytt byggde något; mätningen gäller inte.")
        small_delivery(home)
        found["bistand run, en kommuns månad på demon"] = bistand(home, "run")
        found["bistand run --rebuild på demon"] = bistand(home, "run", "--rebuild")
    return found


def table() -> str:
    rows = [[what, number(one["seconds"]), number(one["cpu"])] for what, one in measure().items()]
    return markdown(["hela processen", "sekunder", "processorsekunder"], rows)


if __name__ == "__main__":
    print(f"{table()}\n\n{machine()}", flush=True)
