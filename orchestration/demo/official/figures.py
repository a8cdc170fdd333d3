"""What the demo register comes to, as the official sources would tell it: whole counts and money by municipality and year."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.demo.measures import measure
from orchestration.settings import Settings

SEXES = ("T", "K", "M")
# what is added to the month of a household by the fault that the intake adds instead of refusing (rows.with_faults)
FAULT_SEK = 350


@dataclass
class Money:
    """Households and kronor, gathered while the rows are written: by municipality and year, and by month."""

    households: np.ndarray
    households_by_month: np.ndarray
    paid_by_month: np.ndarray

    @classmethod
    def empty(cls, municipalities: int, years: int) -> Money:
        months = (municipalities, years, 12)
        return cls(np.zeros(months[:2], np.int64), np.zeros(months, np.int64), np.zeros(months, np.int64))

    def add(self, municipality: int, year_index: int, table: pa.Table, faulty_months: list[int]) -> None:
        """The clean rows of a municipality's year; one household in each of `faulty_months` gets FAULT_SEK more."""
        heads = table.filter(pc.equal(table["roll"], "RL"))
        month = np.asarray(pc.utf8_slice_codeunits(heads["period"], 5, 7).cast(pa.int64())) - 1
        paid = sum(
            np.asarray(heads[name].cast(pa.int64())) for name in ("forsorjningsstod_kr", "ovrigt_bistand_kr")
        )
        place = (municipality, year_index)
        self.households[place] = pc.count_distinct(heads["hushalls_id"]).as_py()
        self.households_by_month[place] = np.bincount(month, minlength=12)
        self.paid_by_month[place] = np.bincount(month, weights=paid, minlength=12)
        for number in faulty_months:
            self.paid_by_month[(*place, number - 1)] += FAULT_SEK


@dataclass(frozen=True)
class Official:
    """Counts by measure and sex (T, K, M), population and money; arrays of shape (municipalities, years).

    `is_missing` is where the municipality delivered nothing: a source has no figure there, and never 0.
    """

    codes: list[str]
    names: dict[str, str]
    first_year: int
    counts: dict[str, dict[str, np.ndarray]]
    adults: np.ndarray
    children: np.ndarray
    money: Money
    net_cost: dict[tuple[str, int], float]
    sorting_key: dict[str, int]
    is_missing: np.ndarray = field(repr=False)

    @property
    def years(self) -> range:
        return range(self.first_year, self.first_year + self.adults.shape[1])

    @property
    def population(self) -> np.ndarray:
        return self.adults + self.children

    @property
    def paid(self) -> np.ndarray:
        return self.money.paid_by_month.sum(axis=2)


def official_figures(settings: Settings, register, persons, wanted: dict, money: Money) -> Official:
    """The figures of a written register. `wanted` holds the population, `persons` the sexes."""
    from orchestration.demo.targets import municipality_codes

    shape = (len(register.codes), register.years)
    members = register.people.members
    counts: dict[str, dict[str, np.ndarray]] = {}
    for sex in SEXES:
        chosen = np.isin(persons.sex[members["person"]], {"T": (0, 1), "K": (1,), "M": (0,)}[sex])
        part = {name: values[chosen] for name, values in members.items()}
        for name, values in measure(part, register.people.adult_from, *shape).items():
            counts.setdefault(name, {})[sex] = values
    calendar = range(register.first_year, register.first_year + register.years)
    targets = [[wanted[code, year] for year in calendar] for code in register.codes]
    codes = municipality_codes(settings.reference_seeds)
    return Official(
        register.codes,
        {code: name for name, code in codes.items() if code in register.codes},
        register.first_year,
        counts,
        np.array([[one.adult_population for one in row] for row in targets]),
        np.array([[one.child_population for one in row] for row in targets]),
        money,
        {
            (codes[row["municipality_corrected"]], int(row["year"])): float(row["value"])
            for row in _printed(settings, "tabell13_*.csv")
            if row["status"] == "ok"
        },
        {
            codes[row["municipality_corrected"]]: int(row["socioeconomic_sorting_key"])
            for row in _printed(settings, "tabell1_*.csv")
        },
        money.households == 0,
    )


def _printed(settings: Settings, pattern: str) -> list[dict[str, str]]:
    [path] = settings.published_tables.glob(pattern)
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["region_type"] == "municipality"]


def made_up(seed: int, *place: int | str) -> np.random.Generator:
    """The chance of one made-up figure: the same every time, whatever is made before it."""
    return np.random.default_rng([seed, *(int.from_bytes(str(one).encode(), "big") for one in place)])
