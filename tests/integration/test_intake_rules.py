"""Each row rule and delivery rule of the intake, on a small drawn delivery."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from orchestration.intake.deliveries import decisions, loading
from orchestration.intake.rules.catalogue import rule_catalogue
from orchestration.run_lock import only_run
from tests.fixtures.asking import load_and_count, quarantined
from tests.fixtures.register_files import (
    COLUMNS,
    adult,
    check_digit,
    child,
    csv_text,
    deliver,
    personnummer,
    query,
    row,
    rows,
)

# one wrong row among enough right ones that the month is still let in
WRONG_ROWS = [
    ("R00", {"hushalls_id": " "}),
    ("R01", {"kommunkod": "0000"}),
    ("R01", {"kommunkod": "18"}),
    ("R02", {"period": "jan-1"}),
    ("R02", {"period": "2019-03-15"}),
    ("R01", {"kommunkod": ""}),
    ("R01", {"kommunkod": "0140", "period": "1998-12"}),
    ("R02", {"period": "2019-13"}),
    ("R02", {"period": "1984-12"}),
    ("R02", {"period": "2199-01"}),
    ("R02", {"period": "mars 2019"}),
    ("R02", {"period": ""}),
    ("R03", {"personnummer": ""}),
    ("R03", {"personnummer": adult(5)[:-1] + str((int(adult(5)[-1]) + 1) % 10)}),
    ("R03", {"personnummer": "199013019802"}),
    ("R03", {"personnummer": personnummer(date(2019, 4, 1))}),
    ("R03", {"personnummer": adult(5) + "0"}),
    ("R03", {"personnummer": "19901301-TF12"}),
    ("R03", {"personnummer": "20190401-T050"}),
    ("R03", {"personnummer": "T050"}),
    ("R03", {"personnummer": "19900101-ABCD"}),
    ("R03", {"personnummer": adult(5)[:4] + "00" + adult(5)[6:]}),
    ("R04", {"roll": "SYSTER"}),
    ("R04", {"roll": ""}),
    ("R06", {"forsorjningsstod_kr": "-1"}),
    ("R06", {"forsorjningsstod_kr": "kr"}),
    ("R06", {"forsorjningsstod_kr": "kr 5"}),
    ("R06", {"forsorjningsstod_kr": "12.345 kr"}),
    ("R06", {"ovrigt_bistand_kr": "1.234,50"}),
    ("R06", {"ovrigt_bistand_kr": "99999999999"}),
    ("R06", {"ovrigt_bistand_kr": "1e5"}),
    ("R06", {"forsorjningsstod_kr": "12.345"}),
    ("R06", {"forsorjningsstod_kr": "12,345"}),
    ("R06", {"forsorjningsstod_kr": "1 234,500"}),
    ("R06", {"forsorjningsstod_kr": "#DIV/0!"}),
]


@pytest.mark.parametrize(("rule_id", "values"), WRONG_ROWS)
def test_a_wrong_row_goes_to_quarantine_and_the_others_are_let_in(settings, rule_id, values):
    deliver(settings, [*rows(39), row(**{"personnummer": adult(5), **values})])
    report = load_and_count(settings)
    assert quarantined(settings) == [(41, rule_id)]
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (40, 39, 1)
    assert report.accepted == 1


def test_the_first_rule_in_order_names_a_row_that_breaks_several(settings):
    wrong = row(period="2019-13", personnummer="1", roll="?", forsorjningsstod_kr="-1")
    deliver(settings, [*rows(39), wrong])
    load_and_count(settings)
    assert quarantined(settings) == [(41, "R02")]


def test_a_row_with_too_few_or_too_many_fields_is_kept_in_quarantine(settings):
    lines = csv_text(rows(60)).splitlines()
    lines.insert(3, "0180;2019-03;H1")
    lines.insert(7, lines[1] + ";överskott")
    lines.insert(9, lines[1].replace("F1000", "F2000") + ";;;")
    deliver(settings, "\n".join(lines))
    report = load_and_count(settings)
    assert quarantined(settings) == [(4, "R00"), (8, "R00")]
    assert report.rows_loaded == 61
    assert query(settings, "select distinct municipality_code, role from register.quarantine") == [
        (None, None)
    ]


def test_a_month_with_two_registerledare_in_a_household_loses_the_household(settings):
    household = [
        row(personnummer=adult(1)),
        row(personnummer=adult(2)),
        row(
            personnummer=child(3), roll="BARN", hushallstyp="", forsorjningsstod_kr="", forsorjningshinder=""
        ),
    ]
    deliver(settings, [*household, row(period="2019-04", personnummer=adult(1)), *rows(80)])
    load_and_count(settings)
    assert quarantined(settings) == [(2, "R05"), (3, "R05"), (4, "R05")]


def test_the_same_person_twice_with_different_content_is_kept_out_wholly(settings):
    deliver(settings, [row(), row(forsorjningsstod_kr="1"), row(), *rows(80)])
    load_and_count(settings)
    assert quarantined(settings) == [(2, "R07"), (3, "R07"), (4, "R07")]


def test_the_very_same_row_again_is_loaded_once_and_counted(settings):
    again = row(forsorjningsstod_kr="8123.5", personnummer=adult(1)[:8] + "-" + adult(1)[8:])
    deliver(settings, [row(), again, row(), *rows(5)])
    report = load_and_count(settings)
    assert (report.rows_loaded, report.rows_duplicate, report.rows_quarantined) == (6, 2, 0)
    assert query(settings, "select rule_id, severity, rows_count from register.rule_hits") == [
        ("R08", "duplicate", 2)
    ]


def test_the_same_person_in_two_households_or_months_is_no_repetition(settings):
    deliver(settings, [row(), row(hushalls_id="H2"), row(period="2019-04"), row(kommunkod="0181")])
    assert load_and_count(settings).rows_loaded == 4
    assert query(settings, "select count(distinct person_id) from register.person_months") == [(1,)]
    assert query(settings, "select count(distinct household_id) from register.person_months") == [(3,)]


BARN = {"roll": "BARN", "hushallstyp": "", "forsorjningsstod_kr": "", "forsorjningshinder": ""}
SAMORDNINGSNUMMER = personnummer(date(1950, 1, 1), coordination=True)


def without_date(month: str, day: str) -> str:
    """A samordningsnummer of 1950 with the month or day left out."""
    return f"1950{month}{day}980" + check_digit(f"50{month}{day}980")


WARNED_HOUSEHOLDS = [
    ([row(roll="MS", hushallstyp="", forsorjningsstod_kr="")], {1: "R09"}),
    ([row(hushallstyp="4"), row(**BARN, personnummer=child(1))], {}),
    # the household's money: known when any of its rows has an amount, also nought
    ([row(forsorjningsstod_kr="")], {1: "R15"}),
    ([row(forsorjningsstod_kr="", ovrigt_bistand_kr="0")], {}),
    ([row(forsorjningsstod_kr="0")], {}),
    (
        [
            row(hushallstyp="7", forsorjningsstod_kr=""),
            row(roll="MS", hushallstyp="", forsorjningsstod_kr="5", personnummer=adult(2)),
        ],
        {2: "R13"},
    ),
    # numbers that are no whole Swedish identity
    ([row(personnummer=SAMORDNINGSNUMMER)], {}),
    ([row(personnummer=without_date("00", "61"))], {1: "R16"}),
    ([row(personnummer=without_date("00", "60"))], {1: "R16"}),
    ([row(personnummer=without_date("03", "60"))], {1: "R16"}),
    ([row(personnummer="19500101-T050")], {1: "R16"}),
    ([row(personnummer="19500101T050", kon="K")], {1: "R14,R16"}),
    ([row(personnummer="500101-TF12")], {1: "R16"}),
    ([row(personnummer="19500000-R012")], {1: "R16"}),
    # what the type says of children and what the rows say
    ([row(), row(**BARN, personnummer=child(1))], {1: "R17"}),
    ([row(hushallstyp="6")], {1: "R17"}),
    ([row(hushallstyp="8"), row(**BARN, personnummer=personnummer(date(1999, 1, 1)))], {}),
    ([row(), row(**BARN, personnummer=personnummer(date(2001, 1, 1)))], {}),
    ([row(), row(**BARN, personnummer=personnummer(date(2002, 1, 1)))], {1: "R17"}),
    ([row(hushallstyp="9"), row(**BARN, personnummer=child(1))], {}),
    ([row(forsorjningshinder="")], {1: "R10"}),
    ([row(forsorjningshinder="Arbetslös  , INGEN ersattning / stöd")], {}),
    ([row(forsorjningshinder="utan_forsorjningshinder", forsorjningshinder_2="Saknar barnomsorg")], {}),
    ([row(forsorjningshinder="A17")], {1: "R11"}),
    ([row(forsorjningshinder_2="A17")], {1: "R11"}),
    ([row(), row(**BARN, personnummer=personnummer(date(1998, 12, 31)))], {2: "R12"}),
    ([row(), row(**BARN, personnummer=personnummer(date(1999, 1, 1)))], {}),
    ([row(personnummer=personnummer(date(2002, 1, 1)))], {1: "R12"}),
    ([row(personnummer=personnummer(date(2001, 12, 31)))], {}),
    ([row(personnummer=personnummer(date(2002, 1, 1)), hushallstyp="1")], {}),
    ([row(hushallstyp="2")], {1: "R13"}),
    ([row(hushallstyp="")], {1: "R13"}),
    ([row(hushallstyp="9")], {}),
    ([row(hushallstyp="4"), row(**{**BARN, "forsorjningsstod_kr": "5"}, personnummer=child(1))], {2: "R13"}),
    ([row(hushallstyp="4"), row(**{**BARN, "forsorjningsstod_kr": "0"}, personnummer=child(1))], {}),
    ([row(personnummer=adult(1), kon="K")], {1: "R14"}),
    ([row(personnummer=adult(1), kon="m")], {}),
    ([row(roll="MS", hushallstyp="", forsorjningshinder="", kon="K")], {1: "R09,R10,R13,R14"}),
]


@pytest.mark.parametrize(("household", "warnings"), WARNED_HOUSEHOLDS)
def test_a_doubtful_row_is_let_in_and_flagged(settings, household, warnings):
    deliver(settings, household)
    report = load_and_count(settings)
    assert report.rows_loaded == len(household)
    found = query(
        settings, "select file_row - 1, warnings from register.person_months where warnings is not null"
    )
    assert dict(found) == warnings
    assert query(settings, "select sum(rows_warned) from register.delivery_months") == [(len(warnings),)]
    hits = query(
        settings, "select rule_id from register.rule_hits where severity = 'warning' order by rule_id"
    )
    assert [rule_id for (rule_id,) in hits] == sorted(set(",".join(warnings.values()).split(",")) - {""})


def test_a_row_is_stored_in_its_own_types(settings):
    deliver(
        settings,
        [
            row(
                forsorjningsstod_kr="12 345,6754",
                ovrigt_bistand_kr="1\u00a0200",
                forsorjningshinder="okänd kod 7",
                forsorjningshinder_2="saknar_barnomsorg",
                utrikes_fodd="1",
                distrikt="Öster",
            )
        ],
    )
    load_and_count(settings)
    assert query(
        settings,
        "select * exclude (household_id, person_id, delivery_id, file_row) from register.person_months",
    ) == [
        (
            "0180",
            date(2019, 3, 1),
            "RL",
            3,
            Decimal("12345.68"),
            Decimal("1200.00"),
            None,
            "okänd kod 7",
            "saknar_barnomsorg",
            "M",
            1950,
            True,
            "Öster",
            "R11",
            1,
        )
    ]


@pytest.mark.parametrize(
    "text", ["5409 kr", "5 409 kr.", "5409,00 SEK", "5409:-", "5\u00a0409\u00a0kronor", "5409KR"]
)
def test_an_amount_may_have_its_currency_after_it(settings, text):
    deliver(settings, [row(forsorjningsstod_kr=text)])
    load_and_count(settings)
    assert query(settings, "select forsorjningsstod_sek from register.person_months") == [
        (Decimal("5409.00"),)
    ]


def test_more_than_five_percent_errors_reject_the_month_and_only_it(settings):
    bad = [*rows(18), row(personnummer="1"), row(personnummer="2")]
    good = rows(40, period="2019-04")
    deliver(settings, [*bad, *good])
    report = load_and_count(settings)
    assert report.partly_rejected == 1
    assert query(
        settings,
        "select period_month, state, rule_id, rows_read, rows_loaded, rows_quarantined, persons_count "
        "from register.delivery_months order by 1",
    ) == [
        (date(2019, 3, 1), "rejected", "D04", 20, 0, 20, 0),
        (date(2019, 4, 1), "accepted", None, 40, 40, 0, 40),
    ]
    assert query(settings, "select rule_id, rows_count from register.rule_hits order by 1") == [
        ("D04", 18),
        ("R03", 2),
    ]
    [(state, rule_id, message)] = query(settings, "select state, rule_id, message from register.deliveries")
    assert (state, rule_id) == ("partly_rejected", "D04")
    assert "1 av 2 månader" in message
    assert "(R03)" in message


def test_exactly_five_percent_errors_are_let_in(settings):
    deliver(settings, [*rows(19), row(personnummer="1")])
    assert load_and_count(settings).accepted == 1


def test_few_rows_that_belong_to_no_month_refuse_no_month_and_a_file_of_them_is_refused(settings):
    deliver(settings, [*rows(38), row(kommunkod="18"), row(period="mars 2019")])
    report = load_and_count(settings)
    assert (report.accepted, report.rows_loaded, report.rows_quarantined) == (1, 38, 2)
    deliver(settings, [row(kommunkod="18"), row(kommunkod="18")], name="b.csv", minute=1)
    report = load_and_count(settings)
    assert (report.rejected, report.rows_loaded, report.rows_quarantined) == (1, 0, 2)
    assert "kommun och månad" in report.messages[0]


def test_a_file_that_was_opened_and_saved_in_excel_is_read_as_it_was(settings):
    young = personnummer(date(2000, 3, 1))
    lines = [
        row(kommunkod="180", period="mar-19", personnummer=adult(1)),
        row(kommunkod="180", period="2019-03-01", hushalls_id="H2", personnummer=young[2:].lstrip("0")),
    ]
    deliver(settings, lines)
    assert load_and_count(settings).rows_loaded == 2
    assert query(
        settings,
        "select municipality_code, period_month, birth_year from register.person_months order by file_row",
    ) == [("0180", date(2019, 3, 1), 1950), ("0180", date(2019, 3, 1), 2000)]


def test_every_month_is_known_as_a_spreadsheet_shows_it(settings):
    shown = [
        "jan-19", "feb.-19", "mars-19", "Apr-19", "maj-2019", "juni-19", "jul-19", "aug-19", "sept.-19", "okt-19", "nov-19",
        "dec.-1999",
    ]  # fmt: skip
    deliver(settings, [row(period=period, hushalls_id=f"H{n}") for n, period in enumerate(shown)])
    load_and_count(settings)
    assert query(settings, "select period_month from register.person_months order by file_row") == [
        *((date(2019, month, 1),) for month in range(1, 12)),
        (date(1999, 12, 1),),
    ]


def test_a_file_of_unknown_codes_is_rejected_whole(settings):
    deliver(settings, rows(10, kommunkod="18"))
    report = load_and_count(settings)
    assert (report.rejected, report.rows_quarantined) == (1, 10)
    assert query(settings, "select count(*) from register.delivery_months") == [(0,)]


def test_a_later_delivery_replaces_the_month_whole_and_the_older_stays_readable(settings):
    deliver(settings, [*rows(10), *rows(10, period="2019-04")], minute=0)
    load_and_count(settings)
    deliver(settings, rows(3, first=5000), name="rättelse.csv", minute=1)
    load_and_count(settings)
    in_force = query(
        settings,
        "select period_month, delivery_id, received_at from month_states where is_in_force and not is_optional order by period_month",
    )
    assert in_force == [
        (date(2019, 3, 1), 2, datetime(2020, 1, 1, 0, 1)),
        (date(2019, 4, 1), 1, datetime(2020, 1, 1, 0, 0)),
    ]
    counts = query(
        settings,
        "select delivery_id, period_month, count(*) from register.person_months group by 1, 2 order by 1, 2",
    )
    assert counts == [(1, date(2019, 3, 1), 10), (1, date(2019, 4, 1), 10), (2, date(2019, 3, 1), 3)]


def test_a_rejected_delivery_leaves_the_earlier_one_in_force(settings):
    deliver(settings, rows(10))
    load_and_count(settings)
    deliver(settings, [*rows(3), row(personnummer="1")], name="b.csv", minute=1)
    assert load_and_count(settings).rejected == 1
    assert query(settings, "select delivery_id from month_states where is_in_force and not is_optional") == [
        (1,)
    ]


def test_the_same_bytes_again_are_a_noop_and_a_copy_is_told_once(settings):
    path = deliver(settings, rows(10))
    load_and_count(settings)
    assert load_and_count(settings).files == 0
    path.touch()
    assert load_and_count(settings).files == 0
    deliver(settings, rows(10), name="kopia.csv", minute=1)
    report = load_and_count(settings)
    assert (report.files, report.duplicates, report.rows_loaded) == (1, 1, 0)
    assert load_and_count(settings).files == 0
    assert query(settings, "select delivery_id, state, rule_id from register.deliveries order by 1") == [
        (1, "accepted", None),
        (2, "duplicate", "D06"),
    ]


def test_rejected_bytes_are_not_tried_again_unless_asked_for(settings):
    path = deliver(settings, csv_text([]))
    assert load_and_count(settings).rejected == 1
    path.touch()
    assert load_and_count(settings).files == 0
    assert loading.load_landing(settings, retry_rejected=True).rejected == 1
    assert query(settings, "select rule_id from register.deliveries") == [("D03",), ("D03",)]


def test_a_declared_empty_month_has_no_rows_and_replaces_the_earlier(settings):
    deliver(settings, rows(10))
    load_and_count(settings)
    with pytest.raises(loading.MonthInForceError, match="10 hushåll i kommun 0180 gäller för 2019-03"):
        loading.declare_empty(settings, "0180", "2019-03")
    loading.declare_empty(settings, "0180", "2019-03", replaces=True)
    loading.declare_empty(settings, "0180", "2019-03")
    assert query(settings, "select kind, state, rows_read from register.deliveries order by delivery_id") == [
        ("register", "accepted", 10),
        ("declared_empty", "accepted", 0),
    ]
    assert query(settings, "select delivery_id from month_states where is_in_force and not is_optional") == [
        (2,)
    ]


def test_the_deliveries_are_listed_in_swedish_and_nothing_is_listed_before_the_first(settings):
    assert decisions.list_deliveries(settings) == []
    assert loading.load_landing(settings).files == 0
    deliver(settings, rows(10))
    deliver(settings, "", name="tom.csv", minute=1)
    loading.load_landing(settings)
    first, second = decisions.list_deliveries(settings)
    assert "mottagen" in first
    assert "10 inlästa" in first
    assert "avvisad" in second
    assert "tom.csv avvisades: filen är tom." in second


@pytest.mark.parametrize(
    ("code", "period"),
    [("0000", "2019-03"), ("0180", "2019-13"), ("0180", "2199-01"), ("0140", "1998-01"), ("0180", "1984-12")],
)
def test_an_impossible_month_cannot_be_declared_empty(settings, code, period):
    with pytest.raises(loading.RegisterError, match="kan inte anmälas som tom"):
        loading.declare_empty(settings, code, period)


def test_an_unknown_municipality_is_told_while_a_run_goes_on(settings):
    with only_run(settings), pytest.raises(loading.RegisterError, match="kommunkoden är inte en kommun"):
        loading.declare_empty(settings, "9999", "2019-03")


def test_every_rule_of_the_contract_has_a_title_and_advice():
    catalogue = rule_catalogue()
    assert {f"R{number:02d}" for number in range(18)} | {f"D{number:02d}" for number in range(1, 8)} <= set(
        catalogue
    )
    assert all(rule.title and rule.action.endswith(".") for rule in catalogue.values())


def test_columns_are_found_whatever_their_case_marks_and_order(settings):
    text = csv_text(rows(3, distrikt="Väst"), columns=reversed(COLUMNS)).replace(
        "forsorjningshinder;", "Försörjnings-Hinder ;"
    )
    deliver(settings, text.replace("kommunkod", " KOMMUN KOD").replace("hushalls_id", "Hushålls-ID"))
    report = load_and_count(settings)
    assert report.rows_loaded == 3
    assert query(settings, "select distinct reason_code, district from register.person_months") == [
        ("arbetslos_ingen_ersattning", "Väst")
    ]
