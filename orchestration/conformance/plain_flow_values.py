"""The indicators of flow, and the tables of curves and steps, from the plain reading of who begins and ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from orchestration.conformance import plain_breakdowns as by
from orchestration.conformance.answers import NOT_REPORTED, PlainFigure, count, ratio
from orchestration.conformance.plain_flow import Event, PlainFlow, index, months_of
from orchestration.conformance.plain_persons import PersonYear
from orchestration.conformance.plain_register import PlainRegister, YearMonth
from orchestration.conformance.terms import Terms

# indicator, definition, breakdown, answer
Line = tuple[str, str, str, PlainFigure]


class PlainFlowValues:
    """`person_year` gives a person in a year by name, as PlainValues does."""

    def __init__(
        self, register: PlainRegister, terms: Terms, person_year: Callable[[str, int], PersonYear]
    ) -> None:
        self.flow = PlainFlow(register, terms)
        self.register = register
        self.terms = terms
        self.person_year = person_year

    def year(self, geography: str, year: int) -> Iterator[Line]:
        """Every answer of a year."""
        yield from self._beginnings_and_ends(geography, year, months_of(year), is_month=False)
        grown = by.registered(by.adults(self.terms))
        followed = self.flow.returned(geography, year)
        ended, back = (self._parts(names, year) for names in followed or ((), ()))
        for part in grown:
            yield "return_share_12m", "default", part, self._share(followed, back[part], ended[part])
        for definition, longest_break in self.terms.spells.items():
            steps = self.flow.reason_steps(geography, year, longest_break)
            everyone = self._parts(steps or (), year)
            moved = self._parts(
                [name for name, pairs in (steps or {}).items() if any(a != b for a, b in pairs)], year
            )
            for part in grown:
                yield (
                    "reason_changed_share", definition, part, self._share(steps, moved[part], everyone[part])
                )  # fmt: skip
        yield from self._exit_reasons(geography, year)

    def part_of_year(self, geography: str, year: int, months: list[YearMonth]) -> Iterator[Line]:
        """Every answer of a month or a quarter."""
        yield from self._beginnings_and_ends(geography, year, [index(*one) for one in months], is_month=True)

    def curve(self, geography: str, year: int) -> dict[tuple[str, int], tuple[int, int, int]]:
        """(definition, month since entry) → (at risk, ended and censored by then), only the months in which somebody is at risk."""
        found = {}
        followed = self.terms.constants["curve_months"]
        for definition, longest_break in self.terms.spells.items():
            spells = self.flow.durations(geography, year, longest_break, followed) or []
            for month in range(max((months for months, _ in spells), default=-1) + 1):
                so_far = [is_ended for months, is_ended in spells if months <= month]
                at_risk = len([months for months, _ in spells if months >= month])
                found[definition, month] = (at_risk, sum(so_far), len(so_far) - sum(so_far))
        return found

    def steps(self, geography: str, year: int) -> dict[tuple[str, str, str], tuple[int, int]]:
        """(definition, from reason, to reason) → (adults who took the step, adults who could), only steps taken."""
        found: dict[tuple[str, str, str], tuple[int, int]] = {}
        for definition, longest_break in self.terms.spells.items():
            steps = self.flow.reason_steps(geography, year, longest_break) or {}
            pairs = Counter(pair for taken in steps.values() for pair in taken)
            starts = Counter(start for taken in steps.values() for start in {before for before, _ in taken})
            found |= {(definition, *pair): (number, starts[pair[0]]) for pair, number in pairs.items()}
        return found

    def _beginnings_and_ends(
        self, geography: str, year: int, months: list[int], is_month: bool
    ) -> Iterator[Line]:
        parts = [part for part in by.registered(by.everyone(self.terms)) if not is_month or ";" not in part]
        for indicator, events in (
            ("entries", self.flow.entries(geography, months)),
            ("exits", self.flow.exits(geography, months)),
        ):
            numbers = self._parts(_names(events), year)
            for part in parts:
                yield indicator, "default", part, NOT_REPORTED if events is None else count(numbers[part])
        followed = self.flow.month10(geography, months)
        began, reached = (self._parts(_names(events), year) for events in followed or (None, None))
        for part in parts:
            if not is_month or "age=" not in part:
                yield "month10_share", "default", part, self._share(followed, reached[part], began[part])

    def _exit_reasons(self, geography: str, year: int) -> Iterator[Line]:
        ends = self.flow.exit_reasons(geography, year)
        sexes = {name: self.register.persons[name].sex for name, _ in ends or ()}
        for part in ("total", *(f"sex={sex}" for sex in by.SEXES)):
            mine = [reason for name, reason in ends or () if part in ("total", f"sex={sexes[name]}")]
            for reason in self.terms.exit_reasons:
                key = by.joined(part, f"exit_reason={reason}")
                yield "exit_reason_share", "default", key, self._share(ends, mine.count(reason), len(mine))

    def _parts(self, names: Iterable[str], year: int) -> Counter[str]:
        """Breakdown → events of the persons named, as often as they are named."""
        found: Counter[str] = Counter()
        for name in names:
            found.update(by.of_person(self.terms, self.person_year(name, year)))
        return found

    @staticmethod
    def _share(reported: object, numerator: float, denominator: float) -> PlainFigure:
        return NOT_REPORTED if reported is None else ratio(numerator, denominator)


def _names(events: list[Event] | None) -> list[str]:
    return [name for name, _ in events or ()]
