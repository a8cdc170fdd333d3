"""What becomes of a delivery: held when the households fall or rise too fast, decided by a person, replaced, replayed."""

from __future__ import annotations

from datetime import datetime

import pytest

from orchestration.intake.deliveries import decisions, loading
from orchestration.intake.deliveries.decisions import DeliveryMonth, decide, parse_month
from orchestration.intake.rules import catalogue
from orchestration.settings import Settings
from orchestration.vault import file as vault_file
from orchestration.vault import pseudonym
from tests.fixtures.register_files import KEY, Row, adult, deliver, query, row, rows

KROKOM, DEGERFORS = "2309", "1862"


def months(first: str, count: int) -> list[str]:
    """`count` months from `first` on, as `YYYY-MM`."""
    year, month = (int(part) for part in first.split("-"))
    numbers = range(year * 12 + month - 1, year * 12 + month - 1 + count)
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in numbers]


def series(code: str, first: str, *households: int) -> list[Row]:
    """One row per household, for consecutive months with so many households."""
    return [
        line
        for period, count in zip(months(first, len(households)), households, strict=True)
        for line in rows(count, kommunkod=code, period=period)
    ]


def held(settings: Settings, code: str | None = None) -> list[str]:
    return [
        f"{period:%Y-%m}"
        for municipality, period in query(
            settings,
            "select municipality_code, period_month from month_states where not is_optional and state = 'held' order by all",
        )
        if code in (None, municipality)
    ]


def in_force(settings: Settings) -> dict[str, int]:
    return {
        f"{period:%Y-%m}": number
        for period, number in query(
            settings,
            "select period_month, delivery_id from month_states where is_in_force and not is_optional",
        )
    }


@pytest.mark.parametrize(
    ("code", "years", "expected"),
    [
        # Krokom's and Degerfors' own yearly counts, one month standing for each; the first stands for a year's worth
        (KROKOM, [265] * 6 + [298, 79, 109, 249], ["2015-08", "2015-09"]),
        (DEGERFORS, [414] * 6 + [393, 147, 426], ["2015-08"]),
        # whole years: every month of the fall waits, and the return is compared with what was before the fall
        (KROKOM, [265] * 12 + [298] * 12 + [79] * 12 + [109] * 12 + [249] * 12, months("2017-01", 24)),
    ],
)
def test_the_real_falls_are_held_and_the_return_is_not(settings, code, years, expected):
    deliver(settings, series(code, "2015-01", *years))
    report = loading.load_landing(settings)
    assert (report.held, report.accepted) == (1, 0)
    assert held(settings) == expected
    assert set(in_force(settings)) == set(months("2015-01", len(years))) - set(expected)
    assert f"{len(expected)} av {len(years)} månader väntar på beslut" in report.messages[0]


@pytest.mark.parametrize(
    ("before", "now", "is_held"),
    [
        ([40] * 6, 20, False),  # exactly half passes
        ([40] * 6, 19, True),
        ([40] * 6, 80, False),  # exactly double passes
        ([40] * 6, 81, True),
        ([40] * 5, 1, False),  # five months are too few to judge by
        ([19] * 6, 60, False),  # a small municipality may vary
        ([20] * 6, 60, True),
        ([100] * 6 + [20, 20], 60, False),  # the median is not moved by two that are themselves held
        ([100] * 12 + [60] * 12, 35, False),  # only the twelve latest count
        ([60] * 12 + [100] * 12, 35, True),
    ],
)
def test_half_double_median_and_the_number_of_months(settings, before, now, is_held):
    deliver(settings, series("0180", "2017-01", *before, now))
    loading.load_landing(settings)
    assert (months("2017-01", len(before) + 1)[-1] in held(settings)) is is_held


