"""What was known on an earlier day, built again: the same as in a home that never saw what came later."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from orchestration.database import attach, open_database
from orchestration.errors import ExitCode
from orchestration.intake.deliveries import loading
from orchestration.intake.deliveries.decisions import decide
from orchestration.settings import Settings, SettingsError, load_settings
from orchestration.vault import file as vault_file
from orchestration.vault import pseudonym
from orchestration.vault.states import put_states
from tests.fixtures.asking import released
from tests.fixtures.commands import OWN_KEY, bistand
from tests.fixtures.random_register import RandomRegister, write_population

EARLY, LATE = datetime(2019, 6, 1, 12).timestamp(), datetime(2020, 9, 1, 12).timestamp()
AREAS, DAYS = ("0180", "1280"), (2017, 2018, 2019)


def put(home: Path, source: Path, moment: float) -> None:
    """Copies deliveries into a home, all changed at one moment."""
    folder = home / "landing" / "register"
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.csv")):
        shutil.copy(path, folder / path.name)
        os.utime(folder / path.name, (moment, moment))


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """`whole` has all deliveries and decisions; `early` only the first ones. Both loaded by the intake."""
    root = tmp_path_factory.mktemp("as_of")
    first = RandomRegister(seed=7, municipalities=AREAS, years=DAYS[:2], persons=90)
    second = RandomRegister(seed=8, municipalities=AREAS, years=DAYS, persons=90)
    first.write(root / "first")
    second.write(root / "second")
    for path in (root / "second").glob("*.csv"):
        path.rename(path.with_name("ny_" + path.name))
    # the last months of one early file are far too few: they wait for a person
    thin = root / "first" / "1280_2018.csv"
    lines = thin.read_text(encoding="utf-8").splitlines()
    kept = [line for place, line in enumerate(lines) if ";2018-1" not in line or place % 5 == 0]
    thin.write_text("\n".join(kept) + "\n", encoding="utf-8")
    homes = {}
    for name in ("early", "whole"):
        homes[name] = root / name
        put(homes[name], root / "first", EARLY)
        write_population(homes[name] / "landing" / "population", AREAS, DAYS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(pseudonym.KEY_VARIABLE, OWN_KEY)
        for home in homes.values():
            assert loading.load_landing(Settings(home=home)).held == 1
        put(homes["whole"], root / "second", LATE)
        loading.load_landing(Settings(home=homes["whole"]))
        decide(Settings(home=homes["whole"]), "accept", 4)
    return homes


def tables(database: Path, *schemas: str) -> dict[str, list[tuple]]:
    with open_database() as connection:
        attach(connection, database, "built")
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'built' and "
            "list_contains($schemas, schema_name)",
            {"schemas": list(schemas)},
        ).fetchall()
        return {
            name: connection.execute(f"from built.{schema}.{name} order by all").fetchall()
            for schema, name in names
        }


def test_an_earlier_day_is_built_again_row_by_row_and_the_current_release_is_left_alone(houses):
    ended = bistand(houses["whole"], "run", "--profile", "internal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    published = houses["whole"] / "published" / "internal"
    current = os.readlink(published / "current")
    past = bistand(houses["whole"], "run", "--profile", "internal", "--as-of", "2020-06-30")
    assert past.returncode == 0, past.stdout + past.stderr
    assert os.readlink(published / "current") == current
    alone = bistand(houses["early"], "run", "--profile", "internal")
    # done, and a month waits for a person
    assert alone.returncode == ExitCode.WAITS, alone.stdout + alone.stderr

    marts = tables(houses["early"] / "build" / "warehouse.duckdb", "marts", "meta")
    assert tables(houses["whole"] / "build" / "as-of" / "warehouse.duckdb", "marts", "meta") == marts
    assert len(marts["indicator_values"]) > 1000
    assert any(row[3] == "held" for row in marts["deliveries"])
    assert tables(houses["whole"] / "build" / "warehouse.duckdb", "marts", "meta") != marts

    made = os.readlink(published.parent / "as-of" / "2020-06-30" / "internal" / "current")
    assert made == os.readlink(released(houses["early"]))
    assert made.startswith("2019-06-01-internal-")


def known(home: Path, day: str) -> set[tuple]:
    settings = Settings(home=home, as_of=datetime.fromisoformat(day).date())
    with vault_file.open_vault(settings, read_only=True) as vault:
        put_states(vault, settings.known_before)
        return set(
            vault.execute(
                "select municipality_code, period_month, delivery_id from month_states where is_in_force"
            ).fetchall()
        )


def test_the_day_itself_is_known_and_the_day_before_is_not(houses, own_key):
    assert known(houses["whole"], "2019-05-31") == set()
    assert known(houses["whole"], "2019-06-01") == known(houses["early"], "2999-01-01")
    assert known(houses["whole"], "2020-08-31") == known(houses["whole"], "2019-06-01")
    assert known(houses["whole"], "2020-09-01") > known(houses["whole"], "2020-08-31") - {
        month for month in known(houses["whole"], "2020-08-31") if month[2] <= 4
    }


def test_a_decision_is_known_from_the_day_it_was_made(tmp_path, monkeypatch):
    settings = Settings(home=tmp_path)
    with vault_file.open_vault(settings) as vault:
        vault.execute("""
            insert into register.deliveries by name
            select 1 as delivery_id, 'register' as kind, timestamp '2019-06-01' as received_at,
                timestamp '2019-06-01' as loaded_at, 'held' as state, 0 as rows_read, 0 as rows_loaded,
                0 as rows_quarantined, 0 as rows_duplicate;
            insert into register.delivery_months values
                (1, '0180', date '2019-03-01', 'held', 'D05', 0, 0, 0, 0, 0, 9, 9, 30);
            insert into register.decisions values
                (1, 1, '0180', date '2019-03-01', timestamp '2019-07-01 08:00', 'accept', null),
                (2, 1, '0180', date '2019-03-01', timestamp '2019-06-20 08:00', 'reject', null)
        """)
    assert known(tmp_path, "2019-06-19") == set()
    assert known(tmp_path, "2019-06-30") == set()
    # the clock went backwards between the decisions: the later one by number counts
    assert known(tmp_path, "2019-07-01") == set()


def test_a_day_that_cannot_be_read_is_told(monkeypatch):
    monkeypatch.setenv("BISTAND_AS_OF", "30/6 2020")
    with pytest.raises(SettingsError, match="ÅÅÅÅ-MM-DD"):
        load_settings()
    ended = bistand(Path("/nonexistent-home"), "run", "--as-of", "2020-13-01")
    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "Fel: Dagen kan inte tolkas; skriv den som ÅÅÅÅ-MM-DD, till exempel 2020-06-30."
    )


def test_nothing_known_that_early_is_told_and_leaves_no_release(houses):
    ended = bistand(houses["early"], "run", "--as-of", "2001-01-01")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Fel: Ingen månad gällde den 2001-01-01")
    assert len(ended.stderr.strip().splitlines()) == 1
    assert not list((houses["early"] / "published" / "as-of").glob("2001-01-01/*/current"))
