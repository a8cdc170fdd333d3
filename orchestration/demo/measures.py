"""Durations of month patterns, kept as bits: bit 0 is January of the first year, 60 bits in one uint64."""

from __future__ import annotations

import numpy as np

ONE = np.uint64(1)


def year_mask(year_index: int) -> np.uint64:
    """The twelve bits of a year (0 = the first year)."""
    return np.uint64(0xFFF << (12 * year_index))


def months_in_year(bits: np.ndarray, year_index: int) -> np.ndarray:
    """Months with aid in one year, 0–12."""
    return np.bitwise_count(bits & year_mask(year_index)).astype(np.int16)


def highest_mask(bits: np.ndarray) -> np.ndarray:
    """All bits up to and including the highest set bit."""
    smeared = bits.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        smeared |= smeared >> np.uint64(shift)
    return smeared


def last_month(bits: np.ndarray) -> np.ndarray:
    """Index of the latest month with aid, -1 when there is none."""
    return np.bitwise_count(highest_mask(bits)).astype(np.int16) - 1


def first_month(bits: np.ndarray) -> np.ndarray:
    """Index of the first month with aid (64 when there is none)."""
    return np.bitwise_count((bits & (~bits + ONE)) - ONE).astype(np.int16)


def very_longterm(bits: np.ndarray, year_index: int) -> np.ndarray:
    """At least 27 of 36 months up to the end of the year, no gap over two months between two aid months."""
    window = (bits >> np.uint64(12 * (year_index - 2))) & np.uint64((1 << 36) - 1)
    filled = window | (window << ONE) | (window << np.uint64(2))
    lowest = window & (~window + ONE)
    span = highest_mask(window) & ~(lowest - ONE)
    return (np.bitwise_count(window) >= 27) & ((filled & span) == span)


def union_by(keys: np.ndarray, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct keys, sorted, and the union of their month patterns."""
    order = np.argsort(keys, kind="stable")
    found, starts = np.unique(keys[order], return_index=True)
    return found, np.bitwise_or.reduceat(bits[order], starts)


def measure(members, adult_from, municipalities: int, years: int) -> dict[str, np.ndarray]:
    """The calibrated measures from the memberships: arrays of shape (municipalities, years).

    `members` holds person, municipality and bits; `adult_from[person]` is the first year index as an adult.
    Written for speed; tests/integration/test_demo_register.py computes the same from the files, independently.
    """
    keys, bits = union_by(
        members["person"].astype(np.int64) * municipalities + members["municipality"], members["bits"]
    )
    person, municipality = keys // municipalities, keys % municipalities
    persons, whole = union_by(person, bits)
    result = {
        name: np.zeros((municipalities, years), dtype=np.int64)
        for name in ("adults", "longterm", "very_longterm", "children", "longterm_children")
    }
    adult_start = adult_from[persons]
    for year in range(years):
        own = months_in_year(bits, year)
        here = own > 0
        is_adult = adult_from[person] <= year
        np.add.at(result["adults"], (municipality[here & is_adult], year), 1)
        np.add.at(result["children"], (municipality[here & ~is_adult], year), 1)
        home = _home(person, municipality, bits & year_mask(year), own, persons)
        months = months_in_year(whole, year)
        adult = adult_start <= year
        for name, chosen in (
            ("longterm", adult & (months >= 10)),
            ("longterm_children", ~adult & (months >= 10)),
            ("very_longterm", adult & (months > 0) & very_longterm(whole, year) if year >= 2 else None),
        ):
            if chosen is not None:
                np.add.at(result[name], (home[chosen], year), 1)
    return result


def _home(person, municipality, year_bits, own, persons) -> np.ndarray:
    """The municipality of the latest month; then more months, then the lower code. -1 without aid."""
    order = np.lexsort((-municipality, own, last_month(year_bits), person))
    is_last = np.append(person[order][1:] != person[order][:-1], True)
    best = order[is_last]
    return np.where(own[best] > 0, municipality[best], -1)
