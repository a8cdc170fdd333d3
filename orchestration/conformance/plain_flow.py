"""Where aid begins and ends, person by person and month by month: plain and slow.

Months are counted from year 0, so that a window is plain addition. Persons are named; areas are sums of municipalities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cached_property

from orchestration.conformance.plain_persons import ADULT_AGE
from orchestration.conformance.plain_register import PlainRegister
from orchestration.conformance.terms import NOT_STATED, Terms

Event = tuple[str, int]  # person, month
Window = Callable[[int], tuple[int, int]]


def index(year: int, month: int) -> int:
    """Months since year 0; January of a year is twelve times the year."""
    return year * 12 + month - 1


def months_of(year: int) -> list[int]:
    return [index(year, month) for month in range(1, 13)]


class PlainFlow:
    """Answers about flow for one register: lists of (person, month), None where nothing is reported."""

    def __init__(self, register: PlainRegister, terms: Terms) -> None:
        self.register = register
        self.terms = terms
        self.delivered = {(municipality, index(y, m)) for municipality, y, m in register.delivered}

    @cached_property
    def aid(self) -> dict[str, set[int]]:
        """Person to every month with aid, in any municipality."""
        return {
            name: {index(y, m) for y, m in person.all_months()}
            for name, person in self.register.persons.items()
        }

    def has_window(self, municipality: str, first: int, last: int) -> bool:
        """Whether the municipality delivered every month from first to last."""
        return all((municipality, month) in self.delivered for month in range(first, last + 1))

    def home(self, name: str, month: int) -> str:
        """The municipality of a month: of two, the one with more months in the year, then the lower code."""
        year, person = month // 12, self.register.persons[name]
        return min(
            (-len(person.months_in(municipality, year)), municipality)
            for municipality, months in person.months.items()
            if (year, month % 12 + 1) in months
        )[1]

    @cached_property
    def all_entries(self) -> dict[tuple[str, int], set[str]]:
        """(municipality, month) to persons whose aid begins there."""
        empty = self.terms.constants["entry_empty_months"]
        return self._where(lambda month, months: not months & set(range(month - empty, month)))

    @cached_property
    def all_exits(self) -> dict[tuple[str, int], set[str]]:
        """(municipality, month) to persons whose aid ends there."""
        empty = self.terms.constants["exit_empty_months"]
        return self._where(lambda month, months: not months & set(range(month + 1, month + 1 + empty)))

    def _where(self, is_edge: Callable[[int, set[int]], bool]) -> dict[tuple[str, int], set[str]]:
        found = defaultdict(set)
        for name, months in self.aid.items():
            for month in months:
                if is_edge(month, months):
                    found[self.home(name, month), month].add(name)
        return found

    def entries(self, area: str, months: list[int]) -> list[Event] | None:
        """Every beginning in the months of one year."""
        before = self.terms.constants["entry_empty_months"]
        return self._in_area(area, months, self.all_entries, lambda month: (month - before, month))

    def exits(self, area: str, months: list[int]) -> list[Event] | None:
        """Every end in the months of one year."""
        after = self.terms.constants["exit_empty_months"]
        return self._in_area(area, months, self.all_exits, lambda month: (month, month + after))

    def month10(self, area: str, months: list[int]) -> tuple[list[Event], list[Event]] | None:
        """Those who began, and those of them with ten months within twelve."""
        constants = self.terms.constants
        before, window = constants["entry_empty_months"], constants["month10_window_months"]
        began = self._in_area(
            area, months, self.all_entries, lambda month: (month - before, month + window - 1)
        )
        if began is None:
            return None
        least = constants["month10_months"]
        reached = [
            (name, month)
            for name, month in began
            if len(self.aid[name] & set(range(month, month + window))) >= least
        ]
        return began, reached

    def returned(self, area: str, year: int) -> tuple[list[str], list[str]] | None:
        """Adults whose aid ended in the first half of the year before, and those who came back within a year."""
        constants = self.terms.constants
        half_year = months_of(year - 1)[: constants["return_last_exit_month"]]
        followed = constants["return_months"]
        covering = [
            municipality
            for municipality in self.register.members[area, year]
            if self.has_window(municipality, half_year[0], half_year[-1] + followed)
        ]
        if not covering:
            return None
        first_ends: dict[str, tuple[int, str]] = {}
        for (municipality, month), names in self.all_exits.items():
            if month in half_year:
                for name in names:
                    first_ends[name] = min(first_ends.get(name, (month, municipality)), (month, municipality))
        ended, back = [], []
        for name, (month, municipality) in first_ends.items():
            if municipality in covering and year - self.register.persons[name].born >= ADULT_AGE:
                ended.append(name)
                if self.aid[name] & set(range(month + 1, month + 1 + followed)):
                    back.append(name)
        return ended, back

    def exit_reasons(self, area: str, year: int) -> list[tuple[str, str]] | None:
        """(person, reason) of every end of an adult in the year, in the municipalities whose reasons are delivered."""
        found, is_reported = [], False
        for municipality in self.register.members[area, year]:
            ends = self.exits(municipality, months_of(year))
            if ends is None or not any(
                (municipality, year, month) in self.register.exit_months for month in range(1, 13)
            ):
                continue
            grown = [(name, m) for name, m in ends if year - self.register.persons[name].born >= ADULT_AGE]
            if all((municipality, year, month % 12 + 1) in self.register.exit_months for _, month in grown):
                is_reported = True
                found += [(name, self._exit_reason(name, municipality, month)) for name, month in grown]
        return found if is_reported else None

    def _exit_reason(self, name: str, municipality: str, month: int) -> str:
        stated = self.register.exit_reasons.get((name, municipality, month // 12, month % 12 + 1), ())
        order = self.terms.exit_reasons
        return min(stated, key=order.index) if stated else NOT_STATED

    def durations(
        self, area: str, year: int, longest_break: int, followed: int
    ) -> list[tuple[int, bool]] | None:
        """(months, whether the end was seen) of every spell that began in the year.

        The end of a spell is seen when the empty months that end it are delivered wherever the person had aid.
        """
        began = self.entries(area, months_of(year))
        if began is None:
            return None
        found = []
        for name, first in began:
            last = first
            while ahead := [m for m in self.aid[name] if last < m <= last + longest_break + 1]:
                last = max(ahead)
            judged = min(self.known_to(name, first) - longest_break - first, followed)
            length = last - first + 1
            found.append((length, True) if length <= judged else (max(judged, 0), False))
        return found

    def known_to(self, name: str, first: int) -> int:
        """The last month up to which every municipality of the person has delivered since their first month there."""
        ends = []
        for municipality, months in self.register.persons[name].months.items():
            for month in (index(y, m) for y, m in months):
                if month >= first:
                    while (municipality, month + 1) in self.delivered:
                        month += 1
                    ends.append(month)
        return min(ends)

    def reason_steps(
        self, area: str, year: int, longest_break: int
    ) -> dict[str, set[tuple[str, str]]] | None:
        """Adult to the pairs of reasons that followed each other in the year; None when no municipality is whole."""
        complete = self.register.complete(area, [(year, month) for month in range(1, 13)])
        if not complete:
            return None
        order = self.terms.categories
        found = defaultdict(set)
        for municipality in complete:
            for name in self.register.met[municipality, year]:
                reason = {
                    month: min(reasons, key=lambda one: (one == NOT_STATED, order.index(one)))
                    for month, reasons in self._stated(name, municipality, year).items()
                }
                for month in reason:
                    later = [other for other in reason if other > month]
                    if later and min(later) - month - 1 <= longest_break:
                        found[name].add((reason[month], reason[min(later)]))
        return found

    def _stated(self, name: str, municipality: str, year: int) -> dict[int, set[str]]:
        """Month to the categories that an adult has as applicant in the municipality."""
        person, stated = self.register.persons[name], defaultdict(set)
        if year - person.born >= ADULT_AGE:
            for row in person.rows[year]:
                if row.municipality == municipality and row.role != "BARN":
                    stated[row.month].add(self.terms.category(row.reason))
        return stated

    def _in_area(self, area: str, months: list[int], found: dict, window: Window) -> list[Event] | None:
        covering = [
            municipality
            for municipality in self.register.members[area, months[0] // 12]
            if all(self.has_window(municipality, *window(month)) for month in months)
        ]
        if not covering:
            return None
        return [
            (name, month)
            for municipality in covering
            for month in months
            for name in found.get((municipality, month), ())
        ]
