"""Flow of a delivery set of one's own, compared with the second plain computation and with a library."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from scipy import stats

from orchestration.lib.database import attach, open_database
from orchestration.settings import load_settings
from tests.fixtures.random_register import YEARS, RandomRegister
from tests.oracle import AREAS, REASON_ORDER, Oracle
from tests.oracle_flow import FlowOracle, index

SPELLS = {"spell:gap2": 2, "spell:gap0": 0}
FOLLOWED = 36

AREAS_AND_YEARS = [
    (area, year) for area in sorted({area for areas in AREAS.values() for area in areas}) for year in YEARS
]
BREAKDOWNS = ["total", "sex=K", "age=18-19", "age=30-34", "sex=M;age=18-29"]


@pytest.fixture(scope="module")
def oracle(own_register: RandomRegister) -> FlowOracle:
    seed = load_settings().reference_seeds / "reason_categories.csv"
    with seed.open(encoding="utf-8") as file:
        categories = {row["reason_code"]: row["publication_category"] for row in csv.DictReader(file)}
    rows = [
        replace(row, reason=row.reason and categories.get(row.reason, "okand_kod"))
        for row in own_register.rows
    ]
    return FlowOracle(Oracle(rows, own_register.delivered, AREAS))


@pytest.fixture(scope="module")
def values(own_home: Path) -> dict[tuple, tuple]:
    with open_database() as connection:
        attach(connection, own_home / "published" / "current" / "indicators.duckdb", "release")
        rows = connection.execute(
            "select indicator_id, geography_id, period, breakdown, numerator, denominator, value, value_status "
            "from release.marts.indicator_values "
            "where indicator_id in ('entries', 'exits', 'month10_share', 'return_share_12m')"
        ).fetchall()
    return {row[:4]: row[4:] for row in rows}


@pytest.fixture(scope="module")
def curves(own_home: Path) -> dict[tuple, list[tuple]]:
    with open_database() as connection:
        attach(connection, own_home / "published" / "current" / "indicators.duckdb", "release")
        rows = connection.execute(
            "select definition_id, geography_id, entry_year, month_since_entry, at_risk_count, ended_count, "
            "censored_count, survival_share, value_status from release.marts.duration_curves order by all"
        ).fetchall()
    found = defaultdict(list)
    for row in rows:
        found[row[:3]].append(row[3:])
    return found


def _chosen(oracle: FlowOracle, events: list, year: int, breakdown: str) -> int:
    kept = oracle.oracle.in_breakdown({person for person, _ in events}, year, breakdown)
    return len([person for person, _ in events if person in kept])


def _check_count(answer: tuple, events: list | None, oracle: FlowOracle, year: int, breakdown: str) -> None:
    if events is None:
        assert answer == (None, None, None, "not_reported")
    else:
        count = _chosen(oracle, events, year, breakdown)
        assert answer == (count, None, count, "published")


def _check_share(answer: tuple, counts: tuple[int, int] | None) -> None:
    if counts is None:
        assert answer == (None, None, None, "not_reported")
    elif counts[1] == 0:
        assert answer[3] == "not_applicable"
    else:
        assert answer == (*counts, pytest.approx(counts[0] / counts[1]), "published")


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
def test_beginnings_and_ends(area: str, year: int, oracle: FlowOracle, values: dict) -> None:
    periods = {str(year): [index(year, month) for month in range(1, 13)]}
    periods |= {f"{year}-{month:02d}": [index(year, month)] for month in range(1, 13)}
    for period, months in periods.items():
        for breakdown in BREAKDOWNS:
            if len(months) == 1 and ";" in breakdown:
                assert ("entries", area, period, breakdown) not in values
                continue
            entries = oracle.entries(area, months)
            _check_count(values["entries", area, period, breakdown], entries, oracle, year, breakdown)
            exits = oracle.exits(area, months)
            _check_count(values["exits", area, period, breakdown], exits, oracle, year, breakdown)
            if len(months) == 1 and "age" in breakdown:
                continue
            followed = oracle.month10(area, months)
            counts = followed and tuple(
                _chosen(oracle, events, year, breakdown) for events in reversed(followed)
            )
            _check_share(values["month10_share", area, period, breakdown], counts)


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
def test_return_within_a_year(area: str, year: int, oracle: FlowOracle, values: dict) -> None:
    for breakdown in BREAKDOWNS:
        followed = oracle.returned(area, year)
        counts = followed and tuple(
            len(oracle.oracle.in_breakdown(set(persons), year, breakdown)) for persons in reversed(followed)
        )
        _check_share(values["return_share_12m", area, str(year), breakdown], counts)


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
@pytest.mark.parametrize("definition_id", SPELLS)
def test_the_duration_curve_is_that_of_a_library(
    definition_id: str, area: str, year: int, oracle: FlowOracle, curves: dict
) -> None:
    spells = oracle.durations(area, year, SPELLS[definition_id], FOLLOWED)
    curve = curves[definition_id, area, year]
    assert [row[0] for row in curve] == list(range(FOLLOWED + 1))
    if spells is None:
        assert {row[1:] for row in curve} == {(None, None, None, None, "not_reported")}
        return
    followed = [months for months, _ in spells]
    censored = [not is_ended for _, is_ended in spells]
    expected = stats.ecdf(stats.CensoredData.right_censored(followed, censored)).sf if spells else None
    # the curve ends with the longest spell, unless that spell ended too: then nobody is left, and that is known
    is_left = any(months == max(followed) for months, is_ended in spells if not is_ended)
    for month, at_risk, ended, lost, survival, status in curve:
        if not spells or (month > max(followed) and is_left):
            assert status == ("not_reported" if spells else "not_applicable")
            continue
        assert status == "published"
        assert at_risk == len([m for m in followed if m >= month])
        assert ended == len([m for m, c in zip(followed, censored, strict=True) if m == month and not c])
        assert lost == len([m for m, c in zip(followed, censored, strict=True) if m == month and c])
        assert survival == pytest.approx(float(expected.evaluate(month)))


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
@pytest.mark.parametrize("definition_id", SPELLS)
def test_steps_between_reasons(
    definition_id: str, area: str, year: int, oracle: FlowOracle, own_home: Path
) -> None:
    with open_database() as connection:
        attach(connection, own_home / "published" / "current" / "indicators.duckdb", "release")
        steps = connection.execute(
            "select from_reason, to_reason, adults_count, from_adults_count, value_status "
            "from release.marts.reason_transitions "
            "where definition_id = ? and geography_id = ? and period_year = ?",
            [definition_id, area, year],
        ).fetchall()
        changed = connection.execute(
            "select breakdown, numerator, denominator, value, value_status from release.marts.indicator_values "
            "where indicator_id = 'reason_changed_share' and definition_id = ? and geography_id = ? and period = ?",
            [definition_id, area, str(year)],
        ).fetchall()
    expected = oracle.reason_steps(area, year, SPELLS[definition_id], REASON_ORDER)
    assert len(steps) == len(REASON_ORDER) ** 2
    if expected is None:
        assert {row[2:] for row in steps} == {(None, None, "not_reported")}
        return
    for before, after, adults, followed, status in steps:
        assert adults == len([person for person, pairs in expected.items() if (before, after) in pairs])
        assert followed == len(
            [person for person, pairs in expected.items() if any(pair[0] == before for pair in pairs)]
        )
        assert status == ("published" if followed else "not_applicable")
    moved = {person for person, pairs in expected.items() if any(before != after for before, after in pairs)}
    answers = {row[0]: row[1:] for row in changed}
    for breakdown in BREAKDOWNS:
        counts = tuple(
            len(oracle.oracle.in_breakdown(persons, year, breakdown)) for persons in (moved, set(expected))
        )
        _check_share(answers[breakdown], counts)


def test_the_register_holds_the_edges(oracle: FlowOracle) -> None:
    """The comparison is worth something only if the cases are there."""
    entries = [person for people in oracle.all_entries.values() for person in people]
    exits = [person for people in oracle.all_exits.values() for person in people]
    assert len(entries) > 100
    assert len(exits) > 200
    assert len(exits) > len(set(exits))
    assert any(len(oracle.homes[person]) > 1 for person in exits)
    spells = [spell for year in YEARS for spell in oracle.durations("0000", year, 2, FOLLOWED) or []]
    assert {is_ended for _, is_ended in spells} == {True, False}
    assert len({months for months, _ in spells}) > 10
    assert any(
        (followed := oracle.returned(area, year)) and 0 < len(followed[1]) < len(followed[0])
        for area, year in AREAS_AND_YEARS
    )
