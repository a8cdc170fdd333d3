"""A delivery set of one's own, by one command to a release, compared with the plain computation of every indicator.

The plain computation is given the rows as they were drawn, not as the vault holds them, so the intake is between.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.conformance.plain_register import PlainRegister
from orchestration.conformance.plain_values import Key, PlainFigure, PlainValues
from orchestration.conformance.terms import load_terms
from orchestration.database import attach, open_database
from orchestration.settings import load_settings
from tests.fixtures.asking import released
from tests.fixtures.commands import bistand
from tests.fixtures.random_register import MUNICIPALITIES, YEARS, RandomRegister


@pytest.fixture(scope="module")
def expected(own_register: RandomRegister) -> dict[Key, PlainFigure]:
    terms = load_terms(load_settings())
    register = PlainRegister(
        own_register.rows, own_register.delivered, terms.areas, own_register.exits, own_register.exit_months
    )
    cells = {(sex, age): 10 for sex in "KM" for age in range(101)}
    population = {
        (municipality, year): {cell: count + place for cell, count in cells.items()}
        for place, municipality in enumerate(MUNICIPALITIES)
        for year in YEARS
    }
    return PlainValues(register, terms, population).answers(register.geographies)


@pytest.fixture(scope="module")
def found(own_home: Path) -> dict[Key, PlainFigure]:
    with open_database() as connection:
        attach(connection, released(own_home) / "indicators.duckdb", "release")
        rows = connection.execute(
            "select indicator_id, definition_id, geography_id, period, breakdown, value_status, numerator, denominator "
            "from release.marts.indicator_values"
        ).fetchall()
    return {row[:5]: row[5:] for row in rows}


def test_every_value_is_that_of_the_plain_computation(
    expected: dict[Key, PlainFigure], found: dict[Key, PlainFigure]
) -> None:
    differing = [
        (key, found.get(key), answer)
        for key, answer in expected.items()
        if key not in found or found[key] != pytest.approx(answer)
    ]
    assert differing[:5] == []


def test_the_release_has_no_value_that_the_plain_computation_lacks(
    expected: dict[Key, PlainFigure], found: dict[Key, PlainFigure]
) -> None:
    assert [key for key in found if key not in expected][:5] == []


def test_the_register_meets_the_edges(found: dict[Key, PlainFigure]) -> None:
    """A comparison of nothing but zeros would prove nothing."""

    def largest(indicator: str, definition: str, part: str) -> float:
        return max(
            answer[1] or 0
            for key, answer in found.items()
            if key[:2] == (indicator, definition) and part in key[4]
        )

    assert largest("longterm_adults", "longterm_rolling12:default", "total") > 10
    assert largest("break_rule_differs_adults", "very_longterm:window", "total") > 0
    assert largest("longterm_adults_share_recipients", "longterm:person_wide", "district=Söder, väst-ny") > 0
    assert largest("reason_share", "reason:any", "reason=pension_aldreforsorjningsstod") > 0
    assert largest("sick_without_benefit_share", "reason:any", "total") > 0
    assert largest("reason_share", "reason:most_frequent", "children=med_barn;reason=arbetslos") > 0
    assert largest("duration_share", "default", "sex=K;duration=4-9") > 0
    for indicator in ("entries", "exits", "month10_share", "return_share_12m"):
        assert largest(indicator, "default", "total") > 0
    assert largest("reason_changed_share", "spell:gap0", "sex=M;age=18-29") > 0
    assert largest("exit_reason_share", "default", "exit_reason=arbete") > 0
    assert {
        answer[0] for key, answer in found.items() if key[0] == "exit_reason_share" and key[2] == "1280"
    } >= {"published", "not_reported"}
    assert {answer[0] for answer in found.values()} >= {"published", "not_reported", "not_applicable"}


@pytest.mark.parametrize("area", ["0180", "0980", "1231", "lan:12", "skr:A1", "0000"])
def test_the_rolling_measure_in_december_is_that_of_the_year(
    area: str, found: dict[Key, PlainFigure]
) -> None:
    for year in YEARS:
        for part in ("total", "sex=K", "sex=M"):
            for indicator in ("longterm_adults", "longterm_adults_share_recipients"):
                rolling = found[indicator, "longterm_rolling12:default", area, f"{year}-12", part]
                assert rolling == found[indicator, "longterm:person_wide", area, str(year), part]


def test_check_definitions_agrees_and_says_so(own_home: Path) -> None:
    ended = bistand(own_home, "check-definitions", "--all")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "OLIKA" not in ended.stdout
    assert "Alla " in ended.stdout
