"""What stands on the rows besides who and when: reasons for need and amounts. All assumptions in the catalogue."""

from __future__ import annotations

import numpy as np

from orchestration.demo import households as hh
from orchestration.demo.measures import first_month

MAX_SEGMENTS = 8
AGE_GROUPS = ((18, "age_18_24"), (25, "age_25_44"), (45, "age_45_64"), (65, "age_65"))


class Reasons:
    """The reasons of every adult: a sequence of segments, each with a first and sometimes a second reason.

    `codes` are the registration slugs followed by the unknown codes; index -1 is blank.
    """

    def __init__(self, rng: np.random.Generator, register, persons, assumptions: dict):
        self.config = assumptions["reasons"]
        self.slugs = list(self.config["weights"])
        self.codes = self.slugs + self.config["unknown_codes"]
        self.unemployed = [index for index, slug in enumerate(self.slugs) if slug.startswith("arbetslos_")]
        size, months = len(persons.sex), register.years * 12
        changes = rng.random((size, months)) < self.config["change_per_month"]
        changes[:, 0] = False
        self.segment = np.minimum(np.cumsum(changes, axis=1), MAX_SEGMENTS - 1).astype(np.uint8)
        starts = np.stack([(self.segment < number).sum(axis=1) for number in range(MAX_SEGMENTS)], axis=1)
        starts = np.maximum(starts, first_month(persons.bits)[:, None].astype(np.int64))
        year = np.minimum(starts // 12, register.years - 1)
        self.first = self._draw(rng, register, persons, year)
        other = self._draw(rng, register, persons, year)
        has_second = (rng.random(other.shape) < self.config["second_reason_share"]) & (other != self.first)
        self.second = np.where(has_second, other, -1)
        self.chance = rng.random(self.first.shape)
        self.unknown = rng.integers(len(self.slugs), len(self.codes), size=self.first.shape)

    def _draw(self, rng, register, persons, year: np.ndarray) -> np.ndarray:
        """A reason index for each (person, segment), by sex, age, duration and year."""
        tables = self._tables(register.years)
        age = register.first_year + year - persons.birth_year[:, None]
        age_group = np.searchsorted([start for start, _ in AGE_GROUPS], age, side="right") - 1
        is_long = (np.bitwise_count(persons.bits) >= 18).astype(np.int64)
        group = (persons.sex[:, None] * len(AGE_GROUPS) + np.maximum(age_group, 0)) * 2 + is_long[:, None]
        group = group * register.years + year
        drawn = np.empty(group.shape, dtype=np.int16)
        draw = rng.random(group.shape)
        for number in np.unique(group):
            here = group == number
            drawn[here] = np.searchsorted(tables[number], draw[here], side="right")
        return np.minimum(drawn, len(self.slugs) - 1)

    def _tables(self, years: int) -> list[np.ndarray]:
        """Cumulative probabilities by sex (0 man, 1 woman), age group, duration and year."""
        factors, tables = self.config["factors"], []
        for sex in ("men", "women"):
            for _, age in AGE_GROUPS:
                for is_long in (False, True):
                    for year in range(years):
                        weight = np.array([float(value) for value in self.config["weights"].values()])
                        weight *= self._factor(factors[sex]) * self._factor(factors[age])
                        weight *= self._factor(factors["longterm"]) if is_long else 1.0
                        weight *= self._factor(self.config["yearly_factors"]) ** year
                        tables.append(np.cumsum(weight / weight.sum()))
        return tables

    def _factor(self, factors: dict[str, float]) -> np.ndarray:
        return np.array(
            [
                next((float(value) for start, value in factors.items() if slug.startswith(start)), 1.0)
                for slug in self.slugs
            ]
        )

    def rows(self, code: str, person: np.ndarray, month: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First and second reason of adult rows as indices into `codes` (-1 blank), with the municipality's habits."""
        segment = self.segment[person, month]
        first, second = (
            self.first[person, segment].astype(np.int64),
            self.second[person, segment].astype(np.int64),
        )
        chance = self.chance[person, segment]
        blank = self.config["municipality_blank_share"].get(code, self.config["blank_share"])
        bias = self.config["municipality_unemployed_bias"].get(code, 0.0)
        # the same number decides all habits, each from its own end, so that they do not meet
        habit = (chance > 1 - bias) & ~np.isin(first, self.unemployed)
        first = np.where(habit, self.unemployed[0], first)
        unknown = (chance >= blank) & (chance < blank + self.config["unknown_code_share"])
        first = np.where(unknown, self.unknown[person, segment], first)
        first = np.where(chance < blank, -1, first)
        return first, np.where((first >= 0) & (second != first), second, -1)


def household_types(role, household_month, size, head_is_woman, head_is_child) -> np.ndarray:
    """Household type of each household-month from its members: 1, 3–8 (there is no 2)."""
    partners = np.bincount(household_month[role == hh.MS], minlength=size) > 0
    children = np.bincount(household_month[role == hh.BARN], minlength=size) > 0
    single = np.where(head_is_woman, 5, 3) + children
    return np.where(head_is_child, 1, np.where(partners, 7 + children, single))


def amounts(rng, config: dict, year_offset: int, types, children, level) -> tuple[np.ndarray, np.ndarray]:
    """Income support and other aid in whole kronor for household-months; `level` is the household's own level."""
    base = np.array([float(config["base_sek"].get(str(number), 0)) for number in range(10)])[types]
    base = base + np.maximum(children - 1, 0) * config["per_child_after_first_sek"]
    size = len(types)
    wage = np.where(rng.random(size) < config["partial_month_share"], rng.uniform(0.15, 0.8, size), 1.0)
    noise = np.exp(rng.normal(0.0, config["month_spread"], size))
    support = base * level * noise * wage * (1 + config["yearly_index"]) ** year_offset
    other = np.exp(rng.normal(np.log(config["other_aid_median_sek"]), 0.8, size))
    other = np.where(rng.random(size) < config["other_aid_share"], other, 0.0)
    return np.rint(support).astype(np.int64), np.rint(other).astype(np.int64)
