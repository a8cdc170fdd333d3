"""The steps of a run, one by one: `python -m bench.steps STEP HOME` runs one in this process and prints what it cost.

`seconds` is the step itself; `startup` what dbt needs before any model is built (imports, reading the project and an
empty run).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from bench import headline
from bench.measure import Measured, clock, peak_mb
from bench.national_register import add_month, make_register
from orchestration.database import open_database
from orchestration.settings import Settings
from orchestration.vault.file import attach_for_reading

MUNICIPALITIES = 290
# about so many person-months has a person with aid, in the years made here
MONTHS_PER_PERSON_YEAR = 6.0
NO_MODEL = ["--select", "no_such_model"]
DEAREST = 12


def register(settings: Settings, millions: str) -> Measured:
    """A national register of about so many million person-months: 30 years when it is large, else 10."""
    years = 30 if float(millions) > 40 else 10
    persons = int(float(millions) * 1_000_000 / years / MONTHS_PER_PERSON_YEAR)
    with clock() as taken:
        rows = make_register(settings, MUNICIPALITIES, 2020 - years, years, persons)
    return taken | {"rows": rows, "years": years, "file_mb": settings.vault.stat().st_size / 1e6}


def month(settings: Settings) -> Measured:
    with clock() as taken:
        rows = add_month(settings)
    return taken | {"rows": rows}


def export(settings: Settings, file: str) -> Measured:
    with open_database() as connection, clock() as taken:
        attach_for_reading(connection, settings.vault)
        headline.write_person_months(connection, "vault.register.person_months", Path(file))
    return taken


def by_hand(settings: Settings) -> Measured:
    """The script for the headline figures, straight on the vault."""
    with open_database() as connection, clock() as taken:
        attach_for_reading(connection, settings.vault)
        connection.execute(
            f"create view person_months as {headline.PERSON_MONTHS.format(person_months='vault.register.person_months')}"
        )
        headline.by_hand(connection, "person_months")
    return taken


def landing_gate(settings: Settings) -> Measured:
    from validation.gates import run_landing_gate

    with clock() as taken:
        results = run_landing_gate(settings)
    return taken | {"checks": len(results), "failed": sum(not one.is_passed for one in results)}


def raw(settings: Settings) -> Measured:
    from orchestration.warehouse.raw_tables import load_raw_tables

    with clock() as taken:
        load_raw_tables(settings)
    return taken


def models(settings: Settings) -> Measured:
    """Seeds and models as a run builds them, without tests."""
    from orchestration.warehouse.changed_years import changed_years
    from orchestration.warehouse.dbt_runner import build_models, prepare_manifest, run_dbt

    # the tests come in a process of their own, when the build is remembered already
    _built_years(settings).write_text(json.dumps(changed_years(settings)), encoding="utf-8")
    with clock() as first:
        prepare_manifest(settings)
        run_dbt(settings, ["run", *NO_MODEL])
    with clock() as empty:
        run_dbt(settings, ["run", *NO_MODEL])
    with clock() as taken:
        nodes = build_models(settings, with_tests=False)
    wrong = [node for node in nodes if not node.is_ok]
    if wrong:
        raise SystemExit(f"{wrong[0].name}: {wrong[0].message}")
    return {
        "seconds": taken["seconds"] - empty["seconds"],
        "cpu": taken["cpu"] - empty["cpu"],
        "startup": first["seconds"],
        "dearest": [
            [node.name, node.seconds] for node in sorted(nodes, key=lambda one: -one.seconds)[:DEAREST]
        ],
        "file_mb": settings.warehouse.stat().st_size / 1e6,
    }


def tests(settings: Settings) -> Measured:
    """dbt's tests and unit tests of what the last step built, as a run makes them."""
    from orchestration.warehouse.dbt_runner import prepare_manifest, run_changed, run_dbt

    years = json.loads(_built_years(settings).read_text(encoding="utf-8"))
    prepare_manifest(settings)
    with clock() as empty:
        run_dbt(settings, ["test", *NO_MODEL])
    with clock() as taken:
        nodes = run_changed(settings, ["test"], years)
    return {
        "seconds": taken["seconds"] - empty["seconds"],
        "cpu": taken["cpu"] - empty["cpu"],
        "checks": len(nodes),
        "failed": [node.name for node in nodes if not node.is_ok],
        "dearest": [
            [node.name, node.seconds] for node in sorted(nodes, key=lambda one: -one.seconds)[:DEAREST]
        ],
    }


def _built_years(settings: Settings) -> Path:
    return settings.build / "bench_built_years.json"


def release_gate(settings: Settings) -> Measured:
    from validation.gates import run_release_gate

    with clock() as taken:
        results = run_release_gate(settings)
    return taken | {"checks": len(results), "failed": sum(not one.is_passed for one in results)}


def release(settings: Settings) -> Measured:
    """From the marts to the release: protected, compared, written."""
    from orchestration.release.build import build_release
    from orchestration.release.disclosure import protect_marts
    from orchestration.warehouse.dbt_runner import build_after_protection

    with clock() as taken:
        protect_marts(settings)
        build_after_protection(settings)
        made = build_release(settings, [])
    file = made.folder / "indicators.duckdb"
    return taken | {"rows": made.row_counts["indicator_values"], "file_mb": file.stat().st_size / 1e6}


STEPS: dict[str, Callable[..., Measured]] = {
    step.__name__: step
    for step in (register, month, export, by_hand, landing_gate, raw, models, tests, release_gate, release)
}

if __name__ == "__main__":
    step, home, *arguments = sys.argv[1:]
    measured = STEPS[step](Settings(home=Path(home)), *arguments)
    print(json.dumps(measured | {"peak_mb": peak_mb()}))
