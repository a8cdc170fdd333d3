"""The parts of the demo generator: month patterns, worked-back counts, test numbers, population."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from personnummer import personnummer as official

from orchestration.demo import build, measures, persons, population, targets
from orchestration.demo.generate import load_assumptions
from orchestration.errors import PlainError
from orchestration.settings import Settings

SETTINGS = Settings(home=Path())
patterns = st.lists(st.booleans(), min_size=60, max_size=60)


def as_bits(pattern: list[bool]) -> np.ndarray:
    return np.array([sum(1 << month for month, aid in enumerate(pattern) if aid)], dtype=np.uint64)


def breaks(pattern: list[bool]) -> list[int]:
    """Lengths of the empty runs between the first and the last month with aid."""
    text = "".join("x" if aid else "." for aid in pattern).strip(".")
    return [len(run) for run in text.split("x") if run]


@given(patterns, st.integers(2, 4))
def test_very_longterm_is_27_of_36_months_without_an_inner_break_over_two(pattern, year):
    window = pattern[12 * (year - 2) : 12 * (year + 1)]
    expected = sum(window) >= 27 and all(run <= 2 for run in breaks(window))
    assert bool(measures.very_longterm(as_bits(pattern), year)[0]) == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("x" * 27 + "." * 9, True),
        ("x" * 26 + "." * 10, False),
        ("x" * 14 + ".." + "x" * 20, True),
        ("x" * 14 + "..." + "x" * 19, False),
        ("x" * 24 + "..x..x..x..x", True),
    ],
)
def test_very_longterm_at_the_edges(window, expected):
    pattern = [False] * 24 + [mark == "x" for mark in window]
    assert bool(measures.very_longterm(as_bits(pattern), 4)[0]) is expected


@given(patterns)
def test_months_and_first_and_last_month_are_those_of_the_pattern(pattern):
    bits, aid = as_bits(pattern), [month for month, has in enumerate(pattern) if has]
    assert [int(measures.months_in_year(bits, year)[0]) for year in range(5)] == [
        sum(pattern[12 * year : 12 * year + 12]) for year in range(5)
    ]
    assert measures.first_month(bits)[0] == (aid[0] if aid else 64)
    assert measures.last_month(bits)[0] == (aid[-1] if aid else -1)


def members(*rows: tuple[int, int, list[int]]) -> dict[str, np.ndarray]:
    """(person, municipality, months) as memberships."""
    return {
        "person": np.array([row[0] for row in rows]),
        "municipality": np.array([row[1] for row in rows]),
        "bits": np.array([sum(1 << month for month in row[2]) for row in rows], dtype=np.uint64),
    }


def test_five_and_five_months_in_two_municipalities_are_longterm_in_the_last_one():
    moved = members((0, 0, [0, 1, 2, 3, 4]), (0, 1, [5, 6, 7, 8, 9]))
    found = measures.measure(moved, np.array([0]), 2, 1)
    assert found["adults"].ravel().tolist() == [1, 1]
    assert found["longterm"].ravel().tolist() == [0, 1]


def test_the_same_last_month_goes_to_more_months_and_then_to_the_lower_code():
    more = members((0, 0, [8, 9]), (0, 1, [0, 1, 2, 3, 4, 5, 6, 7, 9]))
    assert measures.measure(more, np.array([0]), 2, 1)["longterm"].ravel().tolist() == [0, 1]
    equal = members((0, 0, [0, 1, 2, 3, 4, 9]), (0, 1, [5, 6, 7, 8, 0, 9]))
    assert measures.measure(equal, np.array([0]), 2, 1)["longterm"].ravel().tolist() == [1, 0]


def test_a_child_who_turns_18_is_counted_as_adult_from_that_year():
    whole = members((0, 0, list(range(24))))
    found = measures.measure(whole, np.array([1]), 1, 2)
    assert found["longterm_children"].tolist() == [[1, 0]]
    assert found["longterm"].tolist() == [[0, 1]]


def test_a_printed_share_is_met_by_the_counts_inside_its_interval_only():
    printed = targets.Printed(Fraction("26.8"), Fraction(1, 20))
    assert [count for count in range(800) if printed.holds(count, 806)] == list(printed.counts(806)) == [216]
    low, high = printed.bases(216)
    assert low < 806 < high
    assert not targets.Printed(Fraction("16.4"), Fraction(1, 20)).counts(322)


def test_worked_back_counts_keep_adults_children_and_population_together():
    found = targets.work_back(SETTINGS, load_assumptions(SETTINGS))
    assert len(found) == 27 * 5
    for target in found.values():
        assert target.longterm < target.adults
        assert target.longterm_children < target.children < target.child_population
        assert (target.very_longterm or 0) < target.longterm
        share = target.adult_population / (target.adult_population + target.child_population)
        assert 0.72 < share < 0.84
    assert not found["1231", 2017].is_exact
    assert found["1231", 2018].is_exact


@pytest.mark.parametrize("seed", [1, 2])
def test_another_seed_reaches_the_same_counts(seed):
    assumptions = {**load_assumptions(SETTINGS), "seed": seed}
    wanted = targets.work_back(SETTINGS, assumptions)
    register = build.build(wanted, assumptions)
    people = register.people
    found = measures.measure(people.members, people.adult_from, len(register.codes), register.years)
    for (code, year), target in wanted.items():
        if target.is_exact:
            place = register.codes.index(code), year - register.first_year
            assert found["adults"][place] == target.adults
            assert found["longterm"][place] == target.longterm


def test_personnummer_are_unique_test_numbers_that_pass_the_official_check():
    size = 400
    numbers = persons.personnummer(
        np.full(size, 1984),
        np.repeat([2, 3], size // 2),
        np.tile([0, 1], size // 2),
        np.arange(size) % 50 == 0,
    )
    assert len(set(numbers)) == size
    for number, woman in zip(numbers, np.tile([0, 1], size // 2), strict=True):
        parsed = official.parse(str(number))
        assert parsed.is_female() == bool(woman)
        assert 980 <= int(number[8:11]) <= 999


def test_too_many_persons_born_in_a_month_are_refused_in_plain_words():
    with pytest.raises(PlainError, match="Testpersonnumren räcker inte"):
        persons.personnummer(np.full(281, 1984), np.full(281, 2), np.zeros(281, int), np.zeros(281, bool))


@given(st.integers(0, 400_000))
def test_spreading_a_total_over_ages_loses_nobody(total):
    women, _ = population.age_weights()
    counts = population.spread(total, women)
    assert counts.sum() == total
    assert (counts >= 0).all()


def test_the_population_file_has_every_age_and_the_worked_back_totals():
    wanted = targets.work_back(SETTINGS, load_assumptions(SETTINGS))
    header, *lines = population.population_csv(wanted).splitlines()
    assert header == "kommunkod;ar;kon;alder;antal"
    assert len(lines) == 27 * 5 * 2 * 101
    children = [line.split(";") for line in lines if line.startswith("1280;2019;")]
    assert sum(int(row[4]) for row in children if int(row[3]) < 18) == wanted["1280", 2019].child_population
    assert sum(int(row[4]) for row in children if int(row[3]) >= 18) == wanted["1280", 2019].adult_population
