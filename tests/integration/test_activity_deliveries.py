"""The optional kinds of the activity requirement: directions, and support refused or reduced, through the same intake."""

from __future__ import annotations

from datetime import date

import pytest

from orchestration.intake.deliveries import decisions, loading
from orchestration.intake.preview.preview import preview_file, preview_lines
from orchestration.settings import Settings
from orchestration.upkeep import forgetting, rekeying
from orchestration.vault.pseudonym import KEY_VARIABLE
from tests.fixtures.asking import load_and_count, quarantined
from tests.fixtures.register_files import KEY, adult, csv_text, deliver, query, rows

DIRECTIONS = (
    "kommunkod", "personnummer", "lagrum", "anvisad_datum", "slut_datum", "aktivitetstyp", "timmar_vecka", "forsorjningshinder",
)  # fmt: skip
REDUCTIONS = ("kommunkod", "personnummer", "beslutsdatum", "period", "utfall", "grund", "belopp_kr")


def direction(number: int = 1, **values: str) -> dict[str, str]:
    return {
        "kommunkod": "0180", "personnummer": adult(number), "lagrum": "4a", "anvisad_datum": "2026-10-05",
        "aktivitetstyp": "3", "timmar_vecka": "20", **values,
    }  # fmt: skip


def reduction(number: int = 1, **values: str) -> dict[str, str]:
    return {
        "kommunkod": "0180", "personnummer": adult(number), "beslutsdatum": "2026-10-20", "period": "2026-11",
        "utfall": "nedsatt", "grund": "4a", "belopp_kr": "1 200,50", **values,
    }  # fmt: skip


def directions(*lines: dict[str, str]) -> str:
    return csv_text(lines, columns=DIRECTIONS)


def reductions(*lines: dict[str, str]) -> str:
    return csv_text(lines, columns=REDUCTIONS)


def test_both_kinds_lie_beside_the_person_months_and_know_their_persons(settings: Settings) -> None:
    deliver(settings, rows(30, period="2026-10"))
    deliver(
        settings, directions(direction(1000), direction(1001, slut_datum="2026-11-01")), "aktivitet.csv", 1
    )
    deliver(settings, reductions(reduction(1000)), "nedsattning.csv", 2)
    report = load_and_count(settings)
    assert (report.accepted, report.held, report.rows_loaded) == (3, 0, 33)
    assert query(
        settings,
        "select period_month, paragraph, directed_date, end_date, activity_type, weekly_hours "
        "from register.activities semi join register.person_months using (person_id) order by file_row",
    ) == [
        (date(2026, 10, 1), "4a", date(2026, 10, 5), None, 3, 20),
        (date(2026, 10, 1), "4a", date(2026, 10, 5), date(2026, 11, 1), 3, 20),
    ]
    # the month is that of the decision, also when it is about a month to come
    assert query(
        settings,
        "select period_month, support_month, outcome, ground, cast(amount_sek as double) from register.reductions",
    ) == [(date(2026, 10, 1), date(2026, 11, 1), "nedsatt", "4a", 1200.5)]
    assert query(settings, "select kind, is_optional from month_states where is_in_force order by delivery_id") == [
        ("register", False), ("activities", True), ("reductions", True),
    ]  # fmt: skip
    assert "  Fil aktivitet.csv, anvisningar till aktivitet" in decisions.show_delivery(settings, 2)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"lagrum": "4"}, "R20"),
        ({"lagrum": "12 kap. 4 a §"}, None),
        ({"slut_datum": "2026-10-04"}, "R21"),
        ({"slut_datum": "i höst"}, "R21"),
        ({"slut_datum": "2026-10-05"}, None),
        ({"anvisad_datum": "hösten"}, "R02"),
        ({"anvisad_datum": "2199-01-01"}, "R02"),
        ({"kommunkod": "18"}, "R01"),
        ({"personnummer": "1"}, "R03"),
    ],
)
def test_the_rules_of_directions(settings: Settings, values: dict[str, str], rule: str | None) -> None:
    good = [direction(number) for number in range(100, 200)]
    deliver(settings, directions(direction(1, **values), *good), "aktivitet.csv")
    load_and_count(settings)
    assert quarantined(settings) == ([(2, rule)] if rule else [])


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"utfall": "minskad"}, "R20"),
        ({"grund": "5"}, "R20"),
        ({"grund": "4 g"}, None),
        ({"belopp_kr": "-5"}, "R06"),
        ({"beslutsdatum": ""}, "R02"),
    ],
)
def test_the_rules_of_reductions(settings: Settings, values: dict[str, str], rule: str | None) -> None:
    good = [reduction(number) for number in range(100, 200)]
    deliver(settings, reductions(reduction(1, **values), *good), "nedsattning.csv")
    load_and_count(settings)
    assert quarantined(settings) == ([(2, rule)] if rule else [])


