"""The sixty-five questions: what their queries say is what one counts by hand, or a plain reading of a table that is
compared whole elsewhere.

Every table that a query reads stands in COMPUTED_TWICE with the test that computes all of it a second time, or in TOLD with
the test that holds it against what somebody wrote. Queries that compute something of their own are counted here.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path
from statistics import mean

import pytest

from docs.asked import questions
from orchestration.settings import PROJECT_ROOT
from tests.fixtures.asking import in_release
from tests.fixtures.random_register import RandomRegister
from tests.fixtures.scb_answers import FORECAST_YEARS, PRICE_INDEX, families, forecast

QUERY = {one["number"]: one["query"] for one in questions()}
COMPUTED_TWICE = {
    "adult_years": "test_years.py", "household_years": "test_years.py", "exit_years": "test_years.py",
    "entry_years": "test_years.py", "figures": "test_indicators.py", "yearly_totals": "test_indicators.py",
    "monthly_series": "test_indicators.py", "long_term_recipiency": "test_indicators.py",
    "reason_for_need": "test_indicators.py", "duration_curves": "test_flow.py", "reason_transitions": "test_flow.py",
    "comparison": "test_comparison.py", "comparison_groups": "test_comparison.py",
    "variation_points": "test_variation.py",
    "change_comparison": "test_changes.py", "measure_exit_curves": "test_chain.py",
    "measure_months": "test_activity.py", "measure_needs": "test_chain.py", "deliveries": "test_intake.py",
    "municipality_profile": "test_questions.py",
    "yearly_equivalents": "test_questions.py",
}  # fmt: skip
TOLD = {
    "targets": "unit/test_change_events.py", "conditions": "unit/test_change_events.py",
    "dim_geographies": "integration/test_geography.py",
    "dim_rules": "contract/test_dictionary.py", "reconciliation": "integration/test_source_models.py",
    # the intake test counts each rule's rows in the vault, which the table is made of
    "oj_answers": "unit/test_oppna_jamforelser.py", "delivery_rule_hits": "independent/test_intake.py", "indicator_trends": "contract/test_trend_classes.py",
}  # fmt: skip


def ask(home: Path, number: int) -> list[tuple]:
    return in_release(home, QUERY[number])


def test_every_question_has_a_query() -> None:
    assert sorted(QUERY) == list(range(1, 66))


def test_every_table_that_is_asked_is_computed_twice_or_held_against_what_was_told() -> None:
    asked = set()
    for query in QUERY.values():
        own = set(re.findall(r"(?:with|,)\s+(\w+) as \(", query))
        asked |= set(re.findall(r"(?:from|join)\s+(\w+)", query)) - own
    assert asked == COMPUTED_TWICE.keys() | TOLD.keys()
    for table, name in COMPUTED_TWICE.items():
        text = (PROJECT_ROOT / "tests/independent" / name).read_text(encoding="utf-8")
        # the indicators' own table is what the views and wide tables on them are made of
        assert table in text or "indicator_values" in text, (table, name)
    for table, name in TOLD.items():
        assert (PROJECT_ROOT / "tests" / name).is_file(), (table, name)


class Counted:
    """Households and adults of whole years, counted from the rows as they were drawn."""

    def __init__(self, register: RandomRegister) -> None:
        months = Counter((place, year) for place, year, _ in register.delivered)
        self.whole = {key for key, count in months.items() if count == 12}
        self.months: dict[tuple, set[int]] = defaultdict(set)
        self.types: dict[tuple, dict[int, str]] = defaultdict(dict)
        self.paid: Counter = Counter()
        for row in register.rows:
            if (row.municipality, row.year) not in self.whole:
                continue
            key = (row.municipality, row.year, row.household)
            self.months[key].add(row.month)
            if row.amount is not None:
                self.paid[row.municipality, row.year] += row.amount


@pytest.fixture(scope="module")
def counted(own_register: RandomRegister) -> Counted:
    return Counted(own_register)


@pytest.fixture(scope="module")
def codes(own_home: Path) -> dict[str, str]:
    return dict(
        in_release(
            own_home,
            "select geography_name, geography_id from dim_geographies where geography_type = 'municipality'",
        )
    )


def test_7_long_term_households(own_home: Path, counted: Counted, codes: dict[str, str]) -> None:
    expected: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
    for (place, year, _), months in counted.months.items():
        expected[place, year][0] += len(months) >= 10
        expected[place, year][1] += 1
    found = {(codes[name], year): [int(long or 0), int(all_)] for name, year, long, all_ in ask(own_home, 7)}
    assert found == expected


def test_10_months_of_a_household(own_home: Path, counted: Counted, codes: dict[str, str]) -> None:
    expected = defaultdict(list)
    for (place, year, _), months in counted.months.items():
        expected[place, year].append(len(months))
    found = {(codes[name], year): months for name, year, months, *_ in ask(own_home, 10)}
    assert found == pytest.approx({key: mean(months) for key, months in expected.items()})


def test_16_single_mothers_beside_all_of_them(own_home: Path, codes: dict[str, str]) -> None:
    rows = ask(own_home, 16)
    assert rows
    for name, _, with_aid, all_of_them, share in rows:
        assert all_of_them == sum(families(codes[name], number) for number in (1, 2, 3, 4))
        assert share == pytest.approx(with_aid / all_of_them)


def test_40_a_month_and_the_same_a_year_before(own_home: Path) -> None:
    rows = {(name, period): (value, change) for name, period, value, change in ask(own_home, 40)}
    compared = 0
    for (name, period), (value, change) in rows.items():
        before = rows.get((name, f"{int(period[:4]) - 1}{period[4:]}"), (None, None))[0]
        if value is not None and before is not None:
            assert change == pytest.approx(value - before)
            compared += 1
        else:
            assert change is None
    assert compared > 20


def test_50_the_forecast_is_the_sum_of_its_ages(own_home: Path, codes: dict[str, str]) -> None:
    rows = {(codes[name], period, band): value for name, period, band, value in ask(own_home, 50)}
    for place in {key[0] for key in rows}:
        for year in FORECAST_YEARS:
            for band, ages in (
                ("default", range(101)),
                ("age=18-24", range(18, 25)),
                ("age=65+", range(65, 101)),
            ):
                expected = 2 * sum(forecast(place, year, age) for age in ages)
                assert rows[place, str(year), band] == expected


def test_51_money_in_the_prices_of_the_last_year(own_home: Path, counted: Counted) -> None:
    own = {
        (place, int(period)): (value, name)
        for place, period, value, name in in_release(
            own_home,
            "select geography_id, period, value, measure_name from municipality_profile "
            "where indicator_id = 'paid_sek' and definition_id = 'default:fixed_prices' and value_status = 'published'",
        )
    }
    assert own
    for (place, year), (value, name) in own.items():
        assert value == pytest.approx(counted.paid[place, year] * PRICE_INDEX[2019] / PRICE_INDEX[year])
        assert name.endswith(", 2019 års priser")
    assert any("fasta" in one["question"] for one in questions() if one["number"] == 51)
    assert {name for *_, name in own.values()} <= {row[2] for row in ask(own_home, 51)}


def test_52_what_the_money_is_for_adds_up(own_home: Path, counted: Counted, codes: dict[str, str]) -> None:
    rows = [row for row in ask(own_home, 52) if row[2] is not None]
    assert rows
    for name, year, first, other in rows:
        assert first + other == pytest.approx(counted.paid[codes[name], year])


def test_54_a_year_is_the_mean_of_its_months(own_home: Path) -> None:
    rows = in_release(own_home, "select geography_id, value, months_count from yearly_equivalents")
    assert rows
    assert {place: value for place, value, _ in rows} == {
        place: int(place) + mean(range(1, 13)) for place, *_ in rows
    }
