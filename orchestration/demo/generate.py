"""The synthetic demo register: invented persons whose counts meet the published tables of 27 municipalities.

`generate_demo` writes delivery files to `landing/register/demo`, a population file to `landing/population` and invented
events to `landing/events`; and made-up answers of the official sources to `snapshots`.
The work is done in steps: targets (what the tables imply), calibration and build (households that meet
it), persons and content (who and what), rows and files (how it is delivered); then later months, calibrated to nothing.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import PlainError
from orchestration.settings import SYNTHETIC_MARKER, Settings
from orchestration.yaml_files import read_yaml

FOLDER = "demo"
LATER = "aktivitetskravet"  # the folder of the later months
STAMP = ".stamp"
POPULATION_FILE = "folkmangd_syntetisk.csv"


@dataclass(frozen=True)
class DemoReport:
    """What was written: delivery files, rows in them, persons behind them, seconds of work (0 when in place)."""

    files: int
    rows: int
    persons: int
    seconds: float


def generate_demo(settings: Settings, progress: Callable[[str], None] | None = None) -> DemoReport:
    """Write the demo register, its population and its events, or leave them when they already lie there complete.

    Raises PlainError (one Swedish sentence) when other deliveries lie in the landing folders, or when
    the tables cannot be met.
    """
    say, started = progress or (lambda _: None), time.perf_counter()
    folder = settings.landing_register / FOLDER
    _refuse_other_files(settings, folder)
    fingerprint = _fingerprint(settings)
    done = _complete(settings, folder, fingerprint)
    if done:
        say("Demoregistret finns redan och är komplett.")
        return DemoReport(done["files"], done["rows"], done["persons"], 0.0)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    writer, persons, snapshots = _write_register(settings, folder, say)
    _write_stamp(settings, folder, fingerprint, writer, persons, snapshots)
    seconds = time.perf_counter() - started
    say(f"Demoregistret är klart: {writer.files} filer, {writer.rows} rader, {persons} påhittade personer.")
    return DemoReport(writer.files, writer.rows, persons, seconds)


def load_assumptions(settings: Settings) -> dict:
    """The assumptions of the demo register (data/catalog/demo_register.yml)."""
    return read_yaml(settings.catalog / "demo_register.yml")


def _write_register(settings: Settings, folder: Path, say: Callable[[str], None]):
    import numpy as np

    from orchestration.demo import build, content, endings, events, files, later, persons, rows, targets
    from orchestration.demo.official.figures import Money, official_figures
    from orchestration.demo.official.writing import write_sources

    assumptions = load_assumptions(settings)
    seed = assumptions["seed"]
    say("Räknar fram antalen bakom de publicerade tabellerna …")
    wanted = targets.work_back(settings, assumptions)
    _write_population(settings, wanted)
    events.write_events(settings, assumptions)
    say("Bygger påhittade hushåll som ger de publicerade talen …")
    register = build.build(wanted, assumptions)
    people = persons.describe(np.random.default_rng([seed, 5]), register, wanted, assumptions)
    reasons = content.Reasons(np.random.default_rng([seed, 8]), register, people, assumptions)
    maker = rows.RowMaker(register, people, reasons, assumptions)
    forms = {
        (entry["municipality_code"], year): entry["form"]
        for entry in assumptions["files"]
        for year in entry["years"]
    }
    writer = files.Writer(folder, forms, _reason_names(settings))
    (folder / SYNTHETIC_MARKER).write_text(files.SYNTHETIC_NOTE, encoding="utf-8")
    names = {code: name for name, code in targets.municipality_codes(settings.reference_seeds).items()}
    money = Money.empty(len(register.codes), register.years)
    for year_index in range(register.years):
        say(f"Skriver {register.first_year + year_index} …")
        for municipality, code in enumerate(register.codes):
            _write_year(writer, maker, assumptions, municipality, year_index, names[code], money)
            if code in assumptions["exit_reasons"]["municipality_codes"]:
                exits = endings.exit_rows(maker, municipality, year_index, assumptions)
                writer.write_exits(code, register.first_year + year_index, exits)
    say("Skriver månaderna med aktivitetskravet, som inte är anpassade till någon tabell …")
    after = later.Later(register, people, assumptions)
    writer_later = files.Writer(folder / LATER, {}, {})
    _write_later(writer_later, after, names, assumptions)
    writer.files, writer.rows = writer.files + writer_later.files, writer.rows + writer_later.rows
    say("Skriver påhittade uttag ur de officiella källorna …")
    official = official_figures(settings, register, people, wanted, money)
    snapshots = write_sources(settings, official, assumptions)
    return writer, int((people.bits > 0).sum()) + len(after.persons.sex), snapshots


def _write_later(writer, later, names: dict[str, str], assumptions: dict) -> None:
    """The later months of the municipalities that have them, with the files that came with the activity requirement."""
    from orchestration.demo import directions as made

    kinds = assumptions["later"]["kinds"]
    writer.folder.mkdir()
    for municipality in later.municipalities:
        code = later.register.codes[municipality]
        own = made.Directions(later, municipality, assumptions)
        directed = own.directions()
        tables = {
            "aktivitet": made.as_table(directed, made.ACTIVITY),
            "nedsattning": made.as_table(own.reductions(directed), made.REDUCTION),
            "insats": made.as_table(own.measures(), made.MEASURE),
            "sammanstallning": made.as_table(own.by_hand(), made.BY_HAND),
        }
        for year_index in range(later.register.years):
            year = later.first_year + year_index
            writer.write_later(
                code, names[code], year, later.maker.rows(municipality, year_index), later.delivered(year)
            )
            if code in kinds["avslut"]:
                writer.write_kind(
                    "avslut", code, year, later.exits(municipality, year_index), later.delivered(year)
                )
        for kind, table in tables.items():
            if code in kinds[kind] and table.num_rows:
                writer.write_kind(kind, code, year, table, later.delivered(year))


def _write_year(
    writer, maker, assumptions: dict, municipality: int, year_index: int, name: str, money
) -> None:
    """One municipality and year, with its faults, its resubmission or its duplicate when it has one."""
    from orchestration.demo import files, rows

    code, year = maker.register.codes[municipality], maker.register.first_year + year_index
    table = maker.rows(municipality, year_index)
    if not table.num_rows:
        return
    dirty, again, twice = (assumptions[key] for key in ("dirty_rows", "resubmission", "duplicate_delivery"))
    is_dirty = code in dirty["municipality_codes"]
    money.add(municipality, year_index, table, dirty["months"] if is_dirty else [])
    if is_dirty:
        table = rows.with_faults(table, year, dirty["months"], _strangers(maker.persons.personnummer))
    if (code, year) == (again["municipality_code"], again["year"]):
        partial = files.without_households(
            maker.rows(municipality, year_index), again["missing_household_share"]
        )
        writer.write_year(code, name, year, partial)
        writer.write_year(code, name, year, table, "_total", month=4)
        return
    path = writer.write_year(code, name, year, table)
    if (code, year) == (twice["municipality_code"], twice["year"]):
        copy = path.name.replace(f"_{year}", f"_{year}_kopia")
        writer.write(copy, path.read_bytes(), table.num_rows, year + 1, 2)


def _strangers(taken) -> tuple[str, str, str]:
    """A personnummer with a wrong check digit and two right ones that no demo person has."""
    import numpy as np

    from orchestration.demo.persons import personnummer

    first, second = personnummer(
        np.array([1935, 1935]), np.array([1, 1]), np.array([0, 1]), np.array([1, 1]) > 0
    )
    if {first, second} & set(taken[np.char.startswith(taken, "1935")]):
        raise PlainError(
            "Demoregistrets felrader krockar med en demoperson; ändra fröet i demo_register.yml."
        )
    wrong = first[:-1] + str((int(first[-1]) + 1) % 10)
    return wrong, str(first), str(second)


def _reason_names(settings: Settings) -> dict[str, str]:
    path = settings.reference_seeds / "reason_categories.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["reason_code"]: row["reason_name"] for row in csv.DictReader(file)}


def _write_population(settings: Settings, wanted: dict) -> None:
    from orchestration.demo import files, population

    folder = settings.landing_population
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / POPULATION_FILE
    path.write_text(population.population_csv(wanted), encoding="utf-8")
    files.set_date(path, max(year for _, year in wanted) + 1, 2)
    note = folder / SYNTHETIC_MARKER
    note.write_text(files.SYNTHETIC_NOTE, encoding="utf-8")


def _refuse_other_files(settings: Settings, folder: Path) -> None:
    """Demo and real deliveries never mix."""
    for landing, own in (
        (settings.landing_register, lambda path: folder in path.parents),
        (settings.landing_population, lambda path: path.name in (POPULATION_FILE, SYNTHETIC_MARKER)),
    ):
        found = sorted(
            path for path in landing.rglob("*") if path.is_file() and not path.name.startswith(".")
        )
        strange = next((path for path in found if not own(path)), None)
        if strange is not None:
            place = landing.relative_to(settings.home)
            raise PlainError(
                f"Det ligger andra filer än demofiler i {place}; flytta dem eller välj en annan BISTAND_HOME "
                "innan demoregistret skapas."
            )


def _fingerprint(settings: Settings) -> str:
    """A hash of everything that decides the files: assumptions, tables, code lists and this code."""
    sources = [
        settings.catalog / "demo_register.yml",
        settings.catalog / "demo_sources.yml",
        settings.catalog / "sources.yml",
        settings.catalog / "oppna_jamforelser.yml",
        *sorted(settings.published_tables.glob("*.csv")),
        settings.reference_seeds / "municipalities.csv",
        settings.reference_seeds / "reason_categories.csv",
        settings.reference_seeds / "kolada_kpis.csv",
        *sorted(Path(__file__).parent.rglob("*.py")),
    ]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _beside(settings: Settings) -> list[Path]:
    """What is written beside the register itself."""
    from orchestration.demo import events

    return [
        settings.landing_population / POPULATION_FILE,
        *(settings.landing_events / name for name, *_ in events.FILES),
    ]


def _listing(settings: Settings, folder: Path) -> dict[str, list[int]]:
    """Size and date of every file that was written."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != STAMP]
    paths += _beside(settings)
    return {
        path.name: [path.stat().st_size, int(path.stat().st_mtime)]
        for path in paths
        if path.name != SYNTHETIC_MARKER
    }


def _complete(settings: Settings, folder: Path, fingerprint: str) -> dict | None:
    """The stamp of an earlier run when every file still lies there as it was written."""
    markers = (
        folder / SYNTHETIC_MARKER,
        settings.landing_population / SYNTHETIC_MARKER,
        settings.landing_events / SYNTHETIC_MARKER,
        *_beside(settings),
    )
    if not (folder / STAMP).is_file() or not all(path.is_file() for path in markers):
        return None
    stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    if not all((settings.home / name).is_file() for name in stamp.get("snapshots", ["-"])):
        return None
    same = stamp["fingerprint"] == fingerprint and stamp["listing"] == _listing(settings, folder)
    return stamp if same else None


def _write_stamp(
    settings: Settings, folder: Path, fingerprint: str, writer, persons: int, snapshots: list[Path]
) -> None:
    """Written last: without it the folder is written anew."""
    stamp = {
        "fingerprint": fingerprint,
        "files": writer.files,
        "rows": writer.rows,
        "persons": persons,
        "listing": _listing(settings, folder),
        "snapshots": [str(path) for path in snapshots],
    }
    (folder / STAMP).write_text(json.dumps(stamp, indent=1), encoding="utf-8")