def test_what_cannot_be_read_of_a_direction_is_unknown_and_flagged(settings: Settings) -> None:
    deliver(
        settings,
        directions(
            direction(1, aktivitetstyp="5", timmar_vecka="41", forsorjningshinder="kod 9"), direction(2)
        ),
        "aktivitet.csv",
    )
    load_and_count(settings)
    assert query(
        settings,
        "select activity_type, weekly_hours, reason_code, reason_text, warnings from register.activities order by file_row",
    ) == [(None, None, None, "kod 9", "R11,R22"), (3, 20, None, None, None)]
    report = settings.register_folder / "reports" / "1.csv"
    assert not report.exists() or adult(1) not in report.read_text(encoding="utf-8")


def test_the_same_direction_again_counts_once_and_another_content_not_at_all(settings: Settings) -> None:
    good = [direction(number) for number in range(100, 200)]
    deliver(settings, directions(*good, good[0], direction(101, timmar_vecka="30")), "aktivitet.csv")
    report = load_and_count(settings)
    assert (report.rows_loaded, report.rows_quarantined, report.rows_duplicate) == (99, 2, 1)
    # refused and reduced on the same day are two decisions
    deliver(settings, reductions(reduction(1), reduction(1, utfall="nekad")), "nedsattning.csv", 1)
    assert load_and_count(settings).rows_loaded == 2


def test_a_later_delivery_replaces_the_month_of_its_own_kind_only(settings: Settings) -> None:
    deliver(settings, directions(direction(1), direction(2)), "a.csv")
    deliver(settings, reductions(reduction(1)), "b.csv", 1)
    deliver(settings, directions(direction(1, slut_datum="2026-11-15")), "c.csv", 2)
    load_and_count(settings)
    assert query(settings, "select delivery_id, state from delivery_states order by 1") == [
        (1, "superseded"), (2, "accepted"), (3, "accepted"),
    ]  # fmt: skip


def test_a_month_without_any_is_declared(settings: Settings) -> None:
    deliver(settings, reductions(reduction(1)), "b.csv")
    load_and_count(settings)
    loading.declare_empty(settings, "0180", "2026-09", kind="reductions")
    loading.declare_empty(settings, "0180", "2026-09", kind="reductions")
    assert query(
        settings, "select period_month, kind, rows_loaded from month_states where is_in_force order by 1"
    ) == [(date(2026, 9, 1), "reductions", 0), (date(2026, 10, 1), "reductions", 1)]
    with pytest.raises(loading.MonthInForceError, match="1 rader med nekat och nedsatt"):
        loading.declare_empty(settings, "0180", "2026-10", kind="reductions")


def test_persons_are_erased_months_forgotten_and_pseudonyms_changed_here_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(settings, rows(3, period="2026-10"))
    deliver(settings, directions(direction(1000), direction(1001)), "a.csv", 1)
    deliver(settings, reductions(reduction(1000), reduction(1001, beslutsdatum="2026-09-01")), "b.csv", 2)
    load_and_count(settings)
    before = query(settings, "select person_id from register.activities order by file_row")
    rekeying.new_pseudonyms(settings, bytes(reversed(KEY)))
    monkeypatch.setenv(KEY_VARIABLE, bytes(reversed(KEY)).hex())
    after = query(settings, "select person_id from register.activities order by file_row")
    assert before != after
    assert query(
        settings,
        "select count(*) from register.activities semi join register.person_months using (person_id)",
    ) == [(2,)]
    forgetting.erase_person(settings, adult(1000))
    assert query(settings, "select count(*) from register.activities") == [(1,)]
    assert query(settings, "select count(*) from register.reductions") == [(1,)]
    forgetting.forget_months(settings, date(2026, 10, 1))
    assert query(settings, "select count(*) from register.reductions") == [(0,)]


