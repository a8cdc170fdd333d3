"""A vault and a warehouse that earlier code made are brought up to date, and what later code made is refused or built anew.

tests/fixtures/old_vaults holds vaults (made-up persons, the key of the small deliveries) that three earlier commits wrote: the
files a.csv (12 households in 2019-03 and 2019-04), b.csv (11 in 2019-04) and, for the later two, four exit reasons.
"""

from __future__ import annotations

import re

import pytest

from orchestration.database import open_database
from orchestration.intake.deliveries import loading
from orchestration.intake.deliveries.decisions import decide, list_deliveries
from orchestration.settings import Settings
from orchestration.upkeep import forgetting
from orchestration.vault import file as vault_file
from orchestration.warehouse.raw_tables import WAREHOUSE_VERSION, load_raw_tables
from tests.fixtures.commands import bistand
from tests.fixtures.old_homes import OLD_VAULTS, unpack_vault
from tests.fixtures.register_files import deliver, query, rows


@pytest.mark.parametrize("vault", OLD_VAULTS, ids=lambda path: path.name.split(".")[0])
def test_a_vault_that_an_earlier_commit_wrote_is_read_and_goes_on(settings, vault):
    unpack_vault(settings, vault)
    assert len(list_deliveries(settings)) == 3
    deliver(settings, rows(12, first=3000, period="2019-05"), name="ny.csv", minute=9)
    deliver(settings, rows(5, kommunkod="0181"), name="annan.csv", minute=10)
    report = loading.load_landing(settings)
    assert (report.accepted, report.held) == (1, 1)
    assert query(
        settings, "select info_value from register.vault_info where info_name = 'schema_version'"
    ) == [("4",)]
    assert (
        query(settings, "select view_name from duckdb_views() where database_name = 'vault' and not internal")
        == []
    )
    assert query(
        settings,
        "select strftime(period_month, '%Y-%m'), households_count from month_states where not is_optional and is_in_force order by 1",
    ) == [("2019-03", 12), ("2019-04", 11), ("2019-05", 12)]
    # what was said of an exit reason without a code was R15 then
    assert query(settings, "select count(*) from register.rule_hits where rule_id = 'R15'") == [(0,)]
    exits = query(settings, "select count(*) from register.exit_reasons where warnings = 'R19'")
    assert exits == query(
        settings, "select count(*) from register.exit_reasons where exit_reason_code is null"
    )
    decide(settings, "reject", 5)
    assert forgetting.forget_delivery(settings, 5).rows == 5


def test_an_upgrade_is_tried_on_a_copy_and_then_done_as_it_was_told(settings):
    told = {}
    for vault in OLD_VAULTS:
        home = Settings(home=settings.home / vault.name[:7])
        unpack_vault(home, vault)
        was = home.vault.read_bytes(), home.vault.stat().st_mtime_ns
        tried = bistand(home.home, "vault", "upgrade", "--dry-run")
        assert tried.returncode == 0, tried.stderr
        assert (home.vault.read_bytes(), home.vault.stat().st_mtime_ns) == was
        assert [path.name for path in home.register_folder.iterdir() if not path.name.startswith(".")] == [
            "register.duckdb"
        ]
        done = bistand(home.home, "vault", "upgrade")
        assert tried.stdout.startswith(done.stdout)
        assert "registret är orört" in tried.stdout.removeprefix(done.stdout)
        told[vault.name[:7]] = done.stdout
        assert "inget ändras" in bistand(home.home, "vault", "upgrade", "--dry-run").stdout
    lines = {name: re.sub(" +", " ", text).splitlines() for name, text in told.items()}
    assert {said[0] for said in lines.values()} == {"Registret har version 1 och får version 4."}
    for line in (
        " deliveries 3 3 nya kolumner mapping_name, rows_in_file, rows_filtered, lines_skipped",
        " delivery_months 3 3 hette delivery_units",
        " person_months 35 35 ny kolumn birth_month",
        " exit_reasons – 0 ny tabell",
    ):
        assert line in lines["56fd585"]
    assert " exit_reasons 4 4" in lines["a4b65b9"]
    missing = bistand(settings.home / "tom", "vault", "upgrade", "--dry-run")
    assert (missing.returncode, "Registret finns inte ännu" in missing.stderr) == (1, True)


def test_there_are_vaults_of_three_earlier_commits():
    assert len(OLD_VAULTS) == 3


def test_a_vault_of_a_later_version_is_refused_with_a_sentence(settings):
    deliver(settings, rows(3))
    loading.load_landing(settings)
    with vault_file.open_vault(settings) as vault:
        vault.execute("update register.vault_info set info_value = '99' where info_name = 'schema_version'")
    for read_only in (True, False):
        with pytest.raises(loading.RegisterError, match="senare version av Biståndslagret"):
            vault_file.open_vault(settings, read_only=read_only)


@pytest.mark.parametrize("made", ["no version", "another version", "no database"])
def test_a_warehouse_of_another_version_is_built_anew(settings, made):
    settings.build.mkdir(parents=True)
    if made == "no database":
        settings.warehouse.write_bytes(b"rubbish" * 3000)
    else:
        with open_database(settings.warehouse) as warehouse:
            warehouse.execute("create schema raw; create table raw.old (x int)")
            if made == "another version":
                warehouse.execute("create table raw.schema_version as select 1 as schema_version")
    load_raw_tables(settings)
    with open_database(settings.warehouse) as warehouse:
        assert warehouse.execute("from raw.schema_version").fetchall() == [(WAREHOUSE_VERSION,)]
        assert not warehouse.execute("select * from duckdb_tables() where table_name = 'old'").fetchall()
        warehouse.execute("create schema kept")
    # one of this version stays
    load_raw_tables(settings)
    with open_database(settings.warehouse) as warehouse:
        assert warehouse.execute(
            "select count(*) from duckdb_schemas() where schema_name = 'kept'"
        ).fetchone() == (1,)
