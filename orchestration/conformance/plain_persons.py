"""What the definitions say of one person: duration, last municipality, origin, children, reasons. Plain and slow."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from orchestration.conformance.plain_register import Person, PlainRegister, Row, YearMonth, year_window
from orchestration.conformance.terms import NOT_STATED, Terms

ADULT_AGE = 18


def last_municipality(person: Person, window: list[YearMonth]) -> str | None:
    """Where the latest month of the window is; then the most months in the window; then the lower code."""
    inside = set(window)
    found = {code: months & inside for code, months in person.months.items()}
    candidates = [(max(months), len(months), code) for code, months in found.items() if months]
    if not candidates:
        return None
    latest = max(month for month, _, _ in candidates)
    there = [(count, code) for month, count, code in candidates if month == latest]
    most = max(count for count, _ in there)
    return min(code for count, code in there if count == most)


def longest_break(line: list[bool]) -> int:
    """The longest run of False."""
    longest = run = 0
    for has_aid in line:
        run = 0 if has_aid else run + 1
        longest = max(longest, run)
    return longest


def household_type(rows: list[Row]) -> int:
    """The type of a household in a year, from all its rows: the latest known one; 9 when there is none."""
    stated = [
        (row.month, row.household_type)
        for row in rows
        if row.role == "RL" and row.household_type is not None and row.household_type != 9
    ]
    return max(stated)[1] if stated else 9


def district_name(text: str | None) -> str | None:
    """A district as it stands in a breakdown, None when blank."""
    name = (text or "").strip().replace(";", ",").replace("=", "-")
    return name or None


@dataclass
class PersonYear:
    """One person in one year; everything is computed from the person's rows when asked for."""

    register: PlainRegister
    terms: Terms
    person: Person
    year: int

    @property
    def age(self) -> int:
        return self.year - self.person.born

    @property
    def is_adult(self) -> bool:
        return self.age >= ADULT_AGE

    @cached_property
    def months(self) -> set[int]:
        return {month for year, month in self.person.all_months() if year == self.year}

    @cached_property
    def last_municipality(self) -> str | None:
        return last_municipality(self.person, year_window(self.year, 1))

    @cached_property
    def is_longterm(self) -> bool:
        return len(self.months) >= self.terms.thresholds["longterm:person_wide"]["min_months"]

    @cached_property
    def three_years(self) -> list[bool]:
        months = self.person.all_months()
        return [month in months for month in year_window(self.year, 3)]

    def is_very_longterm(self, definition: str) -> bool:
        thresholds = self.terms.thresholds[definition]
        line = self.three_years
        if sum(line) < thresholds["min_months"]:
            return False
        if definition == "very_longterm:interior":
            line = line[line.index(True) : len(line) - line[::-1].index(True)]
        return longest_break(line) <= thresholds["max_break_months"]

    @cached_property
    def origin(self) -> str:
        stated = {row.foreign_born for row in self.person.rows[self.year]}
        if True in stated:
            return "utrikes_fodda"
        return "inrikes_fodda" if False in stated else NOT_STATED

    @cached_property
    def children(self) -> str:
        """Whether any household that the person applied in is of a type with children."""
        found = set()
        for row in self.person.rows[self.year]:
            if row.role != "BARN":
                rows = self.register.households[row.municipality, self.year, row.household]
                found.add(self.terms.has_children.get(household_type(rows)))
        if True in found:
            return "med_barn"
        return "utan_barn" if False in found else NOT_STATED

    def district(self, municipality: str) -> str:
        """The household's district in the latest month that states one; several in that month: the last by name."""
        found = []
        for mine in self.person.rows[self.year]:
            if mine.municipality == municipality:
                for row in self.register.households[municipality, self.year, mine.household]:
                    name = district_name(row.district)
                    if row.month == mine.month and name:
                        found.append((row.month, name))
        return max(found)[1] if found else NOT_STATED

    def reasons(self, municipalities: set[str]) -> Reasons | None:
        """The reasons of an adult in these municipalities; None when they never applied there."""
        rows = [
            row
            for row in self.person.rows[self.year]
            if row.municipality in municipalities and row.role != "BARN"
        ]
        return Reasons(self.terms, rows) if rows and self.is_adult else None


class Reasons:
    """The reasons of one adult, one year and one area, from the rows in which they applied."""

    def __init__(self, terms: Terms, rows: list[Row]) -> None:
        self.terms = terms
        self.rows = rows
        self.months: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            self.months[terms.category(row.reason)].add(row.month)
        # a month is blank when the adult has no reason at all in it
        blank = self.months.pop(NOT_STATED, set())
        if blank := blank - set().union(*self.months.values()):
            self.months[NOT_STATED] = blank
        self.stated = set(self.months) - {NOT_STATED}

    def yearly(self, rule: str) -> str:
        """The reason of the year by the rule most_frequent or latest."""
        if not self.stated:
            return NOT_STATED

        def rank(category: str) -> tuple[int, int, int]:
            count, latest = len(self.months[category]), max(self.months[category])
            order = -self.terms.categories.index(category)
            return (count, latest, order) if rule == "most_frequent" else (latest, count, order)

        return max(self.stated, key=rank)

    def group(self, grouping: str) -> str:
        """The group of the registration reason with most months (then the latest) in the most frequent category."""
        category = self.yearly("most_frequent")
        months: dict[str, set[int]] = defaultdict(set)
        for row in self.rows:
            if row.reason in self.terms.category_of and self.terms.category_of[row.reason] == category:
                months[row.reason].add(row.month)
        if not months:
            return category
        most = max(len(calendar) for calendar in months.values())
        latest = max(max(months[code]) for code in months if len(months[code]) == most)
        code = min(code for code in months if len(months[code]) == most and max(months[code]) == latest)
        return self.terms.groups[grouping][code]

    def met(self) -> set[str]:
        """Every category of the year, the second reasons too; uppgift_saknas only when there is no other."""
        found = set(self.months) | {self.terms.category(row.reason_2) for row in self.rows if row.reason_2}
        return found - {NOT_STATED} or {NOT_STATED}

    def is_sick_without_benefit(self) -> bool:
        codes = {row.reason for row in self.rows} | {row.reason_2 for row in self.rows}
        return bool(codes & self.terms.sick_without_benefit)
