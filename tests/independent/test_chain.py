"""Need, measure, exit and return: the tables of the release beside a plain computation over the rows, person by person."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from orchestration.conformance.terms import load_terms
from orchestration.settings import load_settings
from tests.fixtures.activity_events import draw_measures
from tests.fixtures.asking import in_release
from tests.fixtures.random_register import RandomRegister

CODE = "0980"  # the only one that delivers measures
EMPTY, RETURN = 3, 12
KIND = "okand_insats"  # what its measures are called is in no list


def index(year: int, month: int) -> int:
    return year * 12 + month - 1


def month_of(day: date) -> int:
    return index(day.year, day.month)


@pytest.fixture(scope="module")
def measures(activity_register: RandomRegister) -> dict[str, list[tuple[int, int | None]]]:
    """First and last month of the measures of each person, those of the same day once."""
    found: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for _, person, first, last in draw_measures(activity_register):
        found[person].append((month_of(first), None if last is None else month_of(last)))
    return found


@pytest.fixture(scope="module")
def known(activity_register: RandomRegister, measures) -> set[int]:
    """Months that the municipality delivered, from the first that it delivered measures for."""
    begin = min(first for several in measures.values() for first, _ in several)
    return {
        index(year, month)
        for code, year, month in activity_register.delivered
        if code == CODE and index(year, month) >= begin
    }


@pytest.fixture(scope="module")
def reasons(activity_register: RandomRegister, known) -> dict[tuple[str, int], set[str]]:
    """Publication categories of each adult and month; blank only where nothing else is stated."""
    terms = load_terms(load_settings())
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in activity_register.rows:
        if (
            row.municipality == CODE
            and row.role != "BARN"
            and row.year - row.born >= 18
            and index(row.year, row.month) in known
        ):
            found[row.person, index(row.year, row.month)].add(terms.category(row.reason))
    return {key: value - {"uppgift_saknas"} or value for key, value in found.items()}


def test_need_and_measures_are_those_of_the_plain_computation(activity_home: Path, reasons, measures) -> None:
    expected: Counter[tuple[str, str, str]] = Counter()
    for (person, month), stated in reasons.items():
        is_in = any(
            first <= month and (last is None or month <= last) for first, last in measures.get(person, [])
        )
        period = f"{month // 12}-{month % 12 + 1:02d}"
        for reason in (*stated, "alla"):
            for kind in (KIND if is_in else "ingen_insats", "alla"):
                expected[period, reason, kind] += 1
    rows = in_release(
        activity_home,
        f"select period, reason, measure_kind, adults_count, adults_share from measure_needs where geography_id = '{CODE}'",
    )
    assert {row[:3]: row[3] for row in rows} == expected
    for period, reason, _, count, share in rows:
        assert share == pytest.approx(count / expected[period, reason, "alla"])
    assert len({kind for _, _, kind in expected}) == 3


def spells_of(activity_register, reasons, measures, known) -> list[dict]:
    """The spells that are seen to begin, with what became of them."""
    delivered = {index(year, month) for code, year, month in activity_register.delivered if code == CODE}
    months: dict[str, list[int]] = defaultdict(list)
    for person, month in sorted(reasons):
        months[person].append(month)
    found = []
    for person, own in months.items():
        runs: list[list[int]] = []
        for month in own:
            is_same = (
                runs
                and month - runs[-1][-1] <= EMPTY
                and all(one in delivered for one in range(runs[-1][-1], month))
            )
            if is_same:
                runs[-1].append(month)
            else:
                runs.append([month])
        for place, run in enumerate(runs):
            first, last = run[0], run[-1]
            if not all(one in known for one in range(first - EMPTY, first)):
                continue
            end_of_run = last
            while end_of_run + 1 in delivered:
                end_of_run += 1
            later = runs[place + 1][0] if place + 1 < len(runs) and runs[place + 1][0] <= end_of_run else None
            is_ended = last + EMPTY <= end_of_run
            begun = sorted(start for start, _ in measures.get(person, []))
            during = [start for start in begun if first <= start <= last]
            found.append(
                {
                    "reasons": reasons[person, first],
                    "before": any(start < first for start in begun),
                    "during": bool(during),
                    "waiting": during[0] - first if during else None,
                    "after": is_ended and any(last < start < (later or end_of_run + 1) for start in begun),
                    "ended": is_ended,
                    "followed": last - first + 1
                    if is_ended
                    else max(end_of_run - EMPTY, first - 1) - first + 1,
                    "return_known": is_ended and last + RETURN <= end_of_run,
                    "returned": is_ended and later is not None and later - last <= RETURN,
                }
            )
    return found


def test_spells_with_their_measures_are_those_of_the_plain_computation(
    activity_home: Path, activity_register, reasons, measures, known
) -> None:
    spells = spells_of(activity_register, reasons, measures, known)
    [row] = in_release(
        activity_home,
        "select spells_count, measure_before_count, measure_during_count, measure_after_count, ended_count, return_known_count, "
        f"returned_count, waiting_months_mean, returned_share from measure_chains where geography_id = '{CODE}' and reason = 'alla' and measure_kind = 'alla'",
    )
    waited = [one["waiting"] for one in spells if one["waiting"] is not None]
    assert row[:7] == (
        len(spells),
        *(
            sum(one[name] for one in spells)
            for name in ("before", "during", "after", "ended", "return_known")
        ),
        sum(one["return_known"] and one["returned"] for one in spells),
    )
    assert row[7] == pytest.approx(sum(waited) / len(waited))
    assert row[8] == (pytest.approx(row[6] / row[5]) if row[5] else None)
    assert min(row[:5]) > 0


def test_the_share_ended_is_that_of_the_plain_computation(
    activity_home: Path, activity_register, reasons, measures, known
) -> None:
    spells = [one for one in spells_of(activity_register, reasons, measures, known) if one["followed"] > 0]
    left, share, expected = 1.0, 0.0, []
    for month in range(1, max(one["followed"] for one in spells) + 1):
        at_risk = [one for one in spells if one["followed"] >= month]
        ended = sum(one["ended"] and one["followed"] == month for one in at_risk)
        share += left * ended / len(at_risk)
        left *= 1 - ended / len(at_risk)
        expected.append((month, len(at_risk), ended, pytest.approx(share), pytest.approx(left)))
    rows = in_release(
        activity_home,
        "select months_since_start, at_risk_count, ended_count, ended_share, remaining_share from measure_exit_curves "
        f"where geography_id = '{CODE}' and measure_kind = 'alla' and exit_reason = 'alla' order by 1",
    )
    assert rows == expected
