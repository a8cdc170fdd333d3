"""No hidden count can be worked out from areas less their shown municipalities: against all ways to fill the holes."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import duckdb
import pytest

from orchestration.catalog.loader import load_catalog
from orchestration.release.complementary import mask_telling_areas
from orchestration.settings import Settings

SMALLEST = 4
COUNTIES = {"01": ["0101", "0102", "0103"], "02": ["0201", "0202"], "03": ["0301"], "04": ["0401", "0402"]}


def _hide(tmp_path: Path, counts: dict[str, int]) -> tuple[set[str], dict[str, int]]:
    """The hidden areas and municipalities of one figure, and every area's sum."""
    sums = {f"lan:{county}": sum(counts[code] for code in codes) for county, codes in COUNTIES.items()}
    sums["0000"] = sum(sums.values())
    connection = duckdb.connect()
    for schema in ("unprotected", "mask"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        "create table unprotected.long_term_recipiency (row_id bigint, geography_id varchar, period_year integer, "
        "breakdown varchar, adult_recipients_count bigint);"
        "create table mask.long_term_recipiency (row_id bigint, cell integer, reason varchar);"
        "create table unprotected.geography_members (geography_id varchar, geography_type varchar, "
        "municipality_code varchar, first_year integer, last_year integer)"
    )
    rows = [
        (number, area, 2019, "total", count) for number, (area, count) in enumerate((counts | sums).items())
    ]
    connection.executemany("insert into unprotected.long_term_recipiency values (?, ?, ?, ?, ?)", rows)
    for county, codes in COUNTIES.items():
        for code in codes:
            connection.execute(
                "insert into unprotected.geography_members values (?, 'county', ?, null, null), "
                "('0000', 'country', ?, null, null)",
                [f"lan:{county}", code, code],
            )
    small = f"rows.adult_recipients_count > 0 and rows.adult_recipients_count < {SMALLEST}"
    connection.execute(
        f"insert into mask.long_term_recipiency select row_id, 0, 'small_count' "
        f"from unprotected.long_term_recipiency as rows where {small}"
    )
    mask_telling_areas(
        connection,
        load_catalog(Settings(home=tmp_path)),
        ["long_term_recipiency", "geography_members"],
        {("long_term_recipiency", 0): small},
    )
    hidden = connection.execute(
        "select geography_id from unprotected.long_term_recipiency where row_id in "
        "(select row_id from mask.long_term_recipiency)"
    ).fetchall()
    return {row[0] for row in hidden}, sums


def _possible(counts: dict[str, int], hidden: set[str], sums: dict[str, int]) -> dict[str, set[int]]:
    """What each hidden municipality may hold, given all that is shown."""
    holes = [code for code in counts if code in hidden]
    found: dict[str, set[int]] = {code: set() for code in holes}
    for guess in itertools.product(range(1, SMALLEST), repeat=len(holes)):
        filled = counts | dict(zip(holes, guess, strict=True))
        counties = {
            f"lan:{county}": sum(filled[code] for code in codes) for county, codes in COUNTIES.items()
        }
        fits = all(area in hidden or counties[area] == sums[area] for area in counties)
        if fits and ("0000" in hidden or sum(counties.values()) == sums["0000"]):
            for code in holes:
                found[code].add(filled[code])
    return found


@pytest.mark.parametrize("seed", range(40))
def test_every_hidden_count_keeps_two_possible_values(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    codes = [code for members in COUNTIES.values() for code in members]
    counts = {code: draw.choice([0, 1, 2, 3, 3, 7, 40, 200]) for code in codes}
    hidden, sums = _hide(tmp_path, counts)
    for code, values in _possible(counts, hidden, sums).items():
        assert len(values) > 1, (code, counts, hidden)


def test_one_hidden_member_hides_its_county_and_the_country(tmp_path: Path) -> None:
    counts = dict.fromkeys(["0102", "0103", "0201", "0202", "0301", "0401", "0402"], 50) | {"0101": 2}
    hidden, _ = _hide(tmp_path, counts)
    assert hidden == {"0101", "lan:01", "0000"}


def test_two_hidden_members_that_could_be_either_way_hide_no_area(tmp_path: Path) -> None:
    counts = dict.fromkeys(["0103", "0201", "0202", "0301", "0401", "0402"], 50) | {"0101": 1, "0102": 3}
    hidden, _ = _hide(tmp_path, counts)
    assert hidden == {"0101", "0102"}


def test_two_hidden_members_that_must_both_be_one_hide_the_area(tmp_path: Path) -> None:
    counts = dict.fromkeys(["0103", "0201", "0202", "0301", "0401", "0402"], 50) | {"0101": 1, "0102": 1}
    hidden, _ = _hide(tmp_path, counts)
    assert hidden == {"0101", "0102", "lan:01", "0000"}


def test_nothing_hidden_hides_no_area(tmp_path: Path) -> None:
    codes = [code for members in COUNTIES.values() for code in members]
    hidden, _ = _hide(tmp_path, dict.fromkeys(codes, 4))
    assert hidden == set()
