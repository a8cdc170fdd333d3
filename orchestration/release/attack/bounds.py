"""Bounds on counts, drawn tighter by every relation until none tells more."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass
class System:
    """Counts (`lo`, `hi` by cell) and relations (`least`, `most` of the sum of coefficient × count, by relation).

    `relation`, `cell` and `coefficient` (1 or -1) are the terms. `told_by` is the relation that last drew a bound of each
    cell tighter, -1 where none has.
    """

    lo: Floats
    hi: Floats
    least: Floats
    most: Floats
    relation: Integers
    cell: Integers
    coefficient: Floats
    told_by: Integers = field(init=False)

    def __post_init__(self) -> None:
        self.told_by = np.full(len(self.lo), -1, dtype=np.int64)

    @property
    def is_fixed(self) -> Booleans:
        return np.equal(self.lo, self.hi)


def one_subtraction(system: System) -> Integers:
    """By cell: a relation that says equal and in which it is the only count unknown; -1 where there is none."""
    is_open = ~system.is_fixed[system.cell]
    open_count = np.bincount(system.relation, is_open, len(system.least))
    tells = (open_count == 1) & (system.least == system.most)
    told = np.full(len(system.lo), -1, dtype=np.int64)
    chosen = is_open & tells[system.relation]
    told[system.cell[chosen]] = system.relation[chosen]
    return told


def propagate(system: System, rounds: int = 500) -> int:
    """Tighten the bounds of `system` in place until nothing changes; returns the number of contradictions.

    A count whose bounds cross was told of by a relation that does not hold: its bounds are put back as they were, and stay.
    """
    first_lo, first_hi = system.lo.copy(), system.hi.copy()
    is_crossed = np.zeros(len(system.lo), dtype=bool)
    is_waiting = np.ones(len(system.least), dtype=bool)
    for _ in range(rounds):
        is_open = np.bincount(system.relation, ~system.is_fixed[system.cell], len(system.least)) > 0
        chosen = np.flatnonzero((is_waiting & is_open)[system.relation])
        if not len(chosen):
            break
        lo, hi = _once(system, chosen)
        crossed = (lo > hi) | is_crossed
        lo[crossed], hi[crossed] = first_lo[crossed], first_hi[crossed]
        is_crossed |= crossed
        changed = (lo != system.lo) | (hi != system.hi)
        system.lo[:], system.hi[:] = lo, hi
        is_waiting = np.bincount(system.relation, changed[system.cell], len(system.least)) > 0
    return int(is_crossed.sum())


def _once(system: System, chosen: Integers) -> tuple[Floats, Floats]:
    """New bounds of all cells by the terms `chosen`, which hold whole relations."""
    cell, relation = system.cell[chosen], system.relation[chosen]
    is_plus = system.coefficient[chosen] > 0
    low = np.where(is_plus, system.lo[cell], -system.hi[cell])
    high = np.where(is_plus, system.hi[cell], -system.lo[cell])
    count = len(system.least)
    at_most = system.most[relation] - (np.bincount(relation, low, count)[relation] - low)
    at_least = system.least[relation] - (np.bincount(relation, high, count)[relation] - high)
    told_lo, told_hi = np.where(is_plus, at_least, -at_most), np.where(is_plus, at_most, -at_least)
    lo, hi = system.lo.copy(), system.hi.copy()
    tighter = (told_lo > lo[cell]) | (told_hi < hi[cell])
    np.maximum.at(lo, cell[tighter], told_lo[tighter])
    np.minimum.at(hi, cell[tighter], told_hi[tighter])
    tells = tighter & ((told_lo == lo[cell]) | (told_hi == hi[cell]))
    system.told_by[cell[tells]] = relation[tells]
    return lo, hi
