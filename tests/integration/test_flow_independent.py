"""Flow of a delivery set of one's own, compared with the second plain computation and with a library."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib.database import attach, open_database
from tests.fixtures.random_register import YEARS, RandomRegister
from tests.integration.test_independent_computation import AREAS
from tests.oracle import Oracle
from tests.oracle_flow import FlowOracle, index

AREAS_AND_YEARS = [
    (area, year) for area in sorted({area for areas in AREAS.values() for area in areas}) for year in YEARS
]
BREAKDOWNS = ["total", "sex=K", "age=18-19", "age=30-34", "sex=M;age=18-29"]


@pytest.fixture(scope="module")
def oracle(own_register: RandomRegister) -> FlowOracle:
    return FlowOracle(Oracle(own_register.rows, own_register.delivered, AREAS))


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


def test_the_register_holds_the_edges(oracle: FlowOracle) -> None:
    """The comparison is worth something only if the cases are there."""
    entries = [person for people in oracle.all_entries.values() for person in people]
    exits = [person for people in oracle.all_exits.values() for person in people]
    assert len(entries) > 100
    assert len(exits) > 200
    assert len(exits) > len(set(exits))
    assert any(len(oracle.homes[person]) > 1 for person in exits)
    assert any(
        (followed := oracle.returned(area, year)) and 0 < len(followed[1]) < len(followed[0])
        for area, year in AREAS_AND_YEARS
    )
