"""Where the drawn population already passes a printed count: small changes that bring it below again.

Only people whose change touches nothing else are edited: adults alone in their only household, and children
with one household. A pause over a turn of the year ends very long-term aid, fewer months end long-term aid,
a year left out takes a recipient away.
"""

from __future__ import annotations

import numpy as np

from orchestration.demo import closing
from orchestration.demo import households as hh
from orchestration.demo.measures import months_in_year, very_longterm, year_mask
from orchestration.errors import PlainError

ROUNDS = 25


def relieve(rng, people: hh.People, wanted, is_exact) -> None:
    """Edit memberships until every exact count can be closed; raises PlainError (Swedish) when it cannot."""
    years = wanted["adults"].shape[1]
    for _ in range(ROUNDS):
        missing = closing.residuals(people, wanted, is_exact)
        edited = False
        for municipality in range(len(missing["adults"])):
            own = {name: missing[name][municipality] for name in closing.MEASURES}
            short = {
                name: np.where(is_exact[name][municipality], amount, 0)
                for name, amount in closing.shortfall(own).items()
            }
            if any(amount.any() for amount in short.values()):
                edited = True
                _relieve_one(rng, people, municipality, short, years)
        people.drop_empty()
        if not edited:
            return
    raise PlainError(
        "Demoregistret går inte att anpassa till tabellerna; ändra data/catalog/demo_register.yml."
    )


def _relieve_one(rng, people: hh.People, municipality: int, short: dict[str, np.ndarray], years: int) -> None:
    adults, children = _editable(people, municipality)
    for year in range(years):
        for name, edit in (("very_longterm", _pause), ("longterm", _shorten), ("adults", _leave_out)):
            if short[name][year]:
                _apply(rng, people, adults, edit, year, int(short[name][year]), name, years)
        for name, months in (("longterm_children", 10), ("children", 1)):
            if short[name][year]:
                own = months_in_year(people.members["bits"][children], year)
                able = children[(own >= months) & ((months == 10) | (own <= 9))]
                chosen = rng.permutation(able)[: int(short[name][year])]
                people.members["bits"][chosen] &= ~year_mask(year)


def _editable(people: hh.People, municipality: int) -> tuple[np.ndarray, np.ndarray]:
    members = people.members
    here = members["municipality"] == municipality
    once = np.bincount(members["person"], minlength=len(people.adult_from))[members["person"]] == 1
    alone = np.bincount(members["household"], minlength=people.households)[members["household"]] == 1
    adult_from = people.adult_from[members["person"]]
    adults = here & once & alone & (adult_from == hh.ALWAYS_ADULT)
    children = here & once & (members["role"] == hh.BARN) & (adult_from == hh.NEVER_ADULT)
    return np.flatnonzero(adults), np.flatnonzero(children)


def _apply(rng, people, rows, edit, year, count, name, years) -> None:
    """Edit `count` persons so that `name` falls by one in `year`, and adults and long-term in no other way."""
    old = people.members["bits"][rows]
    new = edit(rng, old, year)
    right = np.ones(len(rows), dtype=bool)
    for other in range(years):
        before, after = months_in_year(old, other), months_in_year(new, other)
        loses_aid, loses_long = (before > 0) != (after > 0), (before >= 10) != (after >= 10)
        right &= loses_aid == (name == "adults" and other == year)
        right &= loses_long == (name == "longterm" and other == year)
        if other >= 2:
            loses_very = very_longterm(old, other) & ~very_longterm(new, other)
            right &= loses_very if name == "very_longterm" and other == year else True
            right &= ~(very_longterm(new, other) & ~very_longterm(old, other))
            right &= ~loses_very if name != "very_longterm" else True
    chosen = rng.permutation(np.flatnonzero(right))[:count]
    people.members["bits"][rows[chosen]] = new[chosen]


def _pause(rng, bits: np.ndarray, year: int) -> np.ndarray:
    """Three months off over a turn of the year inside the three-year window."""
    turn = 12 * (year - rng.integers(0, 2, size=len(bits)))
    start = turn - rng.integers(1, 3, size=len(bits))
    return bits & ~(np.uint64(7) << start.astype(np.uint64))


def _shorten(rng, bits: np.ndarray, year: int) -> np.ndarray:
    """The last months of the year off."""
    off = rng.integers(3, 6, size=len(bits)).astype(np.uint64)
    return bits & ~(((np.uint64(1) << off) - np.uint64(1)) << (np.uint64(12 * year + 12) - off))


def _leave_out(rng, bits: np.ndarray, year: int) -> np.ndarray:
    """No aid in the year."""
    return np.where(months_in_year(bits, year) <= 9, bits & ~year_mask(year), bits)
