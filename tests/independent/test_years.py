"""The tables of years: any cross of them is what one counts by hand from the rows, and adds up to the released figures."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from orchestration.database import attach, open_database
from orchestration.settings import PROJECT_ROOT
from tests.fixtures.asking import released
from tests.fixtures.random_register import RandomRegister

SEEDS = PROJECT_ROOT / "dbt_project/seeds/reference"
CODES = {
    row["reason_code"]
    for row in csv.DictReader((SEEDS / "reason_categories.csv").open(encoding="utf-8", newline=""))
}


@pytest.fixture(scope="module")
def ask(own_home: Path):
    with open_database() as connection:
        attach(connection, released(own_home) / "indicators.duckdb", "release")
        connection.execute("set search_path = 'release.marts,release.meta'")
        yield lambda query: connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def whole_years(own_register: RandomRegister) -> set[tuple[str, int]]:
    months = Counter((municipality, year) for municipality, year, _ in own_register.delivered)
    return {place for place, count in months.items() if count == 12}


def of_most_months(months: dict[str, set[int]]) -> str | None:
    """The reason of most months, then the one met last, then the first by code."""
    return min(months, key=lambda code: (-len(months[code]), -max(months[code]), code), default=None)


def test_a_cross_that_no_other_table_has_is_what_one_counts_by_hand(ask, own_register, whole_years) -> None:
    rows = defaultdict(list)
    for row in own_register.rows:
        if (row.municipality, row.year) in whole_years:
            rows[row.municipality, row.year, row.person].append(row)
    expected: Counter = Counter()
    for (municipality, year, _), own in rows.items():
        if year - own[0].born < 18:
            continue
        first = defaultdict(set)
        second = []
        for row in own:
            if row.role in ("RL", "MS") and row.reason in CODES:
                first[row.reason].add(row.month)
            if row.role in ("RL", "MS") and row.reason_2 in CODES:
                second.append((row.month, row.reason_2))
        reason = of_most_months(first)
        beside = max(second)[1] if second and reason else None
        expected[municipality, year, own[0].sex, len({row.month for row in own}), reason, beside] += 1
    found = ask(
        "select municipality_code, period_year, sex, months_count, registered_reason, second_reason, sum(adults_count) "
        "from adult_years group by all"
    )
    assert {row[:-1]: row[-1] for row in found} == expected
    assert sum(expected.values()) > 100


def test_households_are_long_term_and_end_as_one_counts_by_hand(ask, own_register, whole_years) -> None:
    months = defaultdict(set)
    for row in own_register.rows:
        months[row.municipality, row.household].add(row.year * 12 + row.month - 1)
    delivered = {
        (municipality, year * 12 + month - 1) for municipality, year, month in own_register.delivered
    }
    expected: Counter = Counter()
    for (municipality, _), all_months in months.items():
        for year in {month // 12 for month in all_months}:
            if (municipality, year) not in whole_years:
                continue
            own = [month for month in all_months if month // 12 == year]
            after = range(max(own) + 1, max(own) + 4)
            if any(month in all_months for month in after):
                has_ended = False
            else:
                has_ended = True if all((municipality, month) in delivered for month in after) else None
            expected[municipality, year, len(own), len(own) >= 10, has_ended] += 1
    found = ask(
        "select municipality_code, period_year, months_count, is_longterm, has_ended, sum(households_count) "
        "from household_years group by all"
    )
    assert {row[:-1]: row[-1] for row in found} == expected
    assert {has_ended for *_, has_ended in expected} == {True, False, None}


class Edges:
    """Beginnings and ends of aid by hand: a person's months in all municipalities, and the municipality of a month."""

    def __init__(self, register: RandomRegister) -> None:
        self.months = defaultdict(set)
        self.places = defaultdict(set)
        self.sex = {}
        for row in register.rows:
            month = row.year * 12 + row.month - 1
            self.months[row.person].add(month)
            self.places[row.person, row.municipality, row.year].add(month)
            self.sex[row.person] = row.sex
        self.delivered = {(place, year * 12 + month - 1) for place, year, month in register.delivered}

    def place(self, person: str, month: int) -> str:
        """The municipality of most months that year, of those with the month; then the lower code."""
        here = {
            place: len(months)
            for (who, place, year), months in self.places.items()
            if who == person and year == month // 12 and month in months
        }
        return min(here, key=lambda place: (-here[place], place))

    def delivered_from(self, place: str, month: int, step: int) -> int:
        """How many months in a row were delivered after the month, or before it with step -1."""
        count = 0
        while (place, month + step * (count + 1)) in self.delivered:
            count += 1
        return count

    def is_known(self, place: str, year: int, months: range) -> bool:
        """Whether each month of the year, and those as far from it as `months` says, were delivered."""
        return all((place, year * 12 + one + off) in self.delivered for one in range(12) for off in months)


