"""What the demo register must come to: whole counts worked back from the printed tables.

The tables print rounded shares. Here one whole count is chosen for each municipality and year so that
every printed value follows from the counts, strictly inside its rounding interval (so half-up, half-even
and floating point all print the same). The years before 2017 and Burlöv 2017 are extrapolated.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from orchestration.errors import PlainError

TABLES = {
    "recipients": "tabell14",
    "recipients_share": "tabell3",
    "longterm_share_population": "tabell4",
    "longterm_share_recipients": "tabell5",
    "very_longterm_share": "tabell6",
    "children_longterm_share": "tabell17",
}
FIRST_PRINTED_YEAR = 2017


@dataclass(frozen=True)
class YearTarget:
    """Persons wanted in one municipality and year, and the population at 31 December.

    `very_longterm` is None where table 6 prints nothing; `is_exact` is False for extrapolated years.
    `women` and `foreign_born` (adults) are known for 2019 only.
    """

    adults: int
    children: int
    longterm: int
    longterm_children: int
    very_longterm: int | None
    adult_population: int
    child_population: int
    is_exact: bool
    women: int | None = None
    foreign_born: int | None = None


@dataclass(frozen=True)
class Printed:
    """A printed value with the half width of its rounding interval, exact."""

    value: Fraction
    half: Fraction

    def holds(self, count: int, base: int) -> bool:
        """Whether 100·count/base is printed as this value, whatever the rounding rule."""
        return base > 0 and abs(Fraction(100 * count, base) - self.value) < self.half

    def counts(self, base: int) -> range:
        """All whole counts that print as this value over `base`."""
        low = math.ceil((self.value - self.half) * base / 100)
        high = math.floor((self.value + self.half) * base / 100)
        return range(low + (not self.holds(low, base)), high + self.holds(high, base))

    def nearest(self, base: int) -> int:
        """The count whose share over `base` is nearest to this value, even when none prints as it."""
        return math.floor(self.value * base / 100 + Fraction(1, 2))

    def bases(self, count: int) -> tuple[float, float]:
        """The open interval of denominators for which `count` prints as this value."""
        return float(100 * count / (self.value + self.half)), float(100 * count / (self.value - self.half))


def municipality_codes(reference_seeds: Path) -> dict[str, str]:
    """Code by name of the municipalities that exist today (`last_year` blank)."""
    with (reference_seeds / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["municipality_name"]: row["municipality_code"]
            for row in csv.DictReader(file)
            if not row["last_year"]
        }


def _read_table(folder: Path, name: str) -> list[dict[str, str]]:
    path = next(iter(sorted(folder.glob(f"{name}_*.csv"))), None)
    if path is None:
        raise PlainError(
            f"Den publicerade tabellen {name} saknas i data/published_tables; lägg tillbaka den."
        )
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["region_type"] == "municipality"]


def _printed(row: dict[str, str]) -> Printed | None:
    if row["status"] != "ok":
        return None
    decimals = len(row["value_as_printed"].partition(",")[2])
    return Printed(Fraction(row["value"]), Fraction(1, 2 * 10**decimals))


def read_printed(folder: Path, codes: dict[str, str]) -> dict[tuple[str, str, str], Printed | None]:
    """Printed values by (measure, municipality code, year or year:category); None where a mark is printed."""
    found: dict[tuple[str, str, str], Printed | None] = {}
    for measure, table in TABLES.items():
        for row in _read_table(folder, table):
            found[measure, codes[row["municipality_corrected"]], row["year"]] = _printed(row)
    for table in ("tabell15", "tabell16"):
        for row in _read_table(folder, table):
            found[row["category"], codes[row["municipality_corrected"]], row["year"]] = _printed(row)
    return found


def read_population_2020(folder: Path, codes: dict[str, str]) -> dict[str, int]:
    """Population at 31 December 2020 by municipality code (table 1)."""
    return {
        codes[row["municipality_corrected"]]: int(row["population"]) for row in _read_table(folder, "tabell1")
    }


def _near(low: int, high: int, wanted: float) -> list[int]:
    """Whole numbers low..high, the nearest to `wanted` first."""
    return sorted(range(low, high + 1), key=lambda number: (abs(number - wanted), number))


def _inside(bounds: tuple[float, float], wanted: float) -> float:
    """`wanted` moved into the middle four fifths of an interval."""
    low, high = bounds
    slack = (high - low) / 10
    return min(max(wanted, low + slack), high - slack)


class _Solver:
    """Finds the counts of one municipality, year by year."""

    def __init__(self, code, printed, population_2020, assumptions):
        self.code, self.printed, self.rates = code, printed, assumptions["extrapolation"]
        self.population_2020 = population_2020

    def cell(self, measure: str, year: int | str) -> Printed | None:
        return self.printed.get((measure, self.code, str(year)))

    def whole(self, measure: str, year: int | str) -> int | None:
        cell = self.cell(measure, year)
        return None if cell is None else int(cell.value)

    def solve(self, year: int, adult_share: float) -> YearTarget | None:
        """The target of a printed year; None when the municipality is not printed that year."""
        recipients = self.whole("recipients", year)
        if recipients is None:
            return None
        base = recipients * adult_share
        known_adults = self.whole("vuxna", year)
        room = int(base * self.rates["adult_share_room"])
        step = max(1, room // 40)
        likely = range(round(base) - room, round(base) + room + 1, step)
        found = [
            target
            for adults in (likely if known_adults is None else [known_adults])
            for longterm in self._longterm_counts(year, adults)
            if (target := self._with_population(year, recipients, adults, longterm))
        ]
        if not found:
            raise PlainError(
                f"De publicerade tabellerna går inte att förena för kommun {self.code} år {year}; "
                "kontrollera värdena i data/published_tables."
            )
        return min(found, key=lambda target: self._strain(target, base))

    def _strain(self, target: YearTarget, adults: float) -> float:
        """How far a solution lies from a likely population and a likely number of adults."""
        population = target.adult_population + target.child_population
        share = abs(target.adult_population / population - self.rates["adult_population_share"])
        return share + 0.5 * abs(target.adults / adults - 1)

    def must(self, indicator: str, year: int) -> Printed:
        """A cell that every year of the printed tables has. Raises PlainError when it is gone."""
        found = self.cell(indicator, year)
        if found is None:
            raise PlainError(
                f"Tryckt värde saknas för kommun {self.code} år {year} ({indicator}); se data/published_tables."
            )
        return found

    def _longterm_counts(self, year: int, adults: int) -> list[int]:
        share, very = self.must("longterm_share_recipients", year), self.cell("very_longterm_share", year)
        # with a printed adult count (2019) table 6 can be out of reach for small municipalities: nearest count
        if very is not None and not very.counts(adults) and self.cell("vuxna", year) is None:
            return []
        counts = share.counts(adults)
        return _near(counts.start, counts.stop - 1, adults * float(share.value) / 100)

    def _with_population(self, year, recipients, adults, longterm) -> YearTarget | None:
        drift = (1 + self.rates["population_growth"]) ** (year - 2020)
        total = round(
            _inside(self.must("recipients_share", year).bases(recipients), self.population_2020 * drift)
        )
        adult_bounds = self.must("longterm_share_population", year).bases(longterm)
        adult_population = round(_inside(adult_bounds, total * self.rates["adult_population_share"]))
        children, child_population = recipients - adults, total - adult_population
        if not 0.70 * total < adult_population < 0.87 * total:
            return None
        counts = self.must("children_longterm_share", year).counts(child_population)
        likely = _near(counts.start, counts.stop - 1, children * longterm / adults) if counts else []
        likely = [count for count in likely if 0 < count < 0.9 * children]
        if not likely:
            return None
        very = self.cell("very_longterm_share", year)
        target = YearTarget(
            adults,
            children,
            longterm,
            likely[0],
            None if very is None else very.nearest(adults),
            adult_population,
            child_population,
            True,
            self.whole("kvinnor", year),
            self.whole("utrikes_fodda", year),
        )
        return target if self._all_hold(year, recipients, target) else None

    def _all_hold(self, year: int, recipients: int, target: YearTarget) -> bool:
        population = target.adult_population + target.child_population
        return (
            self.must("recipients_share", year).holds(recipients, population)
            and self.must("longterm_share_population", year).holds(target.longterm, target.adult_population)
            and self.must("longterm_share_recipients", year).holds(target.longterm, target.adults)
            and self.must("children_longterm_share", year).holds(
                target.longterm_children, target.child_population
            )
        )

    def backwards(self, later: YearTarget) -> YearTarget:
        """The year before a known one: a little more aid, a little smaller population."""
        more, fewer = 1 + self.rates["recipients_growth_backwards"], 1 + self.rates["population_growth"]
        return YearTarget(
            round(later.adults * more),
            round(later.children * more),
            round(later.longterm * more),
            round(later.longterm_children * more),
            None,
            round(later.adult_population / fewer),
            round(later.child_population / fewer),
            False,
        )


def work_back(settings, assumptions: dict) -> dict[tuple[str, int], YearTarget]:
    """Targets by (municipality code, year) for every municipality of table 14 and year of the demo register."""
    codes = municipality_codes(settings.reference_seeds)
    printed = read_printed(settings.published_tables, codes)
    population = read_population_2020(settings.published_tables, codes)
    targets: dict[tuple[str, int], YearTarget] = {}
    for code in sorted({key[1] for key in printed if key[0] == "recipients" and key[1] in population}):
        solver = _Solver(code, printed, population[code], assumptions)
        last = assumptions["last_year"]
        adults, recipients = solver.whole("vuxna", last), solver.whole("recipients", last)
        assert adults is not None, code
        assert recipients is not None, code
        adult_share = adults / recipients
        for year in range(last, assumptions["first_year"] - 1, -1):
            found = solver.solve(year, adult_share) if year >= FIRST_PRINTED_YEAR else None
            targets[code, year] = found or solver.backwards(targets[code, year + 1])
    return targets
