"""Flow, a second time: beginnings, ends, return, month ten and duration, person by person and month by month.

Months are counted from year 0, so that a window is plain addition. Nothing here is shared with the models.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from tests.oracle import Oracle


def index(year: int, month: int) -> int:
    """Months since year 0; January of a year is twelve times the year."""
    return year * 12 + month - 1


class FlowOracle:
    """Answers about flow for the register of `oracle`. Persons are named; areas are sums of their municipalities."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.delivered = {(municipality, index(y, m)) for municipality, y, m in oracle.delivered}

    @cached_property
    def aid(self) -> dict[str, set[int]]:
        """Person to every month with aid, in any municipality."""
        found = defaultdict(set)
        for (person, _), months in self.oracle.months.items():
            found[person] |= {index(y, m) for y, m in months}
        return found

    @cached_property
    def homes(self) -> dict[str, list[str]]:
        """Person to every municipality where they had aid."""
        found = defaultdict(list)
        for person, municipality in self.oracle.months:
            found[person].append(municipality)
        return found

    def has_window(self, municipality: str, first: int, last: int) -> bool:
        """Whether the municipality delivered every month from first to last."""
        return all((municipality, month) in self.delivered for month in range(first, last + 1))

    def home(self, person: str, month: int) -> str:
        """The municipality of a month: of two, the one with more months in the year, then the lower code."""
        year = month // 12
        there = [
            (-len(self.oracle.in_year(person, municipality, year)), municipality)
            for municipality in self.homes[person]
            if (year, month % 12 + 1) in self.oracle.months[person, municipality]
        ]
        return min(there)[1]

    @cached_property
    def all_entries(self) -> dict[tuple[str, int], set[str]]:
        """(municipality, month) to persons whose aid begins there."""
        found = defaultdict(set)
        for person, months in self.aid.items():
            for month in months:
                if not any(month - back in months for back in range(1, 13)):
                    found[self.home(person, month), month].add(person)
        return found

    @cached_property
    def all_exits(self) -> dict[tuple[str, int], set[str]]:
        """(municipality, month) to persons whose aid ends there."""
        found = defaultdict(set)
        for person, months in self.aid.items():
            for month in months:
                if not any(month + ahead in months for ahead in (1, 2, 3)):
                    found[self.home(person, month), month].add(person)
        return found

    def entries(self, area: str, months: list[int]) -> list[tuple[str, int]] | None:
        """(person, month) of every beginning in the months; None when no municipality has the whole window."""
        return self._in_area(area, months, self.all_entries, lambda month: (month - 12, month))

    def exits(self, area: str, months: list[int]) -> list[tuple[str, int]] | None:
        """(person, month) of every end in the months; None when no municipality has the whole window."""
        return self._in_area(area, months, self.all_exits, lambda month: (month, month + 3))

    def month10(self, area: str, months: list[int]) -> tuple[list, list] | None:
        """Those who began, and those of them with ten months within twelve."""
        began = self._in_area(area, months, self.all_entries, lambda month: (month - 12, month + 11))
        if began is None:
            return None
        reached = [
            (person, month)
            for person, month in began
            if len(self.aid[person] & set(range(month, month + 12))) >= 10
        ]
        return began, reached

    def returned(self, area: str, year: int) -> tuple[list[str], list[str]] | None:
        """Adults whose aid ended in the first half of the year before, and those who came back within a year."""
        half_year = [index(year - 1, month) for month in range(1, 7)]
        covering = [
            municipality
            for municipality in self.oracle.members(area)
            if self.has_window(municipality, half_year[0], half_year[-1] + 12)
        ]
        if not covering:
            return None
        ended, back = [], []
        for person in self.aid:
            ends = [
                (month, municipality)
                for month in half_year
                for municipality in self.homes[person]
                if person in self.all_exits.get((municipality, month), ())
            ]
            if not ends or self.oracle.age(person, year) < 18:
                continue
            month, municipality = min(ends)
            if municipality in covering:
                ended.append(person)
                if self.aid[person] & set(range(month + 1, month + 13)):
                    back.append(person)
        return ended, back

    def durations(
        self, area: str, year: int, longest_break: int, followed: int
    ) -> list[tuple[int, bool]] | None:
        """(months, whether the end was seen) of every spell that began in the year; None when it is not reported.

        The end of a spell is seen when the empty months that end it are delivered wherever the person had aid.
        """
        months = [index(year, month) for month in range(1, 13)]
        began = self.entries(area, months)
        if began is None:
            return None
        found = []
        for person, first in began:
            last = first
            while ahead := [m for m in self.aid[person] if last < m <= last + longest_break + 1]:
                last = max(ahead)
            judged = self.known_to(person, first) - longest_break - first
            judged = min(judged, followed)
            length = last - first + 1
            found.append((length, True) if length <= judged else (max(judged, 0), False))
        return found

    def known_to(self, person: str, first: int) -> int:
        """The last month up to which every municipality of the person has delivered since their first month there."""
        ends = []
        for municipality in self.homes[person]:
            there = [index(y, m) for y, m in self.oracle.months[person, municipality]]
            for month in there:
                if month >= first:
                    while (municipality, month + 1) in self.delivered:
                        month += 1
                    ends.append(month)
        return min(ends)

    def reason_steps(
        self, area: str, year: int, longest_break: int, order: list[str]
    ) -> dict[str, set[tuple[str, str]]] | None:
        """Adult to the pairs of reasons that followed each other in the year; None when no municipality is whole."""
        complete = self.oracle.complete(area, year, 1)
        if not complete:
            return None
        stated = defaultdict(lambda: defaultdict(set))
        for row in self.oracle.rows:
            is_counted = row.municipality in complete and row.year == year and row.role != "BARN"
            if is_counted and self.oracle.age(row.person, year) >= 18:
                stated[row.person, row.municipality][row.month].add(row.reason or "uppgift_saknas")
        found = defaultdict(set)
        for (person, _), months in stated.items():
            reason = {
                month: min(reasons, key=lambda one: (one == "uppgift_saknas", order.index(one)))
                for month, reasons in months.items()
            }
            for month in reason:
                later = [other for other in reason if other > month]
                if later and min(later) - month - 1 <= longest_break:
                    found[person].add((reason[month], reason[min(later)]))
        return found

    def _in_area(self, area: str, months: list[int], found: dict, window) -> list[tuple[str, int]] | None:
        covering = [
            municipality
            for municipality in self.oracle.members(area)
            if all(self.has_window(municipality, *window(month)) for month in months)
        ]
        if not covering:
            return None
        return [
            (person, month)
            for municipality in covering
            for month in months
            for person in found.get((municipality, month), ())
        ]
