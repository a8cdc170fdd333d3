"""The second kind of file, why aid ended: through the same intake, beside the person months and never instead of them."""

from __future__ import annotations

from datetime import date

import pytest

from orchestration.database import open_database, sql_text
from orchestration.intake.deliveries import decisions, loading
from orchestration.intake.preview.preview import preview_file, preview_lines
from orchestration.vault import file as vault_file
from orchestration.vault.upgrade import SCHEMA
from tests.fixtures.register_files import adult, csv_text, deliver, query, row, rows

COLUMNS = ("kommunkod", "period", "hushalls_id", "personnummer", "avslutsorsak")


def exits(count: int, reason: str = "Arbete", first: int = 1000, **values: str) -> list[dict[str, str]]:
    """`count` exits of the people that `rows` gives."""
    return [{**line, "avslutsorsak": reason, **values} for line in rows(count, first=first)]


def text(lines: list[dict[str, str]]) -> str:
    return csv_text(lines, columns=COLUMNS)


def test_exits_link_to_the_person_months_and_make_no_month_delivered(settings):
    deliver(settings, rows(30))
    deliver(settings, text([*exits(30), *exits(5, period="2019-04")]), name="avslut.csv", minute=1)
    report = loading.load_landing(settings)
    assert (report.accepted, report.rows_loaded, report.held) == (2, 65, 0)
    assert query(
        settings,
        "select count(*) from register.exit_reasons join register.person_months "
        "using (person_id, household_id, municipality_code, period_month)",
    ) == [(30,)]
    assert query(
        settings,
        "select municipality_code, period_month, delivery_id from month_states where is_in_force and not is_optional",
    ) == [("0180", date(2019, 3, 1), 1)]
    assert query(
        settings, "select period_month, state from month_states where kind = 'exit_reasons' order by all"
    ) == [(date(2019, 3, 1), "accepted"), (date(2019, 4, 1), "accepted")]
    assert query(settings, "select kind from register.deliveries order by delivery_id") == [
        ("register",),
        ("exit_reasons",),
    ]


@pytest.mark.parametrize(
    ("written", "code", "kept", "warnings"),
    [
        ("Arbete", "arbete", None, None),
        ("annan_ersattning", "annan_ersattning", None, None),
        ("SJUK- ELLER AKTIVITETSERSÄTTNING", "sjuk_aktivitetsersattning", None, None),
        ("", None, None, "R19"),
        ("okand_kod", None, "okand_kod", "R19"),
        ("orsak 7", None, "orsak 7", "R19"),
        (f"se {adult(7)}", None, "se [dolt]", "R19"),
    ],
)
def test_a_reason_is_found_by_key_or_name_and_else_kept_and_flagged(settings, written, code, kept, warnings):
    deliver(settings, text(exits(1, written)))
    loading.load_landing(settings)
    assert query(
        settings, "select exit_reason_code, exit_reason_text, warnings from register.exit_reasons"
    ) == [(code, kept, warnings)]


def test_the_rules_that_apply_keep_rows_out_and_nothing_is_lost(settings):
    good = exits(200)
    bad = [
        (good[0] | {"avslutsorsak": "Studier"}, "R07"),
        (good[1], "R08"),
        (row(kommunkod="18") | {"avslutsorsak": "Arbete"}, "R01"),
        (row(period="2019-13") | {"avslutsorsak": "Arbete"}, "R02"),
        (row(personnummer="1") | {"avslutsorsak": "Arbete"}, "R03"),
        (row(hushalls_id="") | {"avslutsorsak": "Arbete"}, "R00"),
    ]
    deliver(settings, text([*good, *(line for line, _ in bad)]))
    report = loading.load_landing(settings)
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined, report.rows_duplicate) == (
        206, 199, 6, 1,
    )  # fmt: skip
    kept_out = query(settings, "select file_row, rule_id from register.quarantine order by 1")
    assert kept_out == [(2, "R07"), (202, "R07"), (204, "R01"), (205, "R02"), (206, "R03"), (207, "R00")]
    lines = decisions.show_delivery(settings, 1)
    assert "  Fil 0180.csv, avslutsorsaker" in lines
    assert (settings.register_folder / "reports" / "1.csv").exists()


