"""Rows of the register as Python objects, kept by person and by household."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import date

from orchestration.conformance.terms import Membership

YearMonth = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted row of a delivery in force. `reason` is the registration category, or the text of an unknown code;
    None when blank. `amount` is kronor for the month, None when none is stated; `support` is that of försörjningsstöd."""

    municipality: str
    year: int
    month: int
    household: str
    person: str
    born: int
    sex: str
    role: str
    household_type: int | None
    amount: float | None
    reason: str | None
    foreign_born: bool | None
    reason_2: str | None = None
    district: str | None = None
    support: float | None = None
    birth_month: int | None = None


@dataclass(frozen=True, slots=True)
class ExitReason:
    """One accepted row of a file of exit reasons. `reason` is of the list, `uppgift_saknas` or `okand_kod`."""

    municipality: str
    year: int
    month: int
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class Event:
    """A direction to activity (`directed`) or a decision to refuse or reduce support (`nekad`, `nedsatt`) in force. `reason` is
    the registration category, or what was written instead; None when blank."""

    kind: str
    municipality: str
    person: str
    paragraph: str
    day: date
    end: date | None = None
    reason: str | None = None


@dataclass
class Person:
    """Everything about one person: rows by year, and the months with aid in each municipality."""

    born: int
    sex: str
    birth_month: int | None = None
    rows: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    months: dict[str, set[YearMonth]] = field(default_factory=lambda: defaultdict(set))

    def months_in(self, municipality: str, year: int) -> set[int]:
        return {month for y, month in self.months.get(municipality, ()) if y == year}

    def all_months(self) -> set[YearMonth]:
        return {month for months in self.months.values() for month in months}


class PlainRegister:
    """`rows` in force, the `delivered` (municipality, year, month), and where each municipality has belonged.

    Municipalities are those of today: `terms.renumbered` says what an old code is called now. `exits` are the reasons
    of the files of exit reasons, `exit_months` the (municipality, year, month) of those files. `events` are of the activity
    requirement, and `delivering` says which municipalities deliver its kinds of file (`activities`, `reductions`).
    """

    def __init__(
        self,
        rows: Iterable[Row],
        delivered: set[tuple[str, int, int]],
        areas: dict[str, list[Membership]],
        exits: Iterable[ExitReason] = (),
        exit_months: Set[tuple[str, int, int]] = frozenset(),
        events: Iterable[Event] = (),
        delivering: dict[str, set[str]] | None = None,
    ) -> None:
        self.events = list(events)
        self.delivering: dict[str, set[str]] = defaultdict(set, delivering or {})
        self.delivered = delivered
        self.exit_months = exit_months
        self.exit_reasons: dict[tuple[str, str, int, int], set[str]] = defaultdict(set)
        for one in exits:
            self.exit_reasons[one.person, one.municipality, one.year, one.month].add(one.reason)
        self.persons: dict[str, Person] = {}
        self.households: dict[tuple[str, int, str], list[Row]] = defaultdict(list)
        self.met: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.members: dict[tuple[str, int], set[str]] = defaultdict(set)
        for municipality in {municipality for municipality, _, _ in delivered}:
            for membership in areas[municipality]:
                for year in self.years:
                    if membership.first_year <= year <= membership.last_year:
                        self.members[membership.area, year].add(municipality)
        for row in rows:
            person = self.persons.setdefault(row.person, Person(row.born, row.sex, row.birth_month))
            person.rows[row.year].append(row)
            person.months[row.municipality].add((row.year, row.month))
            self.met[row.municipality, row.year].add(row.person)
            self.households[row.municipality, row.year, row.household].append(row)
        self.household_keys: dict[tuple[str, int], list[str]] = defaultdict(list)
        for municipality, year, household in self.households:
            self.household_keys[municipality, year].append(household)

    @property
    def geographies(self) -> list[str]:
        """Every area with a municipality that has delivered."""
        return sorted({area for area, _ in self.members})

    @property
    def years(self) -> range:
        """From the first year with a delivery to the last."""
        years = [year for _, year, _ in self.delivered]
        return range(min(years), max(years) + 1)

    @property
    def year_months(self) -> list[YearMonth]:
        """From the first delivered month to the last."""
        delivered = [(year, month) for _, year, month in self.delivered]
        first, last = min(delivered), max(delivered)
        return [(y, m) for y in self.years for m in range(1, 13) if first <= (y, m) <= last]

    def complete(self, area: str, months: list[YearMonth]) -> set[str]:
        """The municipalities of the area, in the last year of the months, that have delivered every one of them."""
        return {
            municipality
            for municipality in self.members[area, months[-1][0]]
            if all((municipality, year, month) in self.delivered for year, month in months)
        }


def year_window(year: int, years: int) -> list[YearMonth]:
    """The months of `years` calendar years, the last of them `year`, in order."""
    return [(y, m) for y in range(year - years + 1, year + 1) for m in range(1, 13)]


def rolling_window(year: int, month: int, length: int) -> list[YearMonth]:
    """The `length` months up to and including the month, in order."""
    last = year * 12 + month - 1
    return [(index // 12, index % 12 + 1) for index in range(last - length + 1, last + 1)]
