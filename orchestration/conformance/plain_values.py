"""Every register indicator of some geographies, computed plainly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from orchestration.conformance import plain_breakdowns as by
from orchestration.conformance.answers import NOT_REPORTED, Key, PlainFigure, count, ratio
from orchestration.conformance.plain_activity import PlainActivity
from orchestration.conformance.plain_flow_values import PlainFlowValues
from orchestration.conformance.plain_persons import PersonYear, household_type, last_municipality
from orchestration.conformance.plain_quarters import PlainQuarters
from orchestration.conformance.plain_register import PlainRegister, YearMonth, rolling_window, year_window
from orchestration.conformance.terms import NOT_STATED, UNKNOWN_CODE, Terms
from orchestration.intake.rules.catalogue import thresholds


class PlainValues:
    """`population` holds (municipality, year) → {(sex, age): persons}."""

    def __init__(
        self,
        register: PlainRegister,
        terms: Terms,
        population: dict[tuple[str, int], dict[tuple[str, int], int]],
    ) -> None:
        self.register = register
        self.terms = terms
        self.population = population
        self._persons: dict[tuple[str, int], PersonYear] = {}
        self.flow = PlainFlowValues(register, terms, self.person_year)
        self.activity = PlainActivity(register, terms, self._tells_money)
        self.quarters = PlainQuarters(register, terms, self.activity)

    def answers(self, geographies: Iterable[str]) -> dict[Key, PlainFigure]:
        """All answers of these geographies: every year, month and quarter of the register."""
        found: dict[Key, PlainFigure] = {}
        for geography in geographies:
            for year in self.register.years:
                if self.register.members.get((geography, year)):
                    found |= self._year(geography, year)
            for year, month in self.register.year_months:
                if self.register.members.get((geography, year)):
                    found |= self._month(geography, year, month)
            for year, number in self._whole_quarters():
                if self.register.members.get((geography, year)):
                    months = [(year, number * 3 - 2 + one) for one in range(3)]
                    found |= self._of_months(geography, f"{year}-Q{number}", months)
                    for indicator, definition, part, answer in self.flow.part_of_year(
                        geography, year, months
                    ):
                        found[indicator, definition, geography, f"{year}-Q{number}", part] = answer
            for year, number in self.quarters.quarters:
                if self.register.members.get((geography, year)):
                    for indicator, definition, part, answer in self.quarters.quarter(geography, year, number):
                        found[indicator, definition, geography, f"{year}-Q{number}", part] = answer
        return found

    def person_year(self, person: str, year: int) -> PersonYear:
        """One person in one year, kept once computed."""
        key = (person, year)
        if key not in self._persons:
            self._persons[key] = PersonYear(self.register, self.terms, self.register.persons[person], year)
        return self._persons[key]

    def _year(self, geography: str, year: int) -> dict[Key, PlainFigure]:
        one_year = self.register.complete(geography, year_window(year, 1))
        three_years = self.register.complete(geography, year_window(year, 3))
        persons = self._counts(geography, year, one_year, three_years)
        found = {}
        for indicator, definition, breakdown, answer in (
            *self._of_persons(persons, one_year, three_years, year),
            *self._of_reasons(year, one_year),
            *self._of_households(year, one_year),
            *(self._of_districts(geography, year, one_year) if geography in self.terms.areas else ()),
            *self.flow.year(geography, year),
        ):
            found[indicator, definition, geography, str(year), breakdown] = answer
        return found

    def _met(self, municipalities: set[str], year: int) -> list[PersonYear]:
        """Everyone with aid in one of the municipalities in the year, each once."""
        names = {
            person for municipality in municipalities for person in self.register.met[municipality, year]
        }
        return [self.person_year(name, year) for name in sorted(names)]

    def _counts(
        self, geography: str, year: int, one_year: set[str], three_years: set[str]
    ) -> dict[str, Counter[str]]:
        """Measure → breakdown → persons."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self._met(one_year | three_years, year):
            parts = by.of_person(self.terms, one)
            group = "adults" if one.is_adult else "children"
            if any(one.person.months_in(code, year) for code in one_year):
                found["recipients"].update(parts)
                found[group].update(parts)
                longterm = one.is_longterm and one.last_municipality in one_year
                if longterm:
                    found[f"longterm_{group}:person_wide"].update(parts)
                minimum = self.terms.thresholds["longterm:within_municipality"]["min_months"]
                if any(len(one.person.months_in(code, year)) >= minimum for code in one_year):
                    found[f"longterm_{group}:within_municipality"].update(parts)
                if one.is_adult:
                    found["duration"].update(by.of_duration(self.terms, one))
            if one.is_adult and any(one.person.months_in(code, year) for code in three_years):
                found["adults_3y"].update(parts)
                verdicts = [
                    one.is_very_longterm(rule) and one.last_municipality in three_years
                    for rule in ("very_longterm:interior", "very_longterm:window")
                ]
                for name, holds in (
                    ("very_longterm:interior", verdicts[0]),
                    ("very_longterm:window", verdicts[1]),
                    ("break_rule_differs", verdicts[0] != verdicts[1]),
                    ("not_longterm", verdicts[0] and not one.is_longterm),
                ):
                    if holds:
                        found[name].update(parts)
        return found

    def _of_persons(
        self, persons: dict[str, Counter[str]], one_year: set[str], three_years: set[str], year: int
    ) -> Iterator[tuple[str, str, str, PlainFigure]]:
        terms = self.terms

        def counted(indicator: str, definition: str, measure: str, complete: set[str], parts: list[str]):
            for part in parts:
                answer = count(persons[measure][part]) if complete else NOT_REPORTED
                yield indicator, definition, part, answer

        def shared(indicator, definition, measure, below, complete, parts):
            for part in parts:
                denominator = below(part)
                answer = ratio(persons[measure][part], denominator) if complete else NOT_REPORTED
                yield indicator, definition, part, answer

        def population(part: str) -> int | None:
            return self._population(one_year, year, part, range(1000))

        def adults(part: str) -> int | None:
            return self._population(one_year, year, part, range(18, 1000))

        def children(part: str) -> int | None:
            return self._population(one_year, year, part, range(18))

        everyone, grown, small = by.everyone(terms), by.adults(terms), by.children(terms)
        yield from counted("recipients", "default", "recipients", one_year, everyone)
        yield from counted("adult_recipients", "default", "adults", one_year, grown)
        yield from counted("child_recipients", "default", "children", one_year, small)
        yield from shared(
            "recipients_share_population",
            "default",
            "recipients",
            population,
            one_year,
            by.registered(everyone),
        )
        yield from shared(
            "adult_recipients_share_population", "default", "adults", adults, one_year, by.registered(grown)
        )
        yield from shared(
            "child_recipients_share_population", "default", "children", children, one_year, by.by_sex(small)
        )
        for part in by.by_sex(grown):
            young = by.joined(part, "age=18-24")
            yield (
                "young_adult_recipients_share_population", "default", part,
                ratio(persons["adults"][young], adults(young)) if one_year else NOT_REPORTED,
            )  # fmt: skip
        for part in by.with_age(everyone):
            answer = ratio(persons["recipients"][part], persons["recipients"][by.without_age(part)])
            yield "age_share", "default", part, answer if one_year else NOT_REPORTED
        for method in ("person_wide", "within_municipality"):
            definition = f"longterm:{method}"
            long, young = f"longterm_adults:{method}", f"longterm_children:{method}"
            yield from counted("longterm_adults", definition, long, one_year, grown)
            yield from shared(
                "longterm_adults_share_recipients", definition, long, persons["adults"].__getitem__, one_year, grown
            )  # fmt: skip
            yield from shared(
                "longterm_adults_share_population", definition, long, adults, one_year, by.registered(grown)
            )
            yield from counted("longterm_children", definition, young, one_year, small)
            yield from shared(
                "longterm_children_share_population", definition, young, children, one_year, by.by_sex(small)
            )
        for definition in ("very_longterm:interior", "very_longterm:window"):
            yield from counted("very_longterm_adults", definition, definition, three_years, grown)
            yield from shared(
                "very_longterm_adults_share_recipients", definition, definition,
                persons["adults_3y"].__getitem__, three_years, grown,
            )  # fmt: skip
        yield from counted(
            "very_longterm_not_longterm_adults", "very_longterm:interior", "not_longterm", three_years, by.by_sex(grown)
        )  # fmt: skip
        yield from counted(
            "break_rule_differs_adults",
            "very_longterm:window",
            "break_rule_differs",
            three_years,
            by.by_sex(grown),
        )
        for part in by.by_sex(grown):
            for name in terms.durations:
                inside = by.joined(part, f"duration={name}")
                number = persons["duration"][inside]
                yield "adult_recipients", "default", inside, count(number) if one_year else NOT_REPORTED
                answer = ratio(number, persons["adults"][part])
                yield "duration_share", "default", inside, answer if one_year else NOT_REPORTED

    def _population(self, municipalities: set[str], year: int, part: str, ages: range) -> int | None:
        """Persons of the breakdown and ages in all the municipalities; None when one of them is not known."""
        if any((code, year) not in self.population for code in municipalities):
            return None
        cells = [
            persons
            for code in municipalities
            for (sex, age), persons in self.population[code, year].items()
            if age in ages and by.holds(self.terms, part, sex, age)
        ]
        return sum(cells) if cells else None

    def _of_reasons(self, year: int, one_year: set[str]) -> Iterator[tuple[str, str, str, PlainFigure]]:
        terms = self.terms
        classified: Counter[str] = Counter()
        numbers: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        months: Counter[str] = Counter()
        known: Counter[str] = Counter()
        parts = by.of_reasons(terms)
        for one in self._met(one_year, year):
            reasons = one.reasons(one_year)
            if reasons is None:
                continue
            mine = by.of_adult(terms, one)
            band = by.of_duration(terms, one)[0]
            classified[band] += 1
            sexes = ("total", f"sex={one.person.sex}")
            classified.update(mine)
            official = reasons.yearly("most_frequent")
            numbers["reason:most_frequent", official].update(mine)
            numbers["reason:latest", reasons.yearly("latest")].update(sexes)
            for category in reasons.met():
                numbers["reason:any", category].update(sexes)
            for category, calendar in reasons.months.items():
                for part in sexes:
                    numbers["reason:months", category][part] += len(calendar)
                    months[part] += len(calendar)
            for grouping in terms.groups:
                numbers[grouping, reasons.group(grouping)].update(sexes)
            if reasons.stated:
                known.update(sexes)
            if len(reasons.stated) > 1:
                numbers["changed", ""].update(sexes)
            if reasons.is_sick_without_benefit():
                numbers["sick", ""].update([*mine, band])

        def of(numerator: float, denominator: float) -> PlainFigure:
            return ratio(numerator, denominator) if one_year else NOT_REPORTED

        for part in parts:
            adults = count(classified[part]) if one_year else NOT_REPORTED
            yield "adults_with_reason", "default", part, adults
            for category in terms.categories:
                number = numbers["reason:most_frequent", category][part]
                key = by.joined(part, f"reason={category}")
                yield "reason_share", "reason:most_frequent", key, of(number, classified[part])
        for part in by.by_sex(parts):
            for category in terms.categories:
                key = by.joined(part, f"reason={category}")
                for rule, below in (("latest", classified), ("any", classified), ("months", months)):
                    number = numbers[f"reason:{rule}", category][part]
                    yield "reason_share", f"reason:{rule}", key, of(number, below[part])
            for grouping, groups in terms.groups.items():
                for group in {*groups.values(), NOT_STATED, UNKNOWN_CODE}:
                    key = by.joined(part, f"{grouping}={group}")
                    number = numbers[grouping, group][part]
                    yield "reason_share", "reason:most_frequent", key, of(number, classified[part])
            yield "several_reasons_share", "default", part, of(numbers["changed", ""][part], known[part])
        for part in (*parts, *(f"duration={name}" for name in terms.durations)):
            sick = numbers["sick", ""][part]
            yield "sick_without_benefit_share", "reason:any", part, of(sick, classified[part])

    def _of_households(self, year: int, one_year: set[str]) -> Iterator[tuple[str, str, str, PlainFigure]]:
        households: Counter[str] = Counter()
        longterm: Counter[str] = Counter()
        method = "longterm:within_municipality"
        months: Counter[str] = Counter()
        paid: dict[str, float] = defaultdict(float)
        payers: Counter[str] = Counter()
        told = {code for code in one_year if self._tells_money(code, year_window(year, 1))}
        for municipality in sorted(one_year):
            for household in self.register.household_keys[municipality, year]:
                rows = self.register.households[municipality, year, household]
                for part in self.terms.household_parts.get(
                    household_type(rows), self.terms.household_parts[9]
                ):
                    households[part] += 1
                    own = len({row.month for row in rows})
                    months[part] += own
                    longterm[part] += own >= self.terms.thresholds[method]["min_months"]
                    amounts = [row.amount for row in rows if row.amount is not None]
                    if municipality in told and amounts:
                        payers[part] += 1
                        paid[part] += sum(amounts)
        for part in sorted({part for parts in self.terms.household_parts.values() for part in parts}):
            yield "households", "default", part, count(households[part]) if one_year else NOT_REPORTED
            yield "longterm_households", method, part, count(longterm[part]) if one_year else NOT_REPORTED
            answer = ratio(longterm[part], households[part])
            yield "longterm_households_share", method, part, answer if one_year else NOT_REPORTED
            yield "paid_sek", "default", part, count(paid[part]) if told else NOT_REPORTED
            answer = ratio(paid[part], payers[part])
            yield "paid_sek_per_household", "default", part, answer if told else NOT_REPORTED
            answer = ratio(months[part], households[part])
            yield "months_per_household_mean", "default", part, answer if one_year else NOT_REPORTED
            if part != "total":
                yield (
                    "paid_share",
                    "default",
                    part,
                    ratio(paid[part], paid["total"]) if told else NOT_REPORTED,
                )

    def _tells_money(self, municipality: str, months: list[YearMonth]) -> bool:
        """Whether few enough households lack an amount in every one of the months."""
        for year, month in months:
            households = 0
            silent = 0
            for household in self.register.household_keys[municipality, year]:
                rows = [
                    row
                    for row in self.register.households[municipality, year, household]
                    if row.month == month
                ]
                households += bool(rows)
                silent += bool(rows) and all(row.amount is None for row in rows)
            if silent > thresholds().amount_missing_share_max * households:
                return False
        return True

    def _of_districts(
        self, municipality: str, year: int, one_year: set[str]
    ) -> Iterator[tuple[str, str, str, PlainFigure]]:
        numbers: dict[str, Counter[str]] = defaultdict(Counter)
        paid: dict[str, float] = defaultdict(float)
        for one in self._met({municipality}, year):
            part = one.district(municipality)
            numbers[part]["recipients"] += 1
            numbers[part]["adult_recipients" if one.is_adult else "child_recipients"] += 1
            if one.is_adult and one.is_longterm and one.last_municipality == municipality:
                numbers[part]["longterm_adults"] += 1
        if set(numbers) <= {"uppgift_saknas"}:
            return
        for household in self.register.household_keys[municipality, year]:
            rows = self.register.households[municipality, year, household]
            part = by.district_of(rows)
            numbers[part]["households"] += 1
            paid[part] += sum(row.amount or 0 for row in rows)
        tells_money = self._tells_money(municipality, year_window(year, 1))
        for part in {*numbers, "uppgift_saknas"}:
            key, here = f"district={part}", numbers[part]
            for indicator, definition, answer in (
                ("recipients", "default", count(here["recipients"])),
                ("adult_recipients", "default", count(here["adult_recipients"])),
                ("child_recipients", "default", count(here["child_recipients"])),
                ("longterm_adults", "longterm:person_wide", count(here["longterm_adults"])),
                (
                    "longterm_adults_share_recipients", "longterm:person_wide",
                    ratio(here["longterm_adults"], here["adult_recipients"]),
                ),
                ("households", "default", count(here["households"])),
                ("paid_sek", "default", count(paid[part])),
            ):  # fmt: skip
                is_told = one_year and (tells_money or indicator != "paid_sek")
                yield indicator, definition, key, answer if is_told else NOT_REPORTED

    def _whole_quarters(self) -> list[tuple[int, int]]:
        """(year, quarter) whose three months are all between the first and the last month of the register."""
        known = set(self.register.year_months)
        return [
            (year, number)
            for year in self.register.years
            for number in range(1, 5)
            if {(year, number * 3 - one) for one in range(3)} <= known
        ]

    def _of_months(self, geography: str, period: str, months: list[YearMonth]) -> dict[Key, PlainFigure]:
        """Persons, each once, households and money of a month or a quarter."""
        register, year = self.register, months[0][0]
        here = register.complete(geography, months)
        persons, households, paid = set(), 0, 0.0
        told = {code for code in here if self._tells_money(code, months)}
        for municipality in here:
            for name in register.met[municipality, year]:
                if not register.persons[name].months[municipality].isdisjoint(months):
                    persons.add(name)
            for household in register.household_keys[municipality, year]:
                rows = [
                    row
                    for row in register.households[municipality, year, household]
                    if (year, row.month) in months
                ]
                households += bool(rows)
                paid += sum(row.amount or 0 for row in rows) if municipality in told else 0
        return {
            (indicator, "default", geography, period, "total"): count(number) if reporting else NOT_REPORTED
            for indicator, number, reporting in (
                ("recipients", len(persons), here),
                ("households", households, here),
                ("paid_sek", paid, told),
            )
        }

    def _month(self, geography: str, year: int, month: int) -> dict[Key, PlainFigure]:
        """The figures of one month, and those of the twelve months up to it."""
        register, period = self.register, f"{year}-{month:02d}"
        found = self._of_months(geography, period, [(year, month)])
        rolling = "longterm_rolling12:default"
        window = rolling_window(year, month, self.terms.thresholds[rolling]["window_months"])
        complete = register.complete(geography, window)
        adults, longterm = self._rolling(complete, window)
        for part in ("total", "sex=K", "sex=M"):
            found["longterm_adults", rolling, geography, period, part] = (
                count(longterm[part]) if complete else NOT_REPORTED
            )
            found["longterm_adults_share_recipients", rolling, geography, period, part] = (
                ratio(longterm[part], adults[part]) if complete else NOT_REPORTED
            )
        for indicator, definition, part, answer in (
            *self.flow.part_of_year(geography, year, [(year, month)]),
            *self.activity.month(geography, year, month),
        ):
            found[indicator, definition, geography, period, part] = answer
        return found

    def _rolling(self, complete: set[str], window: list[YearMonth]) -> tuple[Counter[str], Counter[str]]:
        """Adults with aid in the window, and those with long-term aid, by sex."""
        register, year = self.register, window[-1][0]
        minimum = self.terms.thresholds["longterm_rolling12:default"]["min_months"]
        adults: Counter[str] = Counter()
        longterm: Counter[str] = Counter()
        met = {name for code in complete for y in (year - 1, year) for name in register.met[code, y]}
        inside = set(window)
        for name in met:
            one = self.person_year(name, year)
            has_aid = any(one.person.months[code] & inside for code in complete if code in one.person.months)
            if not one.is_adult or not has_aid:
                continue
            parts = ("total", f"sex={one.person.sex}")
            adults.update(parts)
            if len(one.person.all_months() & inside) < minimum:
                continue
            if last_municipality(one.person, window) in complete:
                longterm.update(parts)
        return adults, longterm