def test_months_are_judged_alike_one_file_at_a_time_or_all_in_one(tmp_path, monkeypatch):
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
    counts = [30, 32, 28, 31, 29, 30, 12, 33, 70, 31, 14, 30, 16, 29]
    one, many = Settings(home=tmp_path / "one"), Settings(home=tmp_path / "many")
    deliver(one, series("0180", "2018-01", *counts))
    for minute, (period, count) in enumerate(zip(months("2018-01", len(counts)), counts, strict=True)):
        deliver(many, rows(count, period=period), name=f"{period}.csv", minute=minute)
    loading.load_landing(one)
    loading.load_landing(many)
    assert held(one) == held(many) == ["2018-07", "2018-09", "2018-11"]
    question = "select period_month, households_median from register.delivery_months order by period_month"
    assert query(one, question) == query(many, question)


def test_each_municipality_is_compared_with_itself_and_gaps_are_stepped_over(settings):
    lines = series("0180", "2018-01", *[30] * 6, 70) + series("0184", "2018-01", *[70] * 6, 30)
    lines += rows(14, kommunkod="1280", period="2019-06") + series("1280", "2018-01", *[30] * 6)
    deliver(settings, lines)
    loading.load_landing(settings)
    assert {code: held(settings, code) for code in ("0180", "0184", "1280")} == {
        "0180": ["2018-07"],
        "0184": ["2018-07"],
        "1280": ["2019-06"],
    }


def test_sixty_months_of_history_in_a_first_file_are_judged(settings):
    lines = [
        line for code in ("0180", "0184", "1280", "2309") for line in series(code, "2015-01", *[22] * 59, 10)
    ]
    deliver(settings, lines)
    loading.load_landing(settings)
    assert held(settings) == ["2019-12"] * 4


def test_a_held_resend_leaves_the_earlier_month_in_force_until_a_person_accepts_it(settings):
    deliver(settings, series("0180", "2018-01", *[30] * 7))
    deliver(settings, rows(5, first=5000, period="2018-07"), name="igen.csv", minute=1)
    report = loading.load_landing(settings)
    assert (report.accepted, report.held) == (1, 1)
    assert in_force(settings)["2018-07"] == 1
    assert query(settings, "select count(*) from register.person_months where delivery_id = 2") == [(5,)]
    told = decide(settings, "accept", 2, reason="Kommunen har bekräftat antalet.")
    assert told == ["0180:2018-07: godkänd och gäller nu"]
    assert in_force(settings)["2018-07"] == 2
    assert query(settings, "select decision, reason from register.decisions") == [
        ("accept", "Kommunen har bekräftat antalet.")
    ]
    assert query(settings, "select state, rule_id from register.delivery_months where delivery_id = 2") == [
        ("held", "D05")
    ]


def test_a_rejected_month_gives_way_to_the_earlier_and_decisions_are_kept(settings):
    deliver(settings, series("0180", "2018-01", *[30] * 7))
    deliver(settings, rows(29, first=5000, period="2018-07"), name="igen.csv", minute=1)
    loading.load_landing(settings)
    assert in_force(settings)["2018-07"] == 2
    decide(settings, "reject", 2, [DeliveryMonth("0180", datetime(2018, 7, 1).date())], "Fel uttag.")
    assert in_force(settings)["2018-07"] == 1
    decide(settings, "accept", 2)
    assert in_force(settings)["2018-07"] == 2
    assert query(settings, "select decision_id, decision from register.decisions order by all") == [
        (1, "reject"),
        (2, "accept"),
    ]


def test_without_a_named_month_only_those_that_wait_are_decided(settings):
    deliver(settings, series("0180", "2018-01", *[30] * 6, 5, 30, 6))
    loading.load_landing(settings)
    decide(settings, "reject", 1, [parse_month("0180:2018-09")])
    assert decide(settings, "reject", 1) == ["0180:2018-07: avvisad och gäller inte"]
    assert len(in_force(settings)) == 7
    assert decide(settings, "accept", 1, [parse_month("0180:201807")]) == [
        "0180:2018-07: godkänd och gäller nu"
    ]


def test_accepting_a_month_that_was_delivered_anew_leaves_the_newer_in_force(settings):
    deliver(settings, series("0180", "2018-01", *[30] * 6, 5))
    deliver(settings, rows(30, first=5000, period="2018-07"), name="igen.csv", minute=1)
    loading.load_landing(settings)
    assert decide(settings, "accept", 1) == [
        "0180:2018-07: godkänd, men en senare leverans av månaden gäller"
    ]
    assert in_force(settings)["2018-07"] == 2


