"""A delivery set of one's own, by one command to a release, compared with a second plain computation."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib.database import attach, open_database
from tests.fixtures.random_register import MUNICIPALITIES, YEARS, RandomRegister
from tests.oracle import AGE_BANDS, Oracle

AREAS = {
    "0180": ["0180", "lan:01", "skr:A1", "0000"],
    "0184": ["0184", "lan:01", "skr:A2", "0000"],
    "0980": ["0980", "lan:09", "skr:C6", "0000"],
    "1231": ["1231", "lan:12", "skr:A2", "0000"],
    "1280": ["1280", "lan:12", "skr:A1", "0000"],
}
REASON_ORDER = [
    "arbetslos", "arbetslos_etableringsersattning", "sjukskriven_lakarintyg", "sjuk_aktivitetsersattning",
    "pension_aldreforsorjningsstod", "sociala_skal", "foraldraledig", "arbetar_heltid", "arbetar_deltid",
    "utan_forsorjningshinder", "uppgift_saknas", "ensamkommande_gymnasiestuderande", "okand_kod",
]  # fmt: skip
BREAKDOWNS = ["total", "sex=K", "sex=M", "age=18-24", "age=65+", "sex=K;age=18-29", "origin=utrikes_fodda"]


@pytest.fixture(scope="module")
def oracle(own_register: RandomRegister) -> Oracle:
    return Oracle(own_register.rows, own_register.delivered, AREAS)


@pytest.fixture(scope="module")
def values(own_home: Path) -> dict[tuple, tuple]:
    with open_database() as connection:
        attach(connection, own_home / "published" / "current" / "indicators.duckdb", "release")
        rows = connection.execute(
            "select indicator_id, definition_id, geography_id, period, breakdown, numerator, denominator, value, "
            "value_status from release.marts.indicator_values"
        ).fetchall()
    return {row[:5]: row[5:] for row in rows}


AREAS_AND_YEARS = [
    (area, year) for area in sorted({area for areas in AREAS.values() for area in areas}) for year in YEARS
]


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
def test_counts_of_persons(area: str, year: int, oracle: Oracle, values: dict) -> None:
    for breakdown in BREAKDOWNS:
        recipients = oracle.in_breakdown(oracle.recipients(area, year), year, breakdown)
        adults = {person for person in recipients if oracle.age(person, year) >= 18}
        adults_3y = {
            person
            for person in oracle.in_breakdown(oracle.recipients(area, year, 3), year, breakdown)
            if oracle.age(person, year) >= 18
        }
        expected = {
            ("recipients", "default", 1): (len(recipients), None),
            ("adult_recipients", "default", 1): (len(adults), None),
        }
        for method in ("person_wide", "within_municipality"):
            longterm = oracle.longterm(area, year, method)
            found = (len(longterm & adults), len(adults))
            expected["longterm_adults_share_recipients", f"longterm:{method}", 1] = found
            if "age" not in breakdown:
                expected["longterm_children", f"longterm:{method}", 1] = (
                    len(longterm & recipients - adults),
                    None,
                )
        for rule in ("interior", "window"):
            very = oracle.very_longterm(area, year, rule) & adults_3y
            expected["very_longterm_adults_share_recipients", f"very_longterm:{rule}", 3] = (
                len(very),
                len(adults_3y),
            )
        for (indicator, definition, window), (numerator, denominator) in expected.items():
            answer = values[indicator, definition, area, str(year), breakdown]
            if not oracle.complete(area, year, window):
                assert answer == (None, None, None, "not_reported"), (indicator, definition, breakdown)
            elif denominator == 0:
                assert answer[3] == "not_applicable", (indicator, definition, breakdown)
            else:
                assert answer[:2] == (numerator, denominator), (indicator, definition, breakdown)
                assert answer[3] == "published"


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
def test_shares_of_the_population_cover_the_same_municipalities(
    area: str, year: int, oracle: Oracle, values: dict
) -> None:
    complete = oracle.complete(area, year, 1)
    if not complete:
        return
    per_cell = sum(10 + MUNICIPALITIES.index(municipality) for municipality in complete)
    recipients = oracle.recipients(area, year)
    answer = values["recipients_share_population", "default", area, str(year), "total"]
    assert answer[:2] == (len(recipients), per_cell * 2 * 101)
    answer = values["longterm_adults_share_population", "longterm:person_wide", area, str(year), "sex=K"]
    assert answer[1] == per_cell * 83
    answer = values["young_adult_recipients_share_population", "default", area, str(year), "total"]
    low, high = AGE_BANDS["18-24"]
    young = {person for person in recipients if low <= oracle.age(person, year) <= high}
    assert answer[:2] == (len(young), per_cell * 2 * 7)


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
def test_yearly_reasons(area: str, year: int, oracle: Oracle, values: dict) -> None:
    if not oracle.complete(area, year, 1):
        return
    adults = {person for person in oracle.recipients(area, year) if oracle.age(person, year) >= 18}
    for rule in ("most_frequent", "latest"):
        reasons = [oracle.reason(person, area, year, rule, REASON_ORDER) for person in adults]
        classified = [reason for reason in reasons if reason is not None]
        for reason in REASON_ORDER:
            answer = values["reason_share", f"reason:{rule}", area, str(year), f"reason={reason}"]
            assert answer[:2] == (classified.count(reason), len(classified)), (rule, reason)


@pytest.mark.parametrize(("area", "year"), AREAS_AND_YEARS)
def test_households_and_money(area: str, year: int, oracle: Oracle, values: dict) -> None:
    if not oracle.complete(area, year, 1):
        return
    households = oracle.households(area, year)
    paid = sum(row.amount for rows in households.values() for row in rows)
    months = sum(len({row.month for row in rows}) for rows in households.values())
    assert values["households", "default", area, str(year), "total"][0] == len(households)
    assert values["paid_sek", "default", area, str(year), "total"][0] == pytest.approx(paid)
    assert values["months_per_household_mean", "default", area, str(year), "total"][2] == pytest.approx(
        months / len(households)
    )


def test_monthly_recipients_need_only_the_month(oracle: Oracle, values: dict) -> None:
    for area in ("1231", "lan:12", "0000"):
        for year in YEARS:
            for month in range(1, 13):
                members = {m for m in oracle.members(area) if (m, year, month) in oracle.delivered}
                persons = {
                    p for (p, m), months in oracle.months.items() if m in members and (year, month) in months
                }
                answer = values["recipients", "default", area, f"{year}-{month:02d}", "total"]
                assert answer[0] == (len(persons) if members else None)
