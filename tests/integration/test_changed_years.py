"""A load builds only the years that its months can tell of, and gives the warehouse that a whole build would give."""

from __future__ import annotations

import csv
import os
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.database import attach, open_database
from orchestration.intake.deliveries import loading
from orchestration.intake.deliveries.decisions import decide
from orchestration.settings import Settings
from orchestration.vault.file import open_vault
from orchestration.warehouse.changed_years import changed_years
from orchestration.warehouse.dbt_runner import CHANGED_YEARS, build_models, run_dbt
from orchestration.warehouse.raw_tables import load_raw_tables
from tests.fixtures.commands import OWN_KEY
from tests.fixtures.random_register import EXIT_HEADER, HEADER, RandomRegister, write_population

AREAS = ("0180", "0980", "1280")
YEARS = (2012, 2013, 2014, 2015, 2016, 2017, 2018)
SEEDS = range(int(os.environ.get("BISTAND_BUILDS", "2")))
STEPS = 3

pytestmark = pytest.mark.usefixtures("own_key")


def months_of(register: RandomRegister) -> dict[tuple[str, str], list[list[str]]]:
    """The lines of each municipality and month, as they would be delivered one by one."""
    return by_month(register.lines)


def by_month(files: dict[tuple, list[list[str]]]) -> dict[tuple[str, str], list[list[str]]]:
    months = defaultdict(list)
    for lines in files.values():
        for line in lines:
            months[line[0], line[1]].append(line)
    return months


def deliver(
    settings: Settings, name: str, lines: list[list[str]], exits: list[list[str]] | None = None
) -> None:
    """A file of the register and, when there are any, one of exit reasons, taken in together."""
    folder = settings.landing_register
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, header, rows in ((name, HEADER, lines), (f"{name}_avslut", EXIT_HEADER, exits)):
        if rows:
            with (folder / f"{file_name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, delimiter=";")
                writer.writerow(header)
                writer.writerows(rows)
    report = loading.load_landing(settings)
    assert (report.rejected, report.failed) == (0, 0), report.messages


def build(settings: Settings) -> list[int] | None:
    """Builds as a run does; returns the years that had changed."""
    load_raw_tables(settings)
    years = changed_years(settings)
    nodes = build_models(settings, with_tests=False)
    assert [f"{node.name}: {node.message}" for node in nodes if not node.is_ok] == []
    return years


def contents(warehouse: Path) -> dict[str, list[tuple]]:
    """Every table that the models made, rows in one order."""
    with open_database() as connection:
        attach(connection, warehouse, "built")
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'built' "
            "and schema_name in ('intermediate', 'marts')"
        ).fetchall()
        return {name: connection.execute(f"from built.{name} order by all").fetchall() for (name,) in names}


