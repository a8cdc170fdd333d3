"""Bounds on counts, drawn tighter by every relation until none tells more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass
class System:
    """Counts (`lo`, `hi` by cell) and relations (`least`, `most` of the sum of coefficient × count, by relation).

    `relation`, `cell` and `coefficient` are the terms, sorted by relation.
    """

    lo: Floats
    hi: Floats
    least: Floats
    most: Floats
    relation: Integers
    cell: Integers
    coefficient: Floats

    @property
    def is_fixed(self) -> NDArray[np.bool_]:
        return self.lo == self.hi

    def without_known(self) -> System:
        """The same with only the relations that still have a count that is not known."""
        is_open = np.bincount(self.relation, ~self.is_fixed[self.cell], len(self.least)) > 0
        kept = is_open[self.relation]
        return System(
            self.lo, self.hi, self.least, self.most, self.relation[kept], self.cell[kept], self.coefficient[kept]
        )


def propagate(system: System, rounds: int = 200) -> int:
    """Tighten `system.lo` and `system.hi` in place until nothing changes; returns the number of contradictions.

    A count whose bounds cross was told of by a relation that does not hold: its bounds are put back, and it is left.
    """
    first_lo, first_hi = system.lo.copy(), system.hi.copy()
    is_crossed = np.zeros(len(system.lo), dtype=bool)
    for _ in range(rounds):
        system = system.without_known()
        lo, hi = _once(system)
        lo[is_crossed], hi[is_crossed] = first_lo[is_crossed], first_hi[is_crossed]
        crossed = lo > hi
        lo[crossed], hi[crossed] = first_lo[crossed], first_hi[crossed]
        is_crossed |= crossed
        changed = (lo > system.lo) | (hi < system.hi)
        system.lo[:], system.hi[:] = lo, hi
        if not changed.any():
            break
    return int(is_crossed.sum())


def _once(system: System) -> tuple[Floats, Floats]:
    cell, relation, is_plus = system.cell, system.relation, system.coefficient > 0
    low = np.where(is_plus, system.lo[cell], -system.hi[cell])
    high = np.where(is_plus, system.hi[cell], -system.lo[cell])
    count = len(system.least)
    lowest = np.bincount(relation, low, count)[relation] - low
    highest = np.bincount(relation, high, count)[relation] - high
    at_most = system.most[relation] - lowest
    at_least = system.least[relation] - highest
    lo, hi = system.lo.copy(), system.hi.copy()
    np.maximum.at(lo, cell, np.where(is_plus, at_least, -at_most))
    np.minimum.at(hi, cell, np.where(is_plus, at_most, -at_least))
    return lo, hi


def one_subtraction(system: System) -> NDArray[np.bool_]:
    """Which counts are the only one unknown in a relation that says equal."""
    is_open = ~system.is_fixed[system.cell]
    open_count = np.bincount(system.relation, is_open, len(system.least))
    tells = (open_count == 1) & (system.least == system.most)
    told = np.zeros(len(system.lo), dtype=bool)
    told[system.cell[is_open & tells[system.relation]]] = True
    return told
