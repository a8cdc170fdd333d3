"""Month patterns that look like aid, and how many of each a municipality needs to come near its targets.

A large pool of simulated patterns is grouped by what it gives in each year (no aid, short, long-term, very
long-term). For each municipality the groups are weighted (exponential tilting) until the expected
counts meet the targets less a margin; what is left is filled exactly by `closing`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo import measures

TRIALS = 60


@dataclass(frozen=True)
class Pool:
    """Simulated patterns sorted by signature: `starts[s]:starts[s+1]` are the patterns of signature s."""

    bits: np.ndarray
    starts: np.ndarray
    columns: np.ndarray  # per signature: short-or-long per year, long per year, very long per printed year


def simulate_pool(rng: np.random.Generator, assumptions: dict, years: int) -> Pool:
    """Patterns of households over the whole register: several kinds of spells, breaks and returns."""
    config = assumptions["histories"]
    months, size = years * 12, config["pool_size"]
    kind = rng.choice(len(config["kinds"]), size=size, p=[entry["share"] for entry in config["kinds"]])
    leave = np.array([entry["leave"] for entry in config["kinds"]])[kind]
    back = np.array([entry["return"] for entry in config["kinds"]])[kind]
    decay = np.array([entry["return_decay"] for entry in config["kinds"]])[kind]
    entry = rng.integers(-months, months, size=size)
    active = np.zeros(size, dtype=bool)
    chance, bits = back.copy(), np.zeros(size, dtype=np.uint64)
    for month in range(-months, months):
        draw = rng.random(size)
        started = entry == month
        returns = ~active & (entry < month) & (draw < chance)
        stays = active & (draw >= leave)
        active = started | returns | stays
        chance = np.where(active, back, chance * decay)
        if month >= 0:
            bits |= active.astype(np.uint64) << np.uint64(month)
    crafted = _very_long_not_long(rng, int(size * config["very_long_not_long_share"]), years)
    bits = np.concatenate([bits[bits > 0], crafted])
    return _grouped(bits, years)


def _very_long_not_long(rng: np.random.Generator, size: int, years: int) -> np.ndarray:
    """24 of 24 months, then 4 of 12 with gaps of two: very long-term without being long-term."""
    last_year = rng.integers(2, years, size=size)
    sparse = sum(1 << month for month in (2, 5, 8, 11))
    return np.array([((1 << 24) - 1 | sparse << 24) << 12 * (int(y) - 2) for y in last_year], dtype=np.uint64)


def _grouped(bits: np.ndarray, years: int) -> Pool:
    counts = np.stack([measures.months_in_year(bits, year) for year in range(years)], axis=1)
    very = np.stack([measures.very_longterm(bits, year) for year in range(2, years)], axis=1)
    columns = np.concatenate([counts > 0, counts >= 10, very], axis=1).astype(np.int64)
    key = columns @ (1 << np.arange(columns.shape[1]))
    order = np.lexsort((bits, key))
    _, starts = np.unique(key[order], return_index=True)
    return Pool(bits[order], np.append(starts, len(bits)), columns[order][starts])


def tilt(weights: np.ndarray, columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Weights·exp(columns·λ) whose column sums meet `target` as nearly as a small ridge allows."""
    total = columns[:, 0] @ weights
    weights = weights * (target[0] / total)
    factors = np.zeros(columns.shape[1])
    expected = weights
    for _ in range(80):
        gap = columns.T @ expected - target
        if np.abs(gap).max() < 0.2:
            break
        curvature = columns.T @ (columns * expected[:, None])
        step = np.linalg.solve(curvature + 0.05 * np.eye(len(target)), gap)
        step *= min(1.0, 1.5 / max(np.abs(columns @ step).max(), 1e-9))
        factors -= step
        expected = weights * np.exp(columns @ factors)
    return expected


def whole_counts(
    rng: np.random.Generator, expected: np.ndarray, columns: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """Whole numbers near `expected`: systematic rounding in several random orders, the best one kept."""
    best, least = np.zeros(len(expected), dtype=np.int64), np.inf
    scale = np.maximum(target, 1.0)
    for _ in range(TRIALS):
        order = rng.permutation(len(expected))
        ladder = np.floor(np.cumsum(expected[order]) + rng.random())
        counts = np.empty(len(expected), dtype=np.int64)
        counts[order] = np.diff(ladder, prepend=0)
        gap = columns.T @ counts - target
        badness = float((gap**2 / scale).sum())
        if badness < least:
            best, least = counts, badness
    return best


def draw_units(
    rng: np.random.Generator, pool: Pool, assumptions: dict, target: np.ndarray
) -> dict[str, np.ndarray]:
    """Household units of one municipality: pattern bits, number of adults, whether there are children.

    `target`: adults, long-term (5 years each), very long-term (3), children, long-term children (5 each).
    """
    config = assumptions["households"]
    kinds = config["kinds"]
    signatures, years = len(pool.columns), assumptions["last_year"] - assumptions["first_year"] + 1
    adult_columns, child_columns = pool.columns, pool.columns[:, : 2 * years]
    prior = np.diff(pool.starts).astype(float)
    blocks, weights = [], []
    for kind in kinds:
        children = config["children_mean"] if kind["with_children"] else 0.0
        blocks.append(np.concatenate([adult_columns * kind["adults"], child_columns * children], axis=1))
        weights.append(prior * kind["share"])
    columns, weight = np.concatenate(blocks), np.concatenate(weights)
    counts = whole_counts(rng, tilt(weight, columns, target), columns, target)
    cell = np.repeat(np.arange(len(counts)), counts)
    signature, kind = cell % signatures, cell // signatures
    sizes = np.diff(pool.starts)
    picked = pool.starts[signature] + (rng.random(len(cell)) * sizes[signature]).astype(np.int64)
    return {
        "bits": pool.bits[picked],
        "adults": np.array([entry["adults"] for entry in kinds])[kind],
        "with_children": np.array([entry["with_children"] for entry in kinds])[kind],
    }