@pytest.fixture(scope="module")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of six years and three municipalities, built whole. Used by `settings` alone."""
    home = tmp_path_factory.mktemp("changed_years")
    settings = Settings(home=home)
    register = RandomRegister(seed=11, municipalities=AREAS, years=YEARS[:-1], persons=60, has_exits=True)
    exits = by_month(register.exit_lines)
    write_population(settings.landing_population, AREAS, YEARS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BISTAND_PSEUDONYM_KEY", OWN_KEY)
        # a tenth of the months has not come yet, among them some in the middle
        late = random.Random(11).sample(sorted(months_of(register)), 20)
        deliver(
            settings,
            "a",
            [line for key, lines in months_of(register).items() if key not in late for line in lines],
            [line for key, lines in exits.items() if key not in late for line in lines],
        )
        assert build(settings) is None
    return home


@pytest.fixture
def settings(built_home: Path, tmp_path: Path) -> Iterator[Settings]:
    """The built register, put back afterwards in the same place: for another place dbt would read the project anew."""
    shutil.copytree(built_home, tmp_path / "kept")
    yield Settings(home=built_home)
    shutil.rmtree(built_home)
    shutil.move(tmp_path / "kept", built_home)


@pytest.mark.parametrize("seed", SEEDS)
def test_months_in_any_order_give_what_a_whole_build_gives(settings, seed):
    draw = random.Random(seed)
    registers = [
        RandomRegister(seed=11, municipalities=AREAS, years=YEARS[:-1], persons=60, has_exits=True),
        RandomRegister(seed=100 + seed, municipalities=AREAS, years=YEARS, persons=60, has_exits=True),
    ]
    first, other = (months_of(register) for register in registers)
    exits = {**by_month(registers[0].exit_lines), **by_month(registers[1].exit_lines)}
    for step in range(STEPS):
        # months that are late, months sent again with other people, months of a year that was not there
        new = draw.sample(sorted(first), 2) + draw.sample(sorted(other), draw.choice([1, 2, 12]))
        ended = draw.sample(sorted(exits), 3)
        deliver(
            settings,
            f"b{step}",
            [line for key in dict.fromkeys(new) for line in {**first, **other}[key]],
            # exit reasons come when they come: for months that are there, sent again, or not there yet
            [line for key in ended for line in exits[key]],
        )
        if step == STEPS // 2:
            # a file of either kind is taken back: what was in force before it is in force again
            decide(settings, "reject", draw.choice([3, 4]))
        years = build(settings)
        assert years is not None
    by_year = contents(settings.warehouse)

    settings.warehouse.unlink()
    assert build(settings) is None
    assert contents(settings.warehouse) == by_year
    assert len(by_year["marts.indicator_values"]) > 10_000


def test_a_month_leaves_the_years_it_cannot_tell_of_as_they_lie(settings):
    """Marks put on the first year survive a month of the last one, and fall when the first year changes."""
    person_years = "built.intermediate.int_person_years"
    with open_database() as connection:
        attach(connection, settings.warehouse, "built", read_only=False)
        connection.execute(f"update {person_years} set sex = 'märkt' where period_year in (2012, 2017)")
        connection.execute(
            "update built.marts.indicator_values set unit = 'märkt' where period in ('2012', '2017')"
        )
    months = months_of(RandomRegister(seed=12, municipalities=AREAS, years=(2017,), persons=30))
    deliver(settings, "c", months["0180", "2017-09"])
    assert build(settings) == [2017]

    with open_database() as connection:
        attach(connection, settings.warehouse, "built")
        assert connection.execute(
            f"select distinct period_year from {person_years} where sex = 'märkt'"
        ).fetchall() == [(2012,)]
        assert connection.execute(
            "select distinct period from built.marts.indicator_values where unit = 'märkt'"
        ).fetchall() == [("2012",)]


def test_a_load_of_months_runs_and_tests_only_what_reads_months(settings):
    months = months_of(RandomRegister(seed=12, municipalities=AREAS, years=(2017,), persons=30))
    deliver(settings, "c", months["0180", "2017-09"])
    load_raw_tables(settings)
    nodes = build_models(settings)
    assert [f"{node.name}: {node.message}" for node in nodes if not node.is_ok] == []
    assert {node.resource_type for node in nodes} == {"model", "test"}
    names = {node.name for node in nodes}
    # what stands on deliveries, also by way of a view, and what stands on the events and attempts of the day
    assert names >= {
        "deliveries",
        "reconciliation",
        "dim_indicators",
        "indicator_values",
        "variation_events",
        "source_outcomes",
    }
    assert names >= {"assert_no_person_month_is_lost", "not_null_stg_register__exit_reasons_person_id"}
    assert not names & {
        "published_values",
        "int_geography_memberships",
        "stg_register__person_months",
    }


def test_the_tests_of_a_load_look_at_the_years_that_were_built(settings, monkeypatch):
    with open_database() as connection:
        attach(connection, settings.warehouse, "built", read_only=False)
        connection.execute("""
            update built.marts.indicator_values set value = -1, unit = null
            where indicator_id = 'recipients' and period in ('2012', '2016') and breakdown = 'total' and geography_id = '0000'
        """)
    tests = ["test", "--select", "assert_values_are_possible", "not_null_indicator_values_unit"]
    found = {node.name: node.failures for node in run_dbt(settings, tests)}
    assert found == {"assert_values_are_possible": 2, "not_null_indicator_values_unit": 2}
    # a month of 2015 reaches the indicators of 2014 to 2017
    monkeypatch.setenv(CHANGED_YEARS, "2015")
    found = {node.name: node.failures for node in run_dbt(settings, tests)}
    assert found == {"assert_values_are_possible": 1, "not_null_indicator_values_unit": 1}


def test_nothing_new_changes_no_year_and_a_build_that_stops_is_done_again(settings):
    load_raw_tables(settings)
    assert changed_years(settings) == []
    months = months_of(RandomRegister(seed=13, municipalities=AREAS, years=(2014, 2016), persons=30))
    deliver(settings, "c", months["0180", "2014-03"])
    assert changed_years(settings) == [2014]
    # nothing was built, so it stands over to the next build, beside what comes in the meantime
    deliver(settings, "d", months["1280", "2016-03"])
    assert changed_years(settings) == [2014, 2016]


def test_years_that_nobody_delivered_before_a_new_last_month_are_built(settings):
    months = months_of(RandomRegister(seed=14, municipalities=AREAS, years=(2019,), persons=90))
    deliver(settings, "c", months["0180", "2019-01"])
    load_raw_tables(settings)
    assert changed_years(settings) == [2017, 2018, 2019]


@pytest.mark.parametrize("change", ["municipality", "first month", "population", "erased person"])
def test_what_can_show_in_any_year_builds_everything(settings, change):
    if change == "population":
        write_population(settings.landing_population, AREAS, (*YEARS, 2019))
    elif change == "erased person":
        connection = open_vault(settings)
        connection.execute(
            "insert into register.erased_rows by name select delivery_id, municipality_code, period_month, household_id, role, "
            "1 as persons_count "
            "from register.person_months limit 1"
        )
        connection.close()
    else:
        areas, year = (("2480",), 2015) if change == "municipality" else (("0180",), 2011)
        months = months_of(RandomRegister(seed=15, municipalities=areas, years=(year,), persons=30))
        # a municipality that has never been here would wait for a person
        deliver(replace(settings, municipalities=areas), "c", months[areas[0], f"{year}-05"])
    load_raw_tables(settings)
    assert changed_years(settings) is None