@pytest.mark.parametrize(
    ("number", "months", "sentence"),
    [
        (9, [], "Leverans 9 finns inte"),
        (1, [], "ingen månad som beslutet ändrar"),
        (1, ["0180:2019-01"], "har inte 0180:2019-01"),
        (2, ["0180:2018-07"], "för stor andel fel"),
        (3, [], "ingen månad att besluta om"),
    ],
)
def test_what_cannot_be_accepted_is_told_in_a_sentence_and_writes_nothing(settings, number, months, sentence):
    deliver(settings, series("0180", "2018-01", *[30] * 6))
    deliver(settings, [*rows(3, period="2018-07"), row(period="2018-07", personnummer="1")], "b.csv", 1)
    deliver(settings, "", name="tom.csv", minute=2)
    loading.load_landing(settings)
    with pytest.raises(loading.RegisterError, match=sentence):
        decide(settings, "accept", number, [parse_month(month) for month in months])
    assert query(settings, "select count(*) from register.decisions") == [(0,)]


@pytest.mark.parametrize("text", ["0180", "0180:2018", "180:2018-01", "0180:2018-13", "0180:0000-01"])
def test_a_month_that_cannot_be_read_is_told(text):
    with pytest.raises(loading.RegisterError, match="KOMMUN:ÅÅÅÅ-MM"):
        parse_month(text)


def test_list_and_show_tell_state_rules_and_what_to_do_without_a_personnummer(settings):
    number = adult(1)
    lines = [*series("0180", "2018-01", *[30] * 6), *rows(60, period="2018-07"), row(personnummer="1")]
    deliver(settings, [*lines, *rows(30, period="2019-03")], name=f"{number}.csv")
    deliver(settings, "", name="tom.csv", minute=1)
    loading.load_landing(settings)
    decide(settings, "reject", 1, [parse_month("0180:2018-02")], f"Se {number} i {number[2:8]}-{number[8:]}")
    [waiting] = decisions.list_deliveries(settings, "rejected")
    assert "tom.csv avvisades" in waiting
    assert decisions.list_deliveries(settings, "held") == []
    shown = "\n".join(decisions.show_delivery(settings, 1))
    assert "delvis avvisad" in shown
    assert "0180:2018-02  avvisad" in shown
    assert "R03  1 rader: personnummer har fel form" in shown
    assert "Rätta personnumret" in shown
    assert "Se [dolt] i [dolt]" in shown
    assert number not in shown
    assert number[2:8] not in shown
    with pytest.raises(loading.RegisterError, match="Leverans 7 finns inte"):
        decisions.show_delivery(settings, 7)


def test_the_total_of_the_year_replaces_its_twelve_months_and_no_other(settings):
    for minute, period in enumerate(months("2018-01", 14)):
        deliver(settings, rows(30, period=period), name=f"{period}.csv", minute=minute)
    loading.load_landing(settings)
    deliver(settings, series("0180", "2018-01", *range(25, 37)), name="år 2018.csv", minute=60)
    assert loading.load_landing(settings).accepted == 1
    assert in_force(settings) == {
        **dict.fromkeys(months("2018-01", 12), 15),
        "2019-01": 13,
        "2019-02": 14,
    }
    states = query(settings, "select state, count(*) from delivery_states group by 1 order by 1")
    assert states == [("accepted", 3), ("superseded", 12)]
    assert query(settings, "select count(*) from register.person_months where delivery_id = 1") == [(30,)]


def test_a_late_correction_replaces_its_month_only_and_is_judged_by_the_months_before_it(settings):
    deliver(settings, series("0180", "2018-01", *[30] * 12, *[300] * 2))
    loading.load_landing(settings)
    decide(settings, "accept", 1)
    deliver(settings, rows(35, period="2018-09"), name="rättelse.csv", minute=5)
    assert loading.load_landing(settings).accepted == 1
    assert in_force(settings)["2018-09"] == 2
    assert set(in_force(settings).values()) == {1, 2}


