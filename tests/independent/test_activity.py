"""The activity requirement: a register of its months, by one command to a release, beside the plain computation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orchestration.conformance.answers import Key, PlainFigure
from orchestration.conformance.plain_register import PlainRegister
from orchestration.conformance.plain_values import PlainValues
from orchestration.conformance.terms import load_terms
from orchestration.settings import load_settings
from tests.fixtures.activity_events import draw_events, draw_measures
from tests.fixtures.asking import in_release
from tests.fixtures.random_register import RandomRegister

IDS = (
    "three_months_adults", "three_months_exempt_seen", "three_months_possible", "six_months_adults",
    "jobpremium_base", "jobpremium_left", "households_over_three_children", "activity_directed_4a", "activity_directed_4d",
    "activity_in_force_4a", "activity_in_force_4d", "support_refused_or_reduced", "support_refused", "support_reduced",
    "directed_share",
)  # fmt: skip


@pytest.fixture(scope="module")
def expected(activity_register: RandomRegister) -> dict[Key, PlainFigure]:
    terms = load_terms(load_settings())
    events = draw_events(activity_register)
    delivering = {
        "activities": {one.municipality for one in events if one.kind == "directed"},
        "reductions": {"1480"},
    }
    register = PlainRegister(
        activity_register.rows, activity_register.delivered, terms.areas, events=events, delivering=delivering
    )
    answers = PlainValues(register, terms, {}).answers(register.geographies)
    return {key: answer for key, answer in answers.items() if key[0] in IDS}


@pytest.fixture(scope="module")
def found(activity_home: Path) -> dict[Key, PlainFigure]:
    rows = in_release(
        activity_home,
        "select indicator_id, definition_id, geography_id, period, breakdown, value_status, numerator, denominator "
        f"from indicator_values where indicator_id in {IDS}",
    )
    return {row[:5]: row[5:] for row in rows}


def test_every_figure_is_that_of_the_plain_computation(
    expected: dict[Key, PlainFigure], found: dict[Key, PlainFigure]
) -> None:
    assert [(key, found.get(key), answer) for key, answer in expected.items() if found.get(key) != answer][
        :5
    ] == []
    assert found.keys() - expected.keys() == set()


def test_the_register_meets_the_edges(found: dict[Key, PlainFigure]) -> None:
    """A comparison of nothing but zeros would prove nothing."""
    for indicator in IDS:
        assert max(answer[1] or 0 for key, answer in found.items() if key[0] == indicator) > 0, indicator
    for part in (
        "age_month=18-24",
        "young_child=ja",
        "reason=okand_kod",
        "reason=uppgift_saknas",
        "reason=foraldraledig",
    ):
        for indicator in IDS[1:3]:
            assert (
                max(answer[1] or 0 for key, answer in found.items() if (key[0], key[4]) == (indicator, part))
                > 0
            ), part
    assert found["three_months_adults", "default", "0980", "2026-06", "total"][0] == "not_reported"
    assert found["three_months_adults", "default", "0980", "2026-07", "total"][0] == "published"
    # a quarter with a month that never came, and a kind of file that a municipality never sends
    for code, measure, quarter, status in (
        ("0180", "activity_directed_4a", "2026-Q3", "not_reported"),
        ("1480", "activity_directed_4a", "2026-Q3", "published"),
        ("1480", "activity_directed_4a", "2026-Q4", "not_reported"),
        ("0980", "support_refused", "2026-Q3", "not_reported"),
    ):
        assert found[measure, "default", code, quarter, "total"][0] == status
    rows = {
        part: found["activity_directed_4a", "default", "1480", "2026-Q3", part][1]
        for key in found if (part := key[4]).startswith(("reason=", "total")) and key[:4] == ("activity_directed_4a", "default", "1480", "2026-Q3")
    }  # fmt: skip
    assert sum(rows.values()) > 2 * rows["total"] > 0
    # the country counts a person of two municipalities once
    one = [
        found["three_months_adults", "default", code, "2026-08", "total"][1]
        for code in ("0180", "0980", "1480")
    ]
    assert found["three_months_adults", "default", "0000", "2026-08", "total"][1] < sum(one)


def test_persons_in_a_measure_are_those_of_its_days_and_a_count_by_hand_is_not_added(
    activity_home: Path, activity_register: RandomRegister
) -> None:
    expected = {}
    for month in range(1, 11):
        first, next_month = date(2026, month, 1), date(2026, month + 1, 1)
        inside = {
            person
            for _, person, begins, ends in draw_measures(activity_register)
            if begins < next_month and (ends is None or ends >= first)
        }
        expected[f"2026-{month:02d}", "register"] = len(inside)
    expected["2026-09", "by_hand"] = 250
    rows = in_release(activity_home, "select period, count_source, persons_count from measure_months")
    assert {row[:2]: row[2] for row in rows} == expected
    assert len(set(expected.values())) > 5