def test_the_preview_says_what_kind_of_file_it_is(settings: Settings) -> None:
    path = deliver(settings, directions(direction(1), direction(2, lagrum="x")), "aktivitet.csv")
    shown = "\n".join(preview_lines(preview_file(settings, path)))
    assert "Mappning: ingen, filen läses som anvisningar till aktivitet" in shown
    assert "Rader: 2 i filen, 1 rätta, 1 till karantän, 0 dubbla" in shown
    assert adult(1) not in shown


MEASURES = ("kommunkod", "personnummer", "insats", "planerad_start", "planerad_slut", "start_datum", "slut_datum", "avslut", "steg")  # fmt: skip
HAND_COUNTS = ("kommunkod", "period", "insats", "antal")


def measure(number: int = 1, **values: str) -> dict[str, str]:
    return {
        "kommunkod": "0180", "personnummer": adult(number), "insats": "Jobbspåret", "start_datum": "2026-09-07", **values,
    }  # fmt: skip


def hand_count(**values: str) -> dict[str, str]:
    return {"kommunkod": "0180", "period": "2026-09", "insats": "Jobbspåret", "antal": "12", **values}


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"insats": ""}, "R23"),
        ({"start_datum": "", "planerad_start": "2026-10-01"}, None),
        ({"start_datum": ""}, "R02"),
        ({"start_datum": "snart", "planerad_start": "2026-10-01"}, "R02"),
        ({"slut_datum": "2026-09-06"}, "R21"),
        ({"personnummer": "1"}, "R03"),
    ],
)
def test_the_rules_of_measures(settings: Settings, values: dict[str, str], rule: str | None) -> None:
    good = [measure(number) for number in range(100, 200)]
    deliver(settings, csv_text([measure(1, **values), *good], columns=MEASURES), "insats.csv")
    load_and_count(settings)
    assert quarantined(settings) == ([(2, rule)] if rule else [])
    assert query(settings, "select distinct kind from month_states") == [("measures",)]


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"antal": "0"}, None),
        ({"antal": "tolv"}, "R23"),
        ({"antal": "-1"}, "R23"),
        ({"insats": ""}, "R23"),
        ({"period": "2026-13"}, "R02"),
        ({"kommunkod": "18"}, "R01"),
    ],
)
def test_the_rules_of_counts_made_by_hand(
    settings: Settings, values: dict[str, str], rule: str | None
) -> None:
    good = [hand_count(insats=f"Insats {number}") for number in range(100)]
    deliver(settings, csv_text([hand_count(**values), *good], columns=HAND_COUNTS), "sammanstallning.csv")
    load_and_count(settings)
    assert quarantined(settings) == ([(2, rule)] if rule else [])
    assert query(settings, "select count(*) from register.hand_counts") == [(101 - bool(rule),)]


def test_another_count_of_the_same_measure_is_none_and_a_text_hides_a_number(settings: Settings) -> None:
    good = [hand_count(insats=f"Insats {number}") for number in range(100)]
    deliver(settings, csv_text([*good, good[0], good[1] | {"antal": "13"}], columns=HAND_COUNTS), "a.csv")
    assert load_and_count(settings).rows_duplicate == 1
    assert quarantined(settings) == [(3, "R07"), (103, "R07")]
    deliver(
        settings,
        csv_text([measure(1, insats=f"Spår {adult(2)}", avslut=adult(3))], columns=MEASURES),
        "b.csv",
        1,
    )
    load_and_count(settings)
    assert query(settings, "select measure_name, ending from register.measures") == [
        ("Spår [dolt]", "[dolt]")
    ]


def test_a_rejected_count_made_by_hand_is_taken_out_and_a_measure_goes_with_its_person(
    settings: Settings,
) -> None:
    deliver(settings, rows(3, period="2026-09"))
    deliver(settings, csv_text([hand_count()], columns=HAND_COUNTS), "a.csv", 1)
    deliver(settings, csv_text([measure(1000), measure(1001)], columns=MEASURES), "b.csv", 2)
    load_and_count(settings)
    decisions.decide(settings, "reject", 2)
    forgetting.forget_delivery(settings, 2)
    assert query(settings, "select count(*) from register.hand_counts") == [(0,)]
    forgetting.erase_person(settings, adult(1000))
    assert query(settings, "select count(*) from register.measures") == [(1,)]
