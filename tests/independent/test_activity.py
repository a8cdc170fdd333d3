"""The activity requirement: a register of its months, by one command to a release, beside the plain computation."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from orchestration.conformance.answers import Key, PlainFigure
from orchestration.conformance.plain_register import PlainRegister
from orchestration.conformance.plain_values import PlainValues
from orchestration.conformance.terms import load_terms
from orchestration.settings import load_settings
from tests.fixtures.activity_events import draw_events, draw_measures
from tests.fixtures.asking import in_profile, in_release
from tests.fixtures.commands import bistand
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
    delivering: dict[str, dict[str, tuple[int, int]]] = {"activities": {}, "reductions": {}}
    for one in sorted(events, key=lambda one: one.day):
        kind = "activities" if one.kind == "directed" else "reductions"
        delivering[kind].setdefault(one.municipality, (one.day.year, one.day.month))
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


@pytest.fixture(scope="module")
def public_activity_home(kept, activity_home: Path) -> Path:
    def publish(home: Path) -> None:
        shutil.copytree(activity_home, home, symlinks=True, dirs_exist_ok=True)
        ended = bistand(home, "run", "--profile", "public", "--rebuild")
        assert ended.returncode == 0, ended.stdout + ended.stderr

    return kept("public_activity", publish)


def test_a_public_release_shows_none_of_the_small_counts(
    expected: dict[Key, PlainFigure], public_activity_home: Path
) -> None:
    """0 to 7 are a band, others the nearest 5; exempt, and each of refused and reduced, are left out whole."""
    left_out = ("three_months_exempt_seen", "support_refused", "support_reduced")
    rows = in_profile(
        public_activity_home,
        "public",
        "select indicator_id, definition_id, geography_id, period, breakdown, value_status, numerator, denominator "
        f"from indicator_values where indicator_id in {IDS}",
    )
    shown = {row[:5]: row[5:] for row in rows}
    assert {key for key in shown if key[0] in left_out or "registered_reason=" in key[4]} == set()
    counts = {}
    for key, (status, numerator, _) in expected.items():
        if key[0] in left_out or "registered_reason=" in key[4]:
            continue
        found = shown[key]
        if key[0] == "directed_share":
            assert found[0] != "published" or (found[1] > 7 and found[2] >= 20), key
        elif status != "published":
            assert found == (status, None, None), key
        else:
            rounded = None if numerator <= 7 else 5 * round(numerator / 5)
            assert found[:2] == ("suppressed" if rounded is None else status, rounded), key
            counts[key] = (numerator, rounded)
    assert {0, 7, 8} <= {numerator for numerator, _ in counts.values()}

    measures = [one for one in IDS if one.startswith(("activity_", "support_"))]
    columns = ", ".join(f"{one}_count, {one}_status" for one in measures)
    quarters = in_profile(
        public_activity_home,
        "public",
        f"select geography_id, period, case reason_level when 'total' then 'total' else 'reason=' || reason end, {columns} from activity_quarters",
    )
    for geography, period, breakdown, *cells in quarters:
        for measure, count, status in zip(measures, cells[::2], cells[1::2], strict=True):
            key = (measure, "default", geography, period, breakdown)
            if measure in left_out:
                assert (count, status) == (None, "not_applicable"), key
            else:
                assert (status, count) == shown[key][:2], key
    groups = {}
    for geography, period, breakdown, *_ in quarters:
        groups.setdefault((geography, period), set()).add(breakdown)
    assert len({frozenset(one) for one in groups.values()}) == 1