def test_a_later_delivery_replaces_the_exits_of_the_month_and_only_them(settings):
    deliver(settings, rows(30))
    deliver(settings, text(exits(10)), name="avslut.csv", minute=1)
    deliver(settings, text(exits(4, "Flytt")), name="avslut 2.csv", minute=2)
    deliver(settings, text(exits(4, "Flytt")), name="avslut 3.csv", minute=3)
    report = loading.load_landing(settings)
    assert (report.accepted, report.duplicates) == (3, 1)
    states = query(settings, "select delivery_id, state from delivery_states order by 1")
    assert states == [(1, "accepted"), (2, "superseded"), (3, "accepted"), (4, "duplicate")]
    # a refused month of exits leaves both the earlier exits and the person months in force
    deliver(settings, text([*exits(4), *exits(2, personnummer="1")]), name="fel.csv", minute=4)
    assert loading.load_landing(settings).rejected == 1
    assert query(settings, "select delivery_id from month_states where is_in_force and not is_optional") == [
        (1,)
    ]
    decisions.decide(settings, "reject", 3)
    assert query(
        settings, "select delivery_id from month_states where kind = 'exit_reasons' and is_in_force"
    ) == [(2,)]


def test_a_missing_column_and_an_empty_file_are_told_as_those_of_exits(settings):
    deliver(settings, text(exits(3)).replace("period", "tid"), name="a.csv")
    deliver(settings, text([]), name="b.csv", minute=1)
    # with roles it is the person months, whatever else stands there
    deliver(settings, csv_text([*rows(3)]).replace("distrikt", "avslutsorsak"), name="c.csv", minute=2)
    report = loading.load_landing(settings)
    assert (report.rejected, report.accepted) == (2, 1)
    assert report.messages[0].startswith("a.csv avvisades: kolumnen saknas: period")
    assert "roll" not in report.messages[0].split(".")[1]
    assert query(settings, "select count(*) from register.person_months") == [(3,)]


def test_the_preview_says_what_kind_of_file_it_is(settings):
    path = deliver(settings, text([*exits(3), *exits(1, "x", first=2000)]), name="avslut.csv")
    shown = preview_lines(preview_file(settings, path))
    assert "Mappning: ingen, filen läses som avslutsorsaker" in shown
    assert "Rader: 4 i filen, 4 rätta, 0 till karantän, 0 dubbla" in shown
    assert adult(1000) not in "\n".join(shown)


def test_a_vault_without_exit_reasons_is_brought_up_to_date_rows_and_all(settings):
    deliver(settings, rows(5))
    loading.load_landing(settings)
    with vault_file.open_vault(settings) as vault:
        for later in ("exit_reasons", "activities", "reductions", "measures", "hand_counts"):
            vault.execute(f"drop table register.{later}")
        vault.execute("create temp table kept as from register.deliveries")
        vault.execute("drop table register.deliveries")
        old = sql_text(SCHEMA).replace(", 'exit_reasons'", "")
        start = old.index("create table if not exists register.deliveries")
        vault.execute(old[start : old.index("\n);", start) + 3])
        vault.execute("insert into register.deliveries from kept")
    deliver(settings, text(exits(5)), name="avslut.csv", minute=1)
    assert loading.load_landing(settings).accepted == 1
    assert query(settings, "select kind, rows_loaded from register.deliveries order by delivery_id") == [
        ("register", 5),
        ("exit_reasons", 5),
    ]


def test_the_staging_model_gives_every_exit_in_force_a_reason_of_the_list(settings):
    from orchestration.warehouse.dbt_runner import run_dbt

    deliver(settings, rows(30))
    deliver(settings, text(exits(10)), name="avslut.csv", minute=1)
    later = [*exits(2, "Studier"), *exits(2, "", first=1002), *exits(3, "z", first=1004)]
    deliver(settings, text(later), name="avslut 2.csv", minute=2)
    loading.load_landing(settings)
    settings.build.mkdir()
    nodes = run_dbt(settings, ["seed"]) + run_dbt(
        settings, ["build", "--select", "+stg_register__exit_reasons"]
    )
    assert [f"{node.name}: {node.message}" for node in nodes if not node.is_ok] == []
    with open_database(settings.warehouse) as warehouse:
        vault_file.attach_for_reading(warehouse, settings.vault)
        found = warehouse.execute(
            "select exit_reason_code, count(*) from staging.stg_register__exit_reasons group by all order by 1"
        ).fetchall()
    assert found == [("okand_kod", 3), ("studier", 2), ("uppgift_saknas", 2)]
