"""Before and after a marked change against a plain second reading of the rule, from the months and events of the same release.

Only what the release shows is read, so the table of a protected release tells nothing that its months do not.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles

import pytest

from tests.fixtures.asking import in_profile

MEASURES = ("entries", "exits", "paid_sek")
MOST_MONTHS, LEAST_OTHERS = 12, 8
Months = dict[int, tuple[str, float | None]]


def index(day: date) -> int:
    return day.year * 12 + day.month - 1


def period(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def read_months(home: Path, profile: str) -> dict[tuple[str, str], Months]:
    """(measure, municipality) → month → (status, value)."""
    found: dict[tuple[str, str], Months] = defaultdict(dict)
    for indicator, code, month, status, value in in_profile(
        home,
        profile,
        "select indicator_id, geography_id, period, value_status, value from indicator_values "
        "where period_kind = 'month' and breakdown = 'total' and length(geography_id) = 4 and geography_id <> '0000'",
    ):
        if indicator in MEASURES:
            found[indicator, code][index(date.fromisoformat(f"{month}-01"))] = (status, value)
    return found


def compare(months: Months, first: int, count: int, least: int) -> tuple:
    """(status, before, after, status of the share, share) of so many months from `first`, and the same a year before."""
    both = [months.get(month, ("not_reported", None)) for month in range(first, first + count)]
    both += [months.get(month - 12, ("not_reported", None)) for month in range(first, first + count)]
    statuses = {status for status, _ in both}
    if count == 0 or statuses - {"published", "suppressed"}:
        return "not_reported", None, None, "not_reported", None
    if "suppressed" in statuses:
        return "suppressed", None, None, "suppressed", None
    after, before = (sum(value for _, value in part) for part in (both[:count], both[count:]))
    if before == 0:
        return "published", before, after, "not_applicable", None
    if before < least:
        return "published", before, after, "suppressed", None
    return "published", before, after, "published", after / before - 1


def spread(shares: list[float], count: int) -> tuple:
    """(number of others, their three quartiles, status)."""
    if count == 0:
        return 0, None, None, None, "not_reported"
    if len(shares) < LEAST_OTHERS:
        return len(shares), None, None, None, "too_few_municipalities"
    return len(shares), *quantiles(shares, method="inclusive"), "published"


def expected_rows(home: Path, profile: str) -> dict[tuple, tuple]:
    months = read_months(home, profile)
    [(least,)] = in_profile(home, profile, "select least_denominator from release_info")
    found = {}
    for day, code, title in in_profile(
        home, profile, "select event_date, municipality_code, title from variation_events"
    ):
        first = index(day - timedelta(days=1)) + 1
        for (indicator, own), series in months.items():
            if code not in (None, own):
                continue
            count = 0
            while count < MOST_MONTHS and series.get(first + count, ("",))[0] in ("published", "suppressed"):
                count += 1
            shares = [
                share
                for (measure, other), theirs in months.items()
                if measure == indicator and other != own
                for share in compare(theirs, first, count, least)[4:]
                if share is not None
            ]
            periods = (period(first), period(first + count - 1)) if count else (None, None)
            found[own, day, title, indicator] = (
                count,
                *periods,
                *compare(series, first, count, least),
                *spread(shares, count),
            )
    return found


def check(home: Path, profile: str) -> set[tuple[str, str]]:
    """Hold every row of the table against the plain reading; the pairs of statuses that it has."""
    rows = in_profile(
        home,
        profile,
        "select geography_id, event_date, title, indicator_id, months_count, first_period, last_period, value_status, "
        "before_value, after_value, change_share_status, change_share, others_count, others_p25, others_median, others_p75, "
        "others_status from change_comparison",
    )
    expected = expected_rows(home, profile)
    assert {row[:4] for row in rows} == expected.keys()
    for row in rows:
        assert row[4:] == tuple(
            pytest.approx(one) if isinstance(one, float) else one for one in expected[row[:4]]
        ), row[:4]
    return {(row[7], row[16]) for row in rows}


def test_every_row_is_that_of_the_plain_reading(own_home: Path) -> None:
    assert check(own_home, "internal") >= {
        ("published", "too_few_municipalities"),
        ("not_reported", "not_reported"),
    }


def test_a_protected_table_is_made_of_what_is_shown(public_home: Path) -> None:
    assert ("suppressed", "too_few_municipalities") in check(public_home, "public")


def test_months_that_are_not_known_yet_are_not_compared(activity_home: Path) -> None:
    assert check(activity_home, "internal") >= {("not_reported", "not_reported")}
