"""The last step of the calibration: households that fill what is missing, exactly.

Three kinds of single applicants, each of which changes few counts: several whole years (very long-term), one
whole year (long-term), a few months of one year. Then children are added to households of the year.
"""

from __future__ import annotations

import numpy as np

from orchestration.demo import households as hh
from orchestration.demo.measures import measure, months_in_year, year_mask
from orchestration.errors import PlainError

MEASURES = ("adults", "longterm", "very_longterm", "children", "longterm_children")


def whole_years(rng: np.random.Generator, first: int, last: int, count: int) -> np.ndarray:
    """Aid in every year first..last, 11–12 months in each."""
    bits = np.full(count, sum(0xFFF << 12 * year for year in range(first, last + 1)), dtype=np.uint64)
    for year in range(first, last + 1):
        pause = rng.integers(1, 11, size=count).astype(np.uint64) + np.uint64(12 * year)
        bits &= ~((rng.random(count) < 0.25).astype(np.uint64) << pause)
    return bits


def part_of_year(rng: np.random.Generator, year: int, shortest: int, longest: int, count: int) -> np.ndarray:
    """A run of months within one year."""
    length = rng.integers(shortest, longest + 1, size=count)
    start = (rng.random(count) * (13 - length)).astype(np.int64) + 12 * year
    return ((np.uint64(1) << length.astype(np.uint64)) - np.uint64(1)) << start.astype(np.uint64)


class Closer:
    """Fills the residuals of one municipality; `missing[measure]` is an array by year (0 where free)."""

    def __init__(self, rng, people: hh.People, municipality: int, missing: dict[str, np.ndarray]):
        self.rng, self.people, self.municipality, self.missing = rng, people, municipality, missing

    def add_singles(self, bits: np.ndarray) -> None:
        people = self.people
        households = people.new_households(len(bits))
        people.join(
            people.new_persons(len(bits), hh.ALWAYS_ADULT), households, self.municipality, hh.RL, bits
        )

    def close_adults(self, years: int) -> None:
        """Very long-term first, then long-term, then short: each later step leaves the earlier counts alone."""
        for first, last, count in very_longterm_spans(self.missing["very_longterm"]):
            self.missing["adults"][first : last + 1] -= count
            self.missing["longterm"][first : last + 1] -= count
            self.add_singles(whole_years(self.rng, first, last, count))
        for year in range(years):
            whole_year = max(int(self.missing["longterm"][year]), 0)
            self.missing["adults"][year] -= whole_year
            self.add_singles(part_of_year(self.rng, year, 10, 12, whole_year))
            self.add_singles(part_of_year(self.rng, year, 1, 9, max(int(self.missing["adults"][year]), 0)))

    def close_children(self, years: int) -> None:
        for year in range(years):
            whole_year = max(int(self.missing["longterm_children"][year]), 0)
            few_months = max(int(self.missing["children"][year]) - whole_year, 0)
            self._add_children(year, whole_year, 10)
            self._add_children(year, few_months, 1)

    def _add_children(self, year: int, count: int, months: int) -> None:
        """Children for a year in households that have aid then; single-year households first, up to five each."""
        members = self.people.members
        own = months_in_year(members["bits"], year)
        right = (own >= months) & ((own <= 9) | (months == 10))
        able = np.flatnonzero(right & (members["municipality"] == self.municipality) & self._is_adult_head())
        if not count:
            return
        is_single_year = (members["bits"][able] & ~year_mask(year)) == 0
        order = np.lexsort((self.rng.random(len(able)), ~is_single_year))
        able = able[order]
        takes = np.minimum(hh.spread_counts(self.rng, [0.4, 0.35, 0.17, 0.08], len(able)), 4)
        if takes.sum() < count:
            takes[:] = -(-count // max(len(able), 1))
        home = np.repeat(able, takes)[:count]
        if len(home) < count:
            raise PlainError(
                "Demoregistret kan inte fyllas: för få hushåll för barnen; ändra demo_register.yml."
            )
        people = self.people
        bits = members["bits"][home] & year_mask(year)
        children = people.new_persons(count, hh.NEVER_ADULT)
        people.join(children, members["household"][home], self.municipality, hh.BARN, bits)

    def _is_adult_head(self) -> np.ndarray:
        members = self.people.members
        return (members["role"] == hh.RL) & (self.people.adult_from[members["person"]] == hh.ALWAYS_ADULT)


def very_longterm_spans(missing: np.ndarray) -> list[tuple[int, int, int]]:
    """How many households of which whole years (first, last, count) fill the very long-term residual."""
    left, spans = np.maximum(missing, 0), []
    for first_end, last_end in ((2, 4), (2, 3), (3, 4), (2, 2), (3, 3), (4, 4)):
        count = int(left[first_end : last_end + 1].min())
        left[first_end : last_end + 1] -= count
        spans.append((first_end - 2, last_end, count))
    return spans


def shortfall(missing: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """By how much one municipality is already too full to be closed exactly (0 where it can be)."""
    adults, longterm = missing["adults"].copy(), missing["longterm"].copy()
    for first, last, count in very_longterm_spans(missing["very_longterm"]):
        adults[first : last + 1] -= count
        longterm[first : last + 1] -= count
    return {
        "very_longterm": np.maximum(-missing["very_longterm"], 0),
        "longterm": np.maximum(-longterm, 0),
        "adults": np.maximum(np.maximum(longterm, 0) - adults, 0),
        "longterm_children": np.maximum(-missing["longterm_children"], 0),
        "children": np.maximum(np.maximum(missing["longterm_children"], 0) - missing["children"], 0),
    }


def residuals(people: hh.People, wanted: dict[str, np.ndarray], is_exact: dict[str, np.ndarray]):
    """What is missing, shape (municipalities, years); very long-term counts as met where nothing is printed."""
    found = measure(people.members, people.adult_from, *wanted["adults"].shape)
    missing = {name: wanted[name] - found[name] for name in MEASURES}
    missing["very_longterm"] = np.where(is_exact["very_longterm"], missing["very_longterm"], 0)
    return missing


def close(rng, people: hh.People, wanted: dict[str, np.ndarray], is_exact: dict[str, np.ndarray]) -> None:
    """Add households and children until every exact (municipality, year) count equals `wanted`."""
    municipalities, years = wanted["adults"].shape
    missing = residuals(people, wanted, is_exact)
    for municipality in range(municipalities):
        closer = Closer(rng, people, municipality, {name: missing[name][municipality] for name in MEASURES})
        closer.close_adults(years)
        closer.close_children(years)
    missing = residuals(people, wanted, is_exact)
    wrong = [name for name in MEASURES if (missing[name] != 0)[is_exact[name]].any()]
    if wrong:
        raise PlainError(
            f"Demoregistret når inte tabellernas tal för {', '.join(wrong)}; ändra data/catalog/demo_register.yml."
        )
