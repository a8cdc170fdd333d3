"""A vault and a warehouse that earlier code made are brought up to date, and what later code made is refused or built anew.

tests/fixtures/old_vaults holds vaults (made-up persons, the key of the small deliveries) that three earlier commits wrote: the
files a.csv (12 households in 2019-03 and 2019-04), b.csv (11 in 2019-04) and, for the later two, four exit reasons.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from orchestration.database import open_database
from orchestration.intake.deliveries import loading
from orchestration.intake.deliveries.decisions import decide, list_deliveries
from orchestration.settings import Settings
from orchestration.upkeep import forgetting
from orchestration.vault import file as vault_file
from orchestration.warehouse.raw_tables import WAREHOUSE_VERSION, load_raw_tables
from tests.fixtures.register_files import deliver, query, rows

VAULTS = sorted((Path(__file__).parent.parent / "fixtures" / "old_vaults").glob("*.duckdb.gz"))


def unpack(settings: Settings, vault: Path) -> None:
    settings.register_folder.mkdir(parents=True)
    settings.vault.write_bytes(gzip.decompress(vault.read_bytes()))
    settings.landing_register.mkdir(parents=True)
    (settings.landing_register / "SYNTETISKT.txt").touch()


@pytest.mark.parametrize("vault", VAULTS, ids=lambda path: path.name.split(".")[0])
def test_a_vault_that_an_earlier_commit_wrote_is_read_and_goes_on(settings, vault):
    unpack(settings, vault)
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


def test_there_are_vaults_of_three_earlier_commits():
    assert len(VAULTS) == 3


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
