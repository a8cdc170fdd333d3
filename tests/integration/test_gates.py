"""The gates of Great Expectations: a sound delivery and sound marts pass, each fault is found, nobody is named."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import pytest

from orchestration.database import open_database
from orchestration.errors import PlainError
from orchestration.release.build import ReleaseError, build_release
from orchestration.settings import Settings
from orchestration.vault.file import open_vault
from orchestration.warehouse.dbt_runner import run_dbt
from orchestration.warehouse.quality import QualityResult, accept_changes
from validation.gates import blocking_failures, run_landing_gate, run_release_gate

_COLUMNS = """
    delivery_id, kind, file_name, file_sha256, file_bytes, file_format, received_at,
    loaded_at, state, rule_id, message, rows_read, rows_loaded, rows_quarantined, rows_duplicate, ignored_columns,
    is_synthetic
"""
_FILL = f"""
insert into register.deliveries ({_COLUMNS})
select i + 1, 'register', 'kommun.csv', 'aa' || i, 100, 'csv', timestamp '2020-04-15 08:00:00',
    timestamp '2020-04-15 09:00:00', 'accepted', null, 'Inläst.', 40, 40, 0, 0, null, true
from range(12) as months (i);
insert into register.person_months
select month_number + 1, row_number, '1480', make_date(2019, month_number + 1, 1), household_id, person_id,
    case when row_number % 2 = 0 then 'RL' else 'BARN' end, case when row_number % 2 = 0 then 6 end,
    case when row_number % 2 = 0 then 8765.43 end, null,
    case when row_number % 2 = 0 then 'arbetslos_ingen_ersattning' end, null, null, 'K',
    case when row_number % 2 = 0 then 1980 else 2010 end, null, null, null, null
