"""The quarters of the activity requirement, computed plainly: one event after another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from orchestration.conformance.answers import NOT_REPORTED, PlainFigure, count, ratio
from orchestration.conformance.plain_activity import PlainActivity
from orchestration.conformance.plain_register import Event, PlainRegister
from orchestration.conformance.terms import NOT_STATED, UNKNOWN_CODE, Terms

Line = tuple[str, str, str, PlainFigure]
Persons = dict[str, dict[str, set[str]]]


class PlainQuarters:
    """`activity` answers who can be required in a month."""

    def __init__(self, register: PlainRegister, terms: Terms, activity: PlainActivity) -> None:
        self.register = register
        self.terms = terms
        self.activity = activity

    @property
    def quarters(self) -> list[tuple[int, int]]:
        """(year, quarter) from the duty to report to the last month of the register."""
        first = self.terms.activity_dates["activity_law"]
        return sorted({(y, (m + 2) // 3) for y, m in self.register.year_months if (y, m) >= first})

    def quarter(self, geography: str, year: int, number: int) -> Iterator[Line]:
        """Every figure of an area and quarter."""
        months = [(year, number * 3 - 2), (year, number * 3 - 1), (year, number * 3)]
        delivered = self.register.complete(geography, months)
        directing = delivered & self.register.delivering["activities"]
        reducing = delivered & self.register.delivering["reductions"]
        found: Persons = defaultdict(lambda: defaultdict(set))
        for event in self.register.events:
            is_of_quarter = (event.day.year, event.day.month) in months
            if event.kind == "directed" and event.municipality in directing:
                started = (event.day.year, event.day.month) <= months[-1]
                goes_on = event.end is None or (event.end.year, event.end.month) >= months[0]
                for name, holds in (("directed", is_of_quarter), ("in_force", started and goes_on)):
                    if holds:
                        self._add(found[f"activity_{name}_{event.paragraph}"], event)
            is_refusal = event.kind != "directed" and event.paragraph in ("4a", "4d")
            if is_refusal and event.municipality in reducing and is_of_quarter:
                self._add(found["support_refused_or_reduced"], event)
                self._add(found["support_refused" if event.kind == "nekad" else "support_reduced"], event)
        measures = (
            *((f"activity_{name}_{paragraph}", directing) for name in ("directed", "in_force") for paragraph in ("4a", "4d")),
            *((name, reducing) for name in ("support_refused_or_reduced", "support_refused", "support_reduced")),
        )  # fmt: skip
        published = ["total", *(f"reason={category}" for category in self.terms.categories)]
        registered = [
            f"registered_reason={code}" for code in (*self.terms.category_of, NOT_STATED, UNKNOWN_CODE)
        ]
        for measure, reporting in measures:
            for part in (*published, *registered):
                yield (
                    measure,
                    "default",
                    part,
                    count(len(found[measure][part])) if reporting else NOT_REPORTED,
                )
        yield from self._share(directing, months, published)

    def _share(self, directing: set[str], months: list[tuple[int, int]], parts: list[str]) -> Iterator[Line]:
        last = months[-1]
        here = {code for code in directing if self.activity.knows_target_group(code, last)}
        possible, in_force = defaultdict(set), defaultdict(set)
        directed = {
            (event.municipality, event.person)
            for event in self.register.events
            if event.kind == "directed"
            and event.paragraph == "4a"
            and (event.day.year, event.day.month) <= last
            and (event.end is None or (event.end.year, event.end.month) >= months[0])
        }
        for code in here:
            for person, (reasons, exempt, _) in self.activity.target_group(code, last).items():
                for part in ("total", *(f"reason={reason}" for reason in reasons)):
                    if not exempt:
                        possible[part].add(person)
                        if (code, person) in directed:
                            in_force[part].add(person)
        for part in parts:
            answer = ratio(len(in_force[part]), len(possible[part])) if here else NOT_REPORTED
            yield "directed_share", "default", part, answer

    def _add(self, persons: dict[str, set[str]], event: Event) -> None:
        reason = event.reason or self._latest(event)
        known = reason if reason is None or reason in self.terms.category_of else UNKNOWN_CODE
        for part in (
            "total",
            f"reason={self.terms.category(reason)}",
            f"registered_reason={known or NOT_STATED}",
        ):
            persons[part].add(event.person)

    def _latest(self, event: Event) -> str | None:
        """The latest reason that the register has up to the month; the own municipality's before another's."""
        person = self.register.persons.get(event.person)
        stated = [
            (row.year, row.month, row.municipality == event.municipality, row.reason)
            for rows in (person.rows.values() if person else ())
            for row in rows
            if row.role in ("RL", "MS")
            and row.reason
            and (row.year, row.month) <= (event.day.year, event.day.month)
        ]
        if not stated:
            return None
        newest = max(found[:3] for found in stated)
        known = [
            reason if reason in self.terms.category_of else UNKNOWN_CODE
            for *key, reason in stated
            if tuple(key) == newest
        ]
        return min(known)