def test_refused_bytes_are_loaded_again_on_request_when_the_rules_have_changed(settings, monkeypatch):
    bad = [*rows(9), row(personnummer="1")]
    deliver(settings, bad, name="a.csv")
    loading.load_landing(settings)
    with pytest.raises(loading.RegisterError, match="Leverans 9 har ingen fil"):
        loading.replay(settings, "9")
    loose = catalogue.Thresholds(**{**vars(catalogue.thresholds()), "error_share_max": 0.5})
    monkeypatch.setattr("orchestration.intake.rules.judging.thresholds", lambda: loose)
    report = loading.replay(settings, "1")
    assert (report.accepted, report.rows_loaded) == (1, 9)
    assert query(settings, "select replays_delivery_id from register.deliveries order by delivery_id") == [
        (None,),
        (1,),
    ]
    with pytest.raises(loading.RegisterError, match="är inläst, så det finns inget"):
        loading.replay(settings, "a.csv")
    with pytest.raises(loading.RegisterError, match="finns inte i landing/register"):
        loading.replay(settings, "b.csv")


def test_what_is_loaded_again_never_overtakes_a_later_delivery(settings, monkeypatch):
    deliver(settings, [*rows(9), row(personnummer="1"), *rows(9, period="2019-04")], name="a.csv")
    deliver(settings, rows(10, first=5000), name="b.csv", minute=1)
    loading.load_landing(settings)
    assert in_force(settings) == {"2019-03": 2, "2019-04": 1}
    loose = catalogue.Thresholds(**{**vars(catalogue.thresholds()), "error_share_max": 0.5})
    monkeypatch.setattr("orchestration.intake.rules.judging.thresholds", lambda: loose)
    assert loading.replay(settings, str(settings.landing_register / "a.csv")).accepted == 1
    assert in_force(settings) == {"2019-03": 2, "2019-04": 3}


def test_what_a_person_rejected_is_not_loaded_again_by_itself_or_by_a_replay(settings):
    deliver(settings, rows(10))
    loading.load_landing(settings)
    decide(settings, "reject", 1)
    assert loading.load_landing(settings, retry_rejected=True).files == 0
    with pytest.raises(loading.RegisterError, match="bistand deliveries accept 1"):
        loading.replay(settings, "1")
    assert in_force(settings) == {}


def test_a_replay_needs_the_file(settings):
    path = deliver(settings, "", name="tom.csv")
    loading.load_landing(settings)
    path.unlink()
    with pytest.raises(loading.RegisterError, match="ligger inte kvar"):
        loading.replay(settings, "1")


def test_the_same_bytes_as_a_held_delivery_are_a_duplicate(settings):
    deliver(settings, series("0180", "2018-01", *[30] * 6, 5))
    loading.load_landing(settings)
    deliver(settings, series("0180", "2018-01", *[30] * 6, 5), name="kopia.csv", minute=1)
    assert loading.load_landing(settings).duplicates == 1
    assert held(settings) == ["2018-07"]


def test_a_vault_of_an_earlier_version_is_brought_up_to_date_with_its_rows(settings):
    deliver(settings, rows(10))
    loading.load_landing(settings)
    before = query(settings, "from register.deliveries")
    with vault_file.open_vault(settings) as vault:
        vault.execute("drop table register.exit_reasons")
        for table, column in (
            ("deliveries", "replays_delivery_id"),
            ("delivery_months", "households_median"),
        ):
            names = [
                name
                for (name,) in vault.execute(
                    f"select column_name from (describe register.{table})"
                ).fetchall()
                if name != column
            ]
            vault.execute(f"create table register.kept as select {', '.join(names)} from register.{table}")
            vault.execute(f"drop table register.{table}; alter table register.kept rename to {table}")
    deliver(settings, series("0184", "2018-01", *[30] * 6, 5), name="b.csv", minute=1)
    assert loading.load_landing(settings).held == 1
    assert query(settings, "from register.deliveries where delivery_id = 1") == before
    assert in_force(settings)["2019-03"] == 1