from range(12) as months (month_number)
cross join (
    select i as row_number, cast(md5('person' || i) as uuid) as person_id,
        cast(md5('household' || i // 2) as uuid) as household_id
    from range(40) as people (i)
) as people;
insert into register.delivery_months (
    delivery_id, municipality_code, period_month, state, rule_id, rows_read, rows_loaded, rows_quarantined, rows_duplicate,
    rows_warned, households_count, persons_count
)
select i + 1, '1480', make_date(2019, i + 1, 1), 'accepted', null, 40, 40, 0, 0, 0, 20, 40
from range(12) as months (i);
"""


@pytest.fixture
def register(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "register_home")
    with open_vault(settings) as connection:
        connection.execute(_FILL)
    return settings


@pytest.fixture
def marts(small_home: Path, tmp_path: Path) -> Settings:
    return Settings(home=shutil.copytree(small_home, tmp_path / "marts_home"), profile="internal")


def in_vault(settings: Settings, sql: str) -> None:
    with open_vault(settings) as connection:
        connection.execute(sql)


def in_warehouse(settings: Settings, sql: str) -> None:
    with open_database(settings.warehouse) as connection:
        connection.execute(sql)


def failed(results: list[QualityResult]) -> dict[str, str]:
    return {result.expectation: result.observed for result in results if not result.is_passed}


def test_a_sound_register_passes_every_check(register: Settings) -> None:
    results = run_landing_gate(register)
    assert failed(results) == {}
    assert {result.gate for result in results} == {"landing"}
    assert {result.checked_rows for result in results} == {12}


def test_rows_that_vanish_after_the_ledger_was_written_stop_the_release(register: Settings) -> None:
    in_vault(register, "delete from register.person_months where delivery_id = 3 and file_row = 7")
    found = failed(run_landing_gate(register))
    assert found["Registret har alla rader som liggaren räknar"] == "1 av 12 rader avviker: 1480 2019-03"
    assert blocking_failures(run_landing_gate(register))


def test_a_month_without_reasons_is_a_warning_and_stops_nothing(register: Settings) -> None:
    in_vault(
        register,
        "update register.person_months set reason_code = null where period_month >= date '2019-05-01'",
    )
    results = run_landing_gate(register)
    assert "Högst en fjärdedel av de vuxna saknar försörjningshinder" in failed(results)
    assert blocking_failures(results) == []


def test_a_month_left_out_between_two_is_a_warning(register: Settings) -> None:
    in_vault(register, "update register.delivery_months set state = 'rejected' where delivery_id in (5, 6)")
    assert failed(run_landing_gate(register)) == {
        "Ingen månad saknas närmast före en levererad månad": "1 av 10 rader avviker: 1480 2019-07"
    }


def test_a_month_declared_empty_passes(register: Settings) -> None:
    in_vault(
        register,
        f"""
        insert into register.deliveries ({_COLUMNS}) values (13, 'declared_empty', null, null, null, null,
            timestamp '2020-05-01 08:00:00', timestamp '2020-05-01 08:00:00', 'accepted', null, null, 0, 0, 0, 0, null,
            true);
        insert into register.delivery_months (
            delivery_id, municipality_code, period_month, state, rule_id, rows_read, rows_loaded, rows_quarantined,
            rows_duplicate, rows_warned, households_count, persons_count
        )
        values (13, '1480', date '2020-01-01', 'accepted', null, 0, 0, 0, 0, 0, 0, 0);
        """,
    )
    assert failed(run_landing_gate(register)) == {}


def test_an_empty_register_does_not_pass(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    open_vault(settings).close()
    assert [result.expectation for result in blocking_failures(run_landing_gate(settings))] == [
        "Minst en leverans har kommit in",
        "Minst en kommun och månad gäller",
    ]


def test_no_value_of_a_person_or_household_gets_into_the_results(register: Settings) -> None:
    with open_vault(register) as connection:
        people = connection.execute(
            "select distinct cast(person_id as varchar) from register.person_months "
            "union select distinct cast(household_id as varchar) from register.person_months"
        ).fetchall()
        connection.execute(
            "update register.person_months set birth_year = 1977, forsorjningsstod_sek = 987654.32, "
            "reason_text = 'skickas till bostad 19770707', reason_code = null, warnings = 'R11' where file_row = 4"
        )
        connection.execute(
            "update register.person_months set role = 'MS' where role = 'RL' and delivery_id > 6"
        )
    results = run_landing_gate(register)
    assert failed(results)
    text = json.dumps([asdict(result) for result in results], ensure_ascii=False)
    for secret in [*(row[0] for row in people), "1977", "987654", "8765", "bostad"]:
        assert secret not in text


def rows_against(settings: Settings, name: str) -> int:
    """Rows that a test of dbt finds in the marts."""
    sql = (settings.dbt_project / "tests" / f"{name}.sql").read_text(encoding="utf-8")
    with open_database(settings.warehouse) as connection:
        connection.execute("set search_path = 'marts,intermediate'")
        return len(connection.execute(re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", sql)).fetchall())


GONE = "Varje kommun och år i den förra utgåvan finns kvar"
CHANGED = "Utan ny leverans ändras kommunens och landets årstal till 0,8–1,25 gånger det förra"
POSSIBLE, ADD_UP = "assert_values_are_possible", "assert_women_and_men_add_up"


def test_sound_marts_pass_every_check(marts: Settings) -> None:
    results = run_release_gate(marts)
    assert failed(results) == {}
    assert {result.gate for result in results} == {"release"}
    assert (rows_against(marts, POSSIBLE), rows_against(marts, ADD_UP)) == (0, 0)


@pytest.mark.parametrize(
    ("fault", "test"),
    [
        ("marts.indicator_values set value = null where value = 52", POSSIBLE),
        ("marts.indicator_values set value = 40 where unit = 'share'", POSSIBLE),
        ("marts.indicator_values set value = -1 where value = 52", POSSIBLE),
        ("intermediate.int_indicator_counts set numerator = 500 where unit = 'share'", POSSIBLE),
        ("intermediate.int_indicator_counts set numerator_people = null where unit = 'sek'", POSSIBLE),
        (
            "intermediate.int_indicator_counts set numerator = 51 where numerator = 52 and breakdown = 'total'",
            ADD_UP,
        ),
    ],
)
def test_each_fault_in_the_marts_is_found_by_a_test_of_dbt(marts: Settings, fault: str, test: str) -> None:
    in_warehouse(marts, f"update {fault}")
    assert rows_against(marts, test) > 0


def test_a_key_that_two_rows_share_stops_at_the_model_and_all_that_reads_it(
    drawn_warehouse: Settings, definitions: object, tmp_path: Path
) -> None:
    # Dagster's modules stand on the manifest of the home that `definitions` names
    from orchestration.defs.quality import Stopped
    from orchestration.defs.transform import stop_on_failure

    settings = Settings(home=shutil.copytree(drawn_warehouse.home, tmp_path / "doubled"))
    in_warehouse(settings, "insert into raw.events select * from raw.events limit 1")
    model = "stg_events__events"
    nodes = run_dbt(settings, ["run", "--select", f"{model}+1"])
    went = {node.name: (node.status, node.failures) for node in nodes if node.resource_type == "model"}
    assert went.pop(model) == ("fail", 1)
    assert set(went.values()) == {("skipped", 0)}
    assert [node.status for node in nodes if node.resource_type == "test" and model in node.name] == ["fail"]
    with pytest.raises(Stopped, match=model):
        stop_on_failure(nodes)


def test_the_first_release_has_nothing_to_compare_with(marts: Settings) -> None:
    changes = [result for result in run_release_gate(marts) if result.suite.startswith("release_change")]
    assert {(result.is_passed, result.checked_rows) for result in changes} == {(True, 0)}


def test_a_large_change_since_the_last_release_is_told_and_of_a_total_stops_it(marts: Settings) -> None:
    build_release(marts, run_release_gate(marts))
    in_warehouse(
        marts,
        "update marts.indicator_values set value = 2 * value, numerator = 2 * numerator "
        "where indicator_id = 'adult_recipients' and geography_id = '1280' and period >= '2017'",
    )
    results = run_release_gate(marts)
    found = failed(results)
    usual = "Högst 1 procent av en indikators publicerade värden för en tid ändras mer än 20 procent"
    assert set(found) == {usual, CHANGED}
    assert found[usual].endswith(
        "adult_recipients default 2017; adult_recipients default 2018; adult_recipients default 2019"
    )
    assert found[CHANGED].endswith(
        "adult_recipients 1280 2017; adult_recipients 1280 2018; adult_recipients 1280 2019"
    )
    assert [one.expectation for one in blocking_failures(results)] == [CHANGED]


def test_a_value_that_is_gone_since_the_last_release_is_a_warning(marts: Settings) -> None:
    build_release(marts, [])
    in_warehouse(
        marts,
        "update marts.indicator_values set value = null, numerator = null, value_status = 'not_reported' "
        "where geography_id = '1280' and period = '2019' and indicator_id = 'longterm_adults' "
        "and definition_id = 'longterm:person_wide'",
    )
    results = run_release_gate(marts)
    [(expectation, observed)] = failed(results).items()
    assert expectation == "Inget redan publicerat värde har försvunnit"
    assert observed.startswith("1 av ")
    assert observed.endswith(" rader avviker: longterm_adults longterm:person_wide 2019")
    assert blocking_failures(results) == []


_NOT_TOLD = (
    "update marts.indicator_values set value = null, numerator = null, value_status = 'not_reported' "
    "where geography_id = '1280' and period = '2019'"
)


def test_a_year_of_a_municipality_that_is_gone_stops_the_release_until_a_person_accepts_it(
    marts: Settings,
) -> None:
    build_release(marts, run_release_gate(marts))
    in_warehouse(marts, _NOT_TOLD)
    results = run_release_gate(marts)
    assert failed(results)[GONE].endswith("rader avviker: 1280 2019")
    assert [one.expectation for one in blocking_failures(results)] == [GONE]
    with pytest.raises(ReleaseError, match="stoppades"):
        build_release(marts, results)
    because = replace(marts, accepted_because="Kommunen har dragit tillbaka året.")
    made = build_release(because, accept_changes(results, because.accepted_because))
    kept = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    assert kept["accepted_changes"] == "Kommunen har dragit tillbaka året."
    with duckdb.connect(str(made.folder / "indicators.duckdb"), read_only=True) as release:
        told = release.execute(
            "select severity, observed from meta.quality_results where expectation = $gone", {"gone": GONE}
        ).fetchone()
    assert told[0] == "accepted"
    assert told[1].endswith("godtaget: Kommunen har dragit tillbaka året.")
    assert GONE not in failed(run_release_gate(marts))


def test_a_year_that_is_too_small_to_show_both_times_is_there(marts: Settings) -> None:
    in_warehouse(marts, _NOT_TOLD.replace("not_reported", "suppressed"))
    build_release(marts, run_release_gate(marts))
    assert failed(run_release_gate(marts)) == {}


def test_a_year_that_was_purged_stops_nothing(marts: Settings) -> None:
    build_release(marts, run_release_gate(marts))
    in_warehouse(marts, _NOT_TOLD)
    in_warehouse(
        marts,
        "insert into meta.deliveries by name select '1280' as municipality_code, '2019-01' as period, "
        "'forgotten' as state, 1 as delivery_id",
    )
    assert blocking_failures(run_release_gate(marts)) == []


@pytest.mark.parametrize(("factor", "stops"), [(0.79, True), (0.81, False), (1.24, False), (1.3, True)])
def test_a_total_outside_the_band_stops_unless_a_delivery_explains_it(
    marts: Settings, factor: float, stops: bool
) -> None:
    build_release(marts, run_release_gate(marts))
    in_warehouse(
        marts,
        f"update marts.indicator_values set value = {factor} * value where indicator_id = 'adult_recipients' "
        "and geography_id = '1280' and period = '2018' and breakdown = 'total'",
    )
    assert (CHANGED in failed(run_release_gate(marts))) == stops
    in_warehouse(
        marts,
        "insert into meta.deliveries by name select '1280' as municipality_code, '2018-01' as period, "
        "'accepted' as state, 99 as delivery_id",
    )
    assert blocking_failures(run_release_gate(marts)) == []


def test_a_share_above_one_stops_the_release(marts: Settings) -> None:
    in_warehouse(
        marts,
        "update marts.indicator_values set value = 1.01 where unit = 'share' and value is not null "
        "and period = '2019' and indicator_id = (select min(indicator_id) from marts.indicator_values "
        "where unit = 'share' and value is not null and period = '2019')",
    )
    assert [one.expectation for one in blocking_failures(run_release_gate(marts))] == [
        "Ingen andel är större än 1"
    ]


def test_a_release_that_is_open_for_writing_elsewhere_stops_no_run(marts: Settings) -> None:
    made = build_release(marts, run_release_gate(marts))
    database = made.folder / "indicators.duckdb"
    assert database.stat().st_mode & 0o222 == 0
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb, sys; c = duckdb.connect({str(database)!r}); print('öppen', flush=True); "
         "sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        # where the account may not write to it, it is not open for writing either
        holder.stdout.readline()
        in_warehouse(
            marts,
            "update marts.indicator_values set value = value + 1, numerator = numerator + 1 "
            "where indicator_id = 'adult_recipients' and geography_id = '1280' and value is not null",
        )
        again = build_release(marts, run_release_gate(marts))
    finally:
        holder.communicate("")
    assert again.release_id != made.release_id


def test_without_a_warehouse_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PlainError, match="kör bistand run först"):
        run_release_gate(Settings(home=tmp_path))
