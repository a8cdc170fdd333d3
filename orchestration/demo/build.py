"""The people of the demo register: drawn, moved about, and filled until the printed counts are met exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo import calibration, closing, households, relief
from orchestration.demo.measures import measure, year_mask
from orchestration.demo.targets import YearTarget


@dataclass(frozen=True)
class Register:
    """Memberships and persons, with the municipality codes that the indices stand for."""

    people: households.People
    codes: list[str]
    first_year: int
    years: int


def _wanted(targets: dict[tuple[str, int], YearTarget], codes, years) -> dict[str, np.ndarray]:
    return {
        name: np.array([[getattr(targets[code, year], name) or 0 for year in years] for code in codes])
        for name in closing.MEASURES
    }


def _goals(wanted, assumptions: dict) -> dict[str, np.ndarray]:
    """What the drawn population aims at: a margin below what is wanted, shape (municipalities, years)."""
    goals = {}
    likely = wanted["longterm"] * assumptions["extrapolation"]["very_longterm_of_longterm"]
    for name in closing.MEASURES:
        counts = wanted[name].astype(float)
        if name == "very_longterm":
            counts = np.where(counts == 0, likely, counts)
        share, number = assumptions["closing_margins"][name]
        goals[name] = np.maximum(counts * (1 - share) - number, 1.0)
    return goals


def _after_rehearsal(goals, people, share: float) -> dict[str, np.ndarray]:
    """Goals moved by what the events (moves, births, turning 18) did to the counts in a first draw."""
    found = measure(people.members, people.adult_from, *goals["adults"].shape)
    return {name: np.maximum(goal + share * (goal - found[name]), 1.0) for name, goal in goals.items()}


def _draw(rng, pool, goals, assumptions: dict) -> households.People:
    """Households of every municipality and the events of their lives, before the counts are closed."""
    config, people = assumptions["households"], households.People()
    municipalities, years = goals["adults"].shape
    for municipality in range(municipalities):
        goal = [goals[name][municipality, 2 if name == "very_longterm" else 0 :] for name in closing.MEASURES]
        units = calibration.draw_units(rng, pool, assumptions, np.concatenate(goal))
        households.add_units(rng, people, units, municipality, config)
    large = np.flatnonzero(goals["adults"][:, -1] > 1000)
    households.child_applicants(rng, people, config["child_applicant_share"], large)
    households.turn_18(rng, people, config, years)
    done = households.separations(
        rng, people, config["separation_share"], np.zeros(people.households, dtype=bool)
    )
    pull = goals["adults"][:, -1] / goals["adults"][:, -1].sum()
    households.moves(rng, people, config, pull, done)
    return people


def _leave_out_undelivered(people, undelivered: list[tuple[int, int]]) -> None:
    """Months that a municipality never delivered exist nowhere in the register."""
    for municipality, year in undelivered:
        chosen = people.members["municipality"] == municipality
        people.members["bits"][chosen] &= ~year_mask(year)
    people.drop_empty()


def build(targets: dict[tuple[str, int], YearTarget], assumptions: dict) -> Register:
    """Memberships that give every exact target; raises PlainError (Swedish) when they cannot."""
    codes, first = sorted({code for code, _ in targets}), assumptions["first_year"]
    calendar = range(first, assumptions["last_year"] + 1)
    likely = _wanted(targets, codes, calendar)
    undelivered = [
        (codes.index(entry["municipality_code"]), entry["year"] - first)
        for entry in assumptions["undelivered"]
    ]
    wanted = {name: counts.copy() for name, counts in likely.items()}
    for municipality, year in undelivered:
        for counts in wanted.values():
            counts[municipality, year] = 0
    exact_years = np.array([[targets[code, year].is_exact for year in calendar] for code in codes])
    is_exact = dict.fromkeys(closing.MEASURES, exact_years)
    is_exact["very_longterm"] = exact_years & (wanted["very_longterm"] > 0)
    pool = calibration.simulate_pool(
        np.random.default_rng([assumptions["seed"], 1]), assumptions, len(calendar)
    )
    seed, goals = assumptions["seed"], _goals(likely, assumptions)
    rehearsal = _draw(np.random.default_rng([seed, 2]), pool, goals, assumptions)
    goals = _after_rehearsal(goals, rehearsal, assumptions["rehearsal_share"])
    people = _draw(np.random.default_rng([seed, 2]), pool, goals, assumptions)
    _leave_out_undelivered(people, undelivered)
    relief.relieve(np.random.default_rng([seed, 4]), people, wanted, is_exact)
    closing.close(np.random.default_rng([seed, 3]), people, wanted, is_exact)
    return Register(people, codes, first, len(calendar))