@pytest.fixture(scope="module")
def edges(own_register: RandomRegister) -> Edges:
    return Edges(own_register)


def test_ends_and_when_aid_comes_back_are_as_one_counts_by_hand(ask, edges: Edges) -> None:
    expected: Counter = Counter()
    for person, months in edges.months.items():
        for month in months:
            after = [month + one in months for one in range(1, 13)]
            place = edges.place(person, month)
            if not any(after[:3]) and edges.is_known(place, month // 12, range(4)):
                back = after.index(True) + 1 if any(after) else None
                of_twelve = sum(month - one in months for one in range(12))
                followed = min(edges.delivered_from(place, month, 1), 12)
                expected[place, month // 12, edges.sex[person], of_twelve, back, followed] += 1
    found = ask(
        "select municipality_code, period_year, sex, months_of_twelve, months_until_return, months_followed, sum(ends_count) "
        "from exit_years group by all"
    )
    assert {row[:-1]: row[-1] for row in found} == expected
    assert {back for *_, back, _ in expected} > {None, 4, 12}


def test_beginnings_and_how_long_ago_aid_was_had_are_as_one_counts_by_hand(ask, edges: Edges) -> None:
    expected: Counter = Counter()
    for person, months in edges.months.items():
        for month in months:
            place = edges.place(person, month)
            if any(month - one in months for one in range(1, 13)) or not edges.is_known(
                place, month // 12, range(-12, 1)
            ):
                continue
            last = max((one for one in months if one < month), default=None)
            since = None if last is None else (month - last) // 12
            years_known = edges.delivered_from(place, month, -1) // 12
            expected[place, month // 12, edges.sex[person], since, years_known] += 1
    found = ask(
        "select municipality_code, period_year, sex, years_since_aid, years_known, sum(beginnings_count) "
        "from entry_years group by all"
    )
    assert {row[:-1]: row[-1] for row in found} == expected
    assert {since for *_, since, _ in expected} >= {None, 1}


@pytest.mark.parametrize(
    ("indicator", "definition", "what"),
    [
        ("adult_recipients", "default", "true"),
        ("longterm_adults", "longterm:person_wide", "is_longterm_person_wide"),
        ("longterm_adults", "longterm:within_municipality", "is_longterm_within_municipality"),
        ("very_longterm_adults", "very_longterm:interior", "is_very_longterm_interior"),
    ],
)
def test_sums_by_sex_age_and_origin_are_the_released_figures(ask, indicator, definition, what) -> None:
    differing = ask(f"""
        with own as (
            select municipality_code, period_year, breakdown, count(*) filter (where {what}) as rows_count,
                sum(adults_count) filter (where {what}) as adults_count
            from adult_years
            cross join lateral (values
                ('total'), ('sex=' || sex), ('sex=' || sex || ';age=' || age_band), ('origin=' || origin)
            ) as cuts (breakdown)
            group by all
        )
        select municipality_code, own.period_year, own.breakdown, adults_count, value
        from own
        inner join indicator_values
            on municipality_code = geography_id and period = cast(own.period_year as varchar)
            and own.breakdown = indicator_values.breakdown
        where indicator_id = '{indicator}' and definition_id = '{definition}' and value_status = 'published'
            and coalesce(adults_count, 0) <> value
    """)
    assert differing == []


def test_all_money_is_in_them_once(ask) -> None:
    ((people, households, released_sek),) = ask("""
        select
            (select sum(paid_sek) from adult_years) + coalesce((select sum(paid_sek) from child_years), 0),
            (select sum(paid_sek) from household_years),
            (select sum(value) from indicator_values
             where indicator_id = 'paid_sek' and breakdown = 'total' and period_kind = 'year' and geography_id = '0000')
    """)
    assert people == pytest.approx(households) == pytest.approx(released_sek)
    assert people > 0


def test_a_protected_release_has_none_of_them(public_home: Path) -> None:
    with open_database() as connection:
        attach(connection, released(public_home, "public") / "indicators.duckdb", "release")
        for table in ("adult_years", "child_years", "household_years", "exit_years", "entry_years"):
            assert connection.execute(f"select count(*) from release.marts.{table}").fetchone() == (0,)
