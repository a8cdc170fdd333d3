"""The activity requirement's target group, computed plainly: person by person, household by household."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache

from orchestration.conformance.answers import NOT_REPORTED, PlainFigure, count
from orchestration.conformance.plain_register import PlainRegister, Row, YearMonth, rolling_window
from orchestration.conformance.terms import NOT_STATED, Terms

Line = tuple[str, str, str, PlainFigure]
Adult = dict[str, set[str]]


def age_at(born: int, birth_month: int | None, month: YearMonth) -> int:
    """Completed years at the end of the month; at the end of the year where the month of birth is not known."""
    if birth_month is None:
        return month[0] - born
    return month[0] - born - (1 if month[1] < birth_month else 0)


class PlainActivity:
    """`knows_money` says whether few enough households of a municipality lack an amount in each of the months."""

    def __init__(
        self, register: PlainRegister, terms: Terms, knows_money: Callable[[str, list[YearMonth]], bool]
    ) -> None:
        self.register = register
        self.terms = terms
        self._knows = cache(lambda municipality, month: knows_money(municipality, [month]))
        # person → municipality → months in a household with försörjningsstöd
        self._supported: dict[str, dict[str, set[YearMonth]]] = defaultdict(lambda: defaultdict(set))
        # (municipality, month) → household → its rows
        self._rows: dict[tuple[str, YearMonth], dict[str, list[Row]]] = defaultdict(dict)
        for (municipality, year, household), rows in register.households.items():
            for month in {row.month for row in rows}:
                here = [row for row in rows if row.month == month]
                self._rows[municipality, (year, month)][household] = here
                if sum(row.support or 0 for row in here) > 0:
                    for row in here:
                        self._supported[row.person][municipality].add((year, month))
        self.target_group = cache(self._find_target_group)

    def month(self, geography: str, year: int, month: int) -> Iterator[Line]:
        """Every figure of an area and month, from the first month of the target group."""
        now = (year, month)
        dates, constants = self.terms.activity_dates, self.terms.constants
        if now < dates["target_group_from"]:
            return
        three = self._known(geography, rolling_window(year, month, constants["activity_months"]))
        adults: dict[str, list[tuple[set[str], bool, bool]]] = defaultdict(list)
        for municipality in three:
            for person, verdict in self.target_group(municipality, now).items():
                adults[person].append(verdict)
        all_of, possible = defaultdict(set), defaultdict(set)
        for person, verdicts in adults.items():
            born, birth_month = self._birth(person)
            is_near_child = any(near for _, _, near in verdicts)
            parts = {
                "total",
                f"sex={self.register.persons[person].sex}",
                f"age={self._band(year - born)}",
                f"age_month={self._band(age_at(born, birth_month, now))}",
                f"young_child={'ja' if is_near_child else 'nej'}",
            }
            for part in parts:
                all_of[part].add(person)
                if not all(exempt for _, exempt, _ in verdicts):
                    possible[part].add(person)
            for reasons, exempt, _ in verdicts:
                for reason in reasons:
                    all_of[f"reason={reason}"].add(person)
                    if not exempt:
                        possible[f"reason={reason}"].add(person)
        for part in self._parts():
            for indicator, number in (
                ("three_months_adults", len(all_of[part])),
                ("three_months_exempt_seen", len(all_of[part] - possible[part])),
                ("three_months_possible", len(possible[part])),
            ):
                yield indicator, "default", part, count(number) if three else NOT_REPORTED
        six = self._known(geography, rolling_window(year, month, constants["six_months"]))
        long = {person for code in six for person in self._six_months(code, now)}
        yield "six_months_adults", "default", "total", count(len(long)) if six else NOT_REPORTED
        yield from self._job_premium(geography, now)
        delivered = self.register.complete(geography, [now])
        large = sum(
            self._is_large(rows, now) for code in delivered for rows in self._rows[code, now].values()
        )
        yield (
            "households_over_three_children",
            "default",
            "total",
            count(large) if delivered else NOT_REPORTED,
        )

    def knows_target_group(self, municipality: str, now: YearMonth) -> bool:
        """Whether the months of the window are delivered and their money known."""
        window = rolling_window(*now, self.terms.constants["activity_months"])
        return all(
            (municipality, *month) in self.register.delivered and self._knows(municipality, month)
            for month in window
        )

    def _known(self, geography: str, window: list[YearMonth]) -> set[str]:
        return {
            code
            for code in self.register.complete(geography, window)
            if all(self._knows(code, month) for month in window)
        }

    def _find_target_group(self, municipality: str, now: YearMonth) -> dict[str, tuple[set[str], bool, bool]]:
        """Person → (publication categories of the month, whether an exception is seen, whether a young child lives there)."""
        constants = self.terms.constants
        window = set(rolling_window(*now, constants["activity_months"]))
        found = {}
        households: dict[str, list[list[Row]]] = defaultdict(list)
        for rows in self._rows[municipality, now].values():
            for row in rows:
                if row.role in ("RL", "MS"):
                    households[row.person].append(rows)
        for person, lived_in in households.items():
            born, birth_month = self._birth(person)
            age = age_at(born, birth_month, now)
            supported = self._supported[person][municipality]
            applies = any(sum(row.support or 0 for row in rows) > 0 for rows in lived_in)
            if age < constants["activity_adult_age"] or not applies or not window <= supported:
                continue
            own = [
                row for rows in lived_in for row in rows if row.person == person and row.role in ("RL", "MS")
            ]
            stated = {self.terms.category(row.reason) for row in own} - {NOT_STATED}
            children = [self._children(rows, now) for rows in lived_in]
            exempt = age >= self._retirement_age(now[0]) or any(
                self._is_exempt(row.reason, age, ages)
                for rows, ages in zip(lived_in, children, strict=True)
                for row in rows
                if row.person == person and row.role in ("RL", "MS")
            )
            near = any(age < constants["young_child_age"] for ages in children for age in ages)
            found[person] = (stated or {NOT_STATED}, exempt, near)
        return found

    def _is_exempt(self, reason: str | None, age: int, child_ages: list[int]) -> bool:
        constants = self.terms.constants
        match self.terms.exemptions.get(reason or ""):
            case "always":
                return True
            case "under_21":
                return age < constants["activity_school_age"]
            case "child_under_1":
                return any(child < constants["parental_leave_child_age"] for child in child_ages)
        return False

    def _children(self, rows: list[Row], now: YearMonth) -> list[int]:
        return [age_at(row.born, row.birth_month, now) for row in rows if row.role == "BARN"]

    def _is_large(self, rows: list[Row], now: YearMonth) -> bool:
        constants = self.terms.constants
        return (
            sum(age < constants["cap_child_age"] for age in self._children(rows, now))
            > constants["cap_children"]
        )

    def _six_months(self, municipality: str, now: YearMonth) -> set[str]:
        window = set(rolling_window(*now, self.terms.constants["six_months"]))
        return {
            person
            for person in self.target_group(municipality, now)
            if window <= self._supported[person][municipality]
        }

    def _job_premium(self, geography: str, now: YearMonth) -> Iterator[Line]:
        last = self.terms.activity_dates["job_premium_base_last"]
        if now <= last:
            return
        window = rolling_window(*last, self.terms.constants["six_months"])
        here = {
            code
            for code in self.register.complete(geography, [*window, now])
            if all(self._knows(code, month) for month in window)
        }
        base = {person for code in here for person in self._six_months(code, last)}
        left = {person for person in base if now not in self.register.persons[person].all_months()}
        for indicator, persons in (("jobpremium_base", base), ("jobpremium_left", left)):
            yield indicator, "default", "total", count(len(persons)) if here else NOT_REPORTED

    def _birth(self, person: str) -> tuple[int, int | None]:
        return self.register.persons[person].born, self.register.persons[person].birth_month

    def _retirement_age(self, year: int) -> int:
        return max((first, age) for first, age in self.terms.retirement_ages if first <= year)[1]

    def _bands(self) -> list[str]:
        """Adults, and no band that another holds but 18-24."""
        return [name for name, (first, _) in self.terms.bands.items() if name == "18-24" or first >= 25]

    def _band(self, age: int) -> str:
        return next(
            name for name in self._bands() if self.terms.bands[name][0] <= age <= self.terms.bands[name][1]
        )

    def _parts(self) -> list[str]:
        bands = [f"{dimension}={band}" for dimension in ("age", "age_month") for band in self._bands()]
        reasons = [f"reason={category}" for category in self.terms.categories]
        return ["total", "sex=K", "sex=M", "young_child=ja", "young_child=nej", *bands, *reasons]
