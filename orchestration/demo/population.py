"""The synthetic population by single year of age and sex, with exactly the totals that the tables imply."""

from __future__ import annotations

import numpy as np

AGES = np.arange(101)
ADULT_AGE = 18


def age_weights() -> tuple[np.ndarray, np.ndarray]:
    """Weights of women and men by age 0–100: a plain pyramid (assumption), in the shape of Sweden's."""
    young = 1.0 + 0.18 * np.exp(-(((AGES - 28) / 6.0) ** 2)) + 0.06 * np.exp(-(((AGES - 52) / 7.0) ** 2))
    women = young / (1 + np.exp((AGES - 84.5) / 5.2))
    men = 1.035 * young / (1 + np.exp((AGES - 81.5) / 5.4))
    return women, men


def spread(total: int, weights: np.ndarray) -> np.ndarray:
    """Whole numbers in proportion to `weights` whose sum is `total` (largest remainders)."""
    exact = weights / weights.sum() * total
    whole = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - whole), kind="stable")[: total - int(whole.sum())]
    whole[rest] += 1
    return whole


def population_csv(targets: dict) -> str:
    """`kommunkod;ar;kon;alder;antal` for every municipality and year of the demo register."""
    women, men = age_weights()
    child, lines = AGES < ADULT_AGE, ["kommunkod;ar;kon;alder;antal"]
    for (code, year), target in sorted(targets.items()):
        counts = np.zeros((2, len(AGES)), dtype=np.int64)
        for part, total in ((child, target.child_population), (~child, target.adult_population)):
            both = np.concatenate([women[part], men[part]])
            counts[:, part] = spread(total, both).reshape(2, -1)
        for row, sex in enumerate("KM"):
            lines += [f"{code};{year};{sex};{age};{count}" for age, count in enumerate(counts[row])]
    return "\n".join(lines) + "\n"
