"""Curves and steps of a delivery set of one's own, compared with the plain computation and with a library.

What stands in `indicator_values` is compared in test_indicators.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from scipy import stats

from orchestration.conformance.plain_flow import PlainFlow
from orchestration.conformance.plain_register import PlainRegister
from orchestration.conformance.plain_values import PlainValues
from orchestration.conformance.terms import load_terms
from orchestration.database import attach, open_database
from orchestration.settings import load_settings
from tests.fixtures.asking import released
from tests.fixtures.random_register import YEARS, RandomRegister

SPELLS = {"spell:gap2": 2, "spell:gap0": 0}
FOLLOWED = 36
AREAS = (
    "0000", "0180", "0184", "0980", "1231", "1280", "lan:01", "lan:09", "lan:12", "skr:A1", "skr:A2", "skr:C6",
)  # fmt: skip
AREAS_AND_YEARS = [(area, year) for area in AREAS for year in YEARS]


@pytest.fixture(scope="module")
def values(own_register: RandomRegister) -> PlainValues:
    terms = load_terms(load_settings())
    register = PlainRegister(own_register.rows, own_register.delivered, terms.areas)
    return PlainValues(register, terms, {})


@pytest.fixture(scope="module")
def flow(values: PlainValues) -> PlainFlow:
    return values.flow.flow


def _read(home: Path, columns: str, table: str) -> dict[tuple, list[tuple]]:
    """Rows of a released table by their first three columns, in order."""
    with open_database() as connection:
        attach(connection, released(home) / "indicators.duckdb", "release")
        rows = connection.execute(f"select {columns} from release.marts.{table} order by all").fetchall()
    found = defaultdict(list)
    for row in rows:
        found[row[:3]].append(row[3:])
    return found


@pytest.fixture(scope="module")
def curves(own_home: Path) -> dict[tuple, list[tuple]]:
    columns = (
        "definition_id, geography_id, entry_year, month_since_entry, at_risk_count, ended_by_count, censored_by_count, "
        "survival_share, value_status"
    )
    return _read(own_home, columns, "duration_curves")


@pytest.fixture(scope="module")
def steps(own_home: Path) -> dict[tuple, list[tuple]]:
    columns = (
        "definition_id, geography_id, period_year, from_reason, to_reason, adults_count, from_adults_count, "
        "value_status"
    )
    return _read(own_home, columns, "reason_transitions")


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
@pytest.mark.parametrize("definition_id", SPELLS)
def test_the_duration_curve_is_that_of_a_library(
    definition_id: str, area: str, year: int, flow: PlainFlow, curves: dict
) -> None:
    spells = flow.durations(area, year, SPELLS[definition_id], FOLLOWED)
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
        assert ended == len([m for m, c in zip(followed, censored, strict=True) if m <= month and not c])
        assert lost == len([m for m, c in zip(followed, censored, strict=True) if m <= month and c])
        assert survival == pytest.approx(float(expected.evaluate(month)))


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
@pytest.mark.parametrize("definition_id", SPELLS)
def test_steps_between_reasons(
    definition_id: str, area: str, year: int, values: PlainValues, steps: dict
) -> None:
    found = steps[definition_id, area, year]
    assert len(found) == len(values.terms.categories) ** 2
    expected = values.flow.flow.reason_steps(area, year, SPELLS[definition_id])
    if expected is None:
        assert {row[2:] for row in found} == {(None, None, "not_reported")}
        return
    for before, after, adults, followed, status in found:
        assert adults == len([person for person, pairs in expected.items() if (before, after) in pairs])
        assert followed == len(
            [person for person, pairs in expected.items() if any(pair[0] == before for pair in pairs)]
        )
        assert status == ("published" if followed else "not_applicable")


def test_the_register_holds_the_edges(flow: PlainFlow) -> None:
    """The comparison is worth something only if the cases are there."""
    entries = [person for people in flow.all_entries.values() for person in people]
    exits = [person for people in flow.all_exits.values() for person in people]
    assert len(entries) > 100
    assert len(exits) > 200
    assert len(exits) > len(set(exits))
    assert any(len(flow.register.persons[person].months) > 1 for person in exits)
    spells = [spell for year in YEARS for spell in flow.durations("0000", year, 2, FOLLOWED) or []]
    assert {is_ended for _, is_ended in spells} == {True, False}
    assert len({months for months, _ in spells}) > 10
    assert any(
        (followed := flow.returned(area, year)) and 0 < len(followed[1]) < len(followed[0])
        for area, year in AREAS_AND_YEARS
    )
