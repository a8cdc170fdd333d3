"""The public release beside the internal one of the same register: each count by the rule, worked out here once more.

A count of 0–7 is a band, any other is rounded to the nearest 5, and what is computed is computed from those. Only families
of headline counts are whole, in a municipality, county or country and year where none of them is small, and in an area only when
they are so in each of its municipalities and those who were in several of them are none or many.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from orchestration.database import attach, open_database
from orchestration.settings import PROJECT_ROOT
from tests.fixtures.asking import released
from tests.fixtures.random_register import MUNICIPALITIES, YEARS

BAND, BASE, LEAST, MONEY = 7, 5, 20, 1000
ADULTS, CHILDREN = ("adult_recipients", "default"), ("child_recipients", "default")
LONG, LONG_CHILDREN = (
    ("longterm_adults", "longterm:person_wide"),
    ("longterm_children", "longterm:person_wide"),
)
VERY_LONG = ("very_longterm_adults", "very_longterm:interior")
HOUSEHOLDS = ("households", "default")
SEXES, ORIGINS = ("sex=K", "sex=M"), ("origin=inrikes_fodda", "origin=utrikes_fodda")
# of each family: what is shown whole, what must not be small though it is rounded, and what may be none but not few
FAMILIES: dict[str, tuple[list[tuple], list[tuple], list[tuple]]] = {
    "people": (
        [
            ("recipients", "default", "total"),
            (*ADULTS, "total"),
            (*CHILDREN, "total"),
            *((*ADULTS, sex) for sex in SEXES),
        ],
        [(*CHILDREN, sex) for sex in SEXES],
        [],
    ),
    "origin": ([(*ADULTS, origin) for origin in ORIGINS], [], [(*ADULTS, "origin=uppgift_saknas")]),
    "longterm_adults": (
        [(*LONG, "total")],
        [(*LONG, part) for part in SEXES + ORIGINS],
        [(*ADULTS, "total", *LONG)],
    ),
    "longterm_children": (
        [(*LONG_CHILDREN, "total")],
        [(*LONG_CHILDREN, part) for part in SEXES],
        [(*CHILDREN, "total", *LONG_CHILDREN)],
    ),
}
# ages inside others (18-29 only by sex), those on whom two definitions differ, those with several reasons (of all but those
# without a known one) and the crosses of unofficial definitions are left out
LEFT_OUT_AGES = ("age=18-19", "age=20-24")
with (PROJECT_ROOT / "dbt_project/seeds/reference/definitions.csv").open(encoding="utf-8") as _file:
    VARIANTS = {
        row["definition_id"] for row in csv.DictReader(_file) if row["definition_status"] != "official"
    }
LEFT_OUT = ("very_longterm_not_longterm_adults", "break_rule_differs_adults", "several_reasons_share")

Rows = dict[tuple, dict[str, Any]]


def _rows(home: Path, table: str, key: tuple[str, ...], profile: str = "internal") -> Rows:
    with open_database() as connection:
        attach(connection, released(home, profile) / "indicators.duckdb", "release")
        connection.execute("set search_path = 'release.marts,release.meta'")
        found = connection.execute(f"select * from {table}")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {tuple(row[name] for name in key): row for row in rows}


VALUE_KEY = ("indicator_id", "definition_id", "geography_id", "period", "breakdown")


@pytest.fixture(scope="module")
def exact(own_home: Path) -> Rows:
    return _rows(own_home, "indicator_values", VALUE_KEY)


@pytest.fixture(scope="module")
def public(public_home: Path) -> Rows:
    return _rows(public_home, "indicator_values", VALUE_KEY, "public")


def rounded(count: float) -> float | None:
    return None if count <= BAND else BASE * ((count + BASE / 2) // BASE)


def _is_left_out(key: tuple) -> bool:
    parts = key[4].split(";")
    is_crossed = len(parts) > 1 and (key[1] in VARIANTS or (parts[0] in SEXES and "age=18-29" in parts))
    return key[0] in LEFT_OUT or is_crossed or any(part in LEFT_OUT_AGES for part in parts)


def test_every_count_is_a_band_or_rounded_or_whole(exact: Rows, public: Rows) -> None:
    found: defaultdict[str, int] = defaultdict(int)
    assert set(public) == {key for key in exact if not _is_left_out(key)}
    for key, row in public.items():
        if row["unit"] not in ("persons", "households"):
            continue
        count = exact[key]["value"]
        if count is None:
            assert (row["value"], row["value_status"]) == (None, exact[key]["value_status"]), key
        elif count <= BAND:
            assert (row["value"], row["value_status"], row["numerator"]) == (None, "suppressed", None), key
            found["band"] += 1
        elif row["is_rounded"]:
            assert row["value"] == rounded(count), key
            found["rounded"] += 1
        else:
            assert row["value"] == count, key
            found["whole"] += 1
    assert min(found.values()) > 5
    assert len(found) == 3


def test_a_family_is_whole_where_none_of_it_is_small(exact: Rows, public: Rows, own_home: Path) -> None:
    members = _rows(own_home, "geography_members", ("geography_id", "municipality_code"))
    areas = {code: {code} for code in MUNICIPALITIES}
    for (geography, code), row in members.items():
        if row["geography_type"] in ("county", "country") and code in MUNICIPALITIES:
            areas.setdefault(geography, set()).add(code)

    def count(geography: str, year: int, one: tuple) -> float:
        found = exact[one[0], one[1], geography, str(year), one[2]]["value"]
        return found - (exact[one[3], one[4], geography, str(year), one[2]]["value"] if len(one) > 3 else 0)

    def is_told(geography: str, year: int, family: str) -> bool:
        whole, asked, none_or_many = FAMILIES[family]
        return all(count(geography, year, one) > BAND for one in whole + asked) and all(
            not 0 < count(geography, year, one) <= BAND for one in none_or_many
        )

    def is_whole(geography: str, year: int, family: str) -> bool:
        told = {
            code for code in areas[geography] if exact[*ADULTS, code, str(year), "total"]["value"] is not None
        }
        in_several = [
            sum(count(code, year, one) for code in told) - count(geography, year, one)
            for one in FAMILIES[family][0]
        ]
        return all(is_told(one, year, family) for one in {geography, *told}) and not any(
            0 < people <= BAND for people in in_several
        )

    seen = set()
    for geography, year, family in product(areas, YEARS, FAMILIES):
        if exact[*ADULTS, geography, str(year), "total"]["value"] is None:
            continue
        wanted = is_whole(geography, year, family)
        for indicator, definition, breakdown in FAMILIES[family][0]:
            key = (indicator, definition, geography, str(year), breakdown)
            is_shown = public[key]["value"] is not None
            assert (is_shown and not public[key]["is_rounded"]) == wanted, key
        seen.add((family, wanted))
    assert {("people", True), ("people", False), ("origin", True), ("origin", False)} <= seen
    assert {
        row["is_rounded"]
        for key, row in public.items()
        if key[2].startswith("skr:") and key[0] in ("recipients", "households") and row["value"] is not None
    } == {True}


def test_a_share_is_that_of_the_shown_counts_and_of_at_least_twenty(exact: Rows, public: Rows) -> None:
    shown = 0
    for key, row in public.items():
        if row["unit"] != "share" or row["value_status"] != "published":
            continue
        assert row["numerator"] > BAND, key
        assert row["denominator"] >= LEAST, key
        assert row["value"] == min(row["numerator"] / row["denominator"], 1), key
        # kronor and months follow the people they are of
        if key[0] != "paid_share" and key[1] != "reason:months":
            assert abs(row["numerator"] - exact[key]["numerator"]) <= BASE / 2, key
        shown += 1
    assert shown > 50


def test_money_is_in_thousands_and_of_more_than_seven_households(exact: Rows, public: Rows) -> None:
    shown = 0
    for key, row in public.items():
        if row["unit"] != "sek" or row["value_status"] != "published":
            continue
        households = exact["households", "default", *key[2:]]["value"]
        assert row["value"] % MONEY == 0, key
        assert households > BAND, key
        shown += 1
    assert shown > 50


@pytest.mark.parametrize(
    ("table", "key", "counts"),
    [
        ("long_term_recipiency", ("geography_id", "period_year", "breakdown"), (
            "adult_recipients_count", "adult_recipients_3y_count", "longterm_person_wide_count",
            "longterm_within_municipality_count", "very_longterm_interior_count", "very_longterm_window_count",
            "municipality_method_differs_count", "break_rule_differs_count", "very_longterm_not_longterm_count",
            "child_recipients_count", "longterm_children_count",
        )),
        ("reason_for_need", ("geography_id", "period_year", "definition_id", "reason", "sex", "age_band", "origin",
                             "children", "duration"), ("adults_count", "adults_with_reason_count")),
        ("reason_transitions", ("geography_id", "period_year", "definition_id", "from_reason", "to_reason"),
         ("adults_count", "from_adults_count")),
        ("duration_curves", ("geography_id", "definition_id", "entry_year", "month_since_entry"),
         ("at_risk_count", "ended_by_count", "censored_by_count")),
        ("deliveries", ("municipality_code", "period", "delivery_id"),
         ("rows_read", "rows_loaded", "rows_quarantined", "rows_duplicate", "households_count", "persons_count")),
        ("delivery_rule_hits", ("delivery_id", "municipality_code", "period", "rule_id", "severity"), ("rows_count",)),
    ],
)  # fmt: skip
def test_every_other_table_shows_the_same_count_the_same_way(
    table: str, key: tuple[str, ...], counts: tuple[str, ...], own_home: Path, public_home: Path
) -> None:
    exact, public = _rows(own_home, table, key), _rows(public_home, table, key, "public")
    assert set(public) <= set(exact)
    compared = 0
    for place, row in public.items():
        for column in counts:
            count = exact[place][column]
            if row[column] is None:
                is_variant = column in ("longterm_within_municipality_count", "very_longterm_window_count")
                is_left_out = "differs" in column or "not_longterm" in column
                is_left_out |= is_variant and ";" in row["breakdown"]
                is_tail = column.endswith("_by_count") and row["at_risk_count"] is None
                assert count is None or count <= BAND or is_left_out or is_tail, (
                    place,
                    column,
                )
            elif count is not None:
                # whole where it belongs to a headline family
                assert row[column] in (count, rounded(count)), (place, column)
                assert row[column] > BAND, (place, column)
                compared += 1
    assert compared


@pytest.mark.parametrize(
    ("table", "place", "group", "count"),
    [
        ("indicator_values", ("geography_id", "period"), ("indicator_id", "definition_id", "breakdown"), "value"),
        ("long_term_recipiency", ("geography_id", "period_year"), ("breakdown",), "adult_recipients_count"),
        ("reason_for_need", ("geography_id", "period_year"),
         ("definition_id", "reason", "sex", "age_band", "origin", "children", "duration"), "adults_count"),
        ("reason_transitions", ("geography_id", "period_year"), ("definition_id", "from_reason", "to_reason"),
         "adults_count"),
        ("duration_curves", ("geography_id", "entry_year"), ("definition_id", "month_since_entry"), "at_risk_count"),
    ],
)  # fmt: skip
def test_that_a_row_is_there_tells_nothing_of_a_hidden_count(
    table: str, place: tuple[str, ...], group: tuple[str, ...], count: str, public_home: Path
) -> None:
    """A group with a hidden count somewhere has a row everywhere, or its absence would say that nobody is in it."""
    rows = _rows(public_home, table, (*place, *group), "public")
    # a district is in its municipality alone, and an indicator has periods of its own
    by_kind: defaultdict[tuple, set] = defaultdict(set)
    hidden = set()
    for key, row in rows.items():
        kind = (
            len(str(key[1])),
            key[0] if "district=" in str(key[-1]) else "",
            key[2] if table == "indicator_values" else "",
        )
        by_kind[kind].add(key[:2])
        if row[count] is None:
            hidden.add((kind, key[2:]))
    assert hidden
    for kind, of_group in hidden:
        missing = [one for one in by_kind[kind] if (*one, *of_group) not in rows]
        assert not missing, (of_group, missing[:3])


def test_the_words_of_a_sender_and_what_was_observed_stay_inside(public_home: Path) -> None:
    files = _rows(public_home, "delivery_files", ("delivery_id",), "public").values()
    assert {(row["file_name"], row["message"], row["ignored_columns"]) for row in files} == {
        (None, None, None)
    }
    results = _rows(
        public_home,
        "quality_results",
        ("gate", "suite", "expectation", "table_name", "column_name"),
        "public",
    )
    assert {row["observed"] for row in results.values()} == {None}


def test_a_curve_stands_where_enough_have_ended(public_home: Path, own_home: Path) -> None:
    key = ("geography_id", "definition_id", "entry_year", "month_since_entry")
    exact = _rows(own_home, "duration_curves", key)
    shown = [
        (row["survival_share"], exact[place]["survival_share"])
        for place, row in _rows(public_home, "duration_curves", key, "public").items()
        if row["value_status"] == "published"
    ]
    assert all(0 <= share <= 1 for share, _ in shown)
    # counts of 20 and more, each at most 2 from the exact one
    assert max((abs(share - whole) for share, whole in shown), default=0) < 0.2
