"""A municipality that was renumbered and changed county: one series under the code of today, one county at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.database import open_database
from orchestration.settings import Settings
from orchestration.warehouse.dbt_runner import run_dbt
from orchestration.warehouse.raw_tables import load_raw_tables
from tests.spec.drawing import write_rows

# Heby was 1917 in Västmanland until 2006, then 0331 in Uppsala; Knivsta was split from Uppsala in 2003.
CODES = {2002: ["1917", "0380"], 2003: ["1917", "0380", "0330"]} | {
    year: ["1917" if year < 2007 else "0331", "0380", "0330"] for year in range(2004, 2009)
}


def _row(code: str, year: int, month: int, person: int) -> tuple:
    household = f"00000000-0000-0000-0000-0000000{code}0"
    return (
        *(code, f"{year}-{month:02d}-01", household, f"00000000-0000-0000-0000-00000000000{person}", "RL"),
        *(5, 1000, "arbetslos_ingen_ersattning", None, None, None, "K", 1970, None, None),
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person with aid every month in Heby, another in Uppsala; all months delivered 2002–2008."""
    settings = Settings(home=tmp_path_factory.mktemp("geography"), profile="internal")
    months = [(year, month) for year in CODES for month in range(1, 13)]
    rows = [_row(CODES[year][0], year, month, 1) for year, month in months]
    rows += [_row("0380", year, month, 2) for year, month in months]
    write_rows(
        settings, rows, [(code, f"{year}-{month:02d}-01") for year, month in months for code in CODES[year]]
    )
    load_raw_tables(settings)
    assert [
        node.message
        for node in run_dbt(settings, ["build", "--exclude-resource-type", "unit_test"])
        if not node.is_ok
    ] == []
    return settings.warehouse


def _answers(warehouse: Path, indicator_id: str, geography_id: str) -> dict[str, tuple]:
    with open_database(warehouse) as connection:
        rows = connection.execute(
            "select period, value, value_status from marts.indicator_values where indicator_id = ? and "
            "geography_id = ? and breakdown = 'total' and length(period) = 4 and definition_id in "
            "('default', 'very_longterm:interior') order by period",
            [indicator_id, geography_id],
        ).fetchall()
    return {period: (value, status) for period, value, status in rows}


def test_the_series_of_a_renumbered_municipality_lies_under_the_code_of_today(warehouse: Path) -> None:
    assert _answers(warehouse, "recipients", "1917") == {}
    assert _answers(warehouse, "recipients", "0331") == {
        str(year): (1, "published") for year in range(2002, 2009)
    }


def test_the_three_year_window_reaches_over_the_change_of_code(warehouse: Path) -> None:
    answers = _answers(warehouse, "very_longterm_adults", "0331")
    assert [answers[str(year)] for year in (2003, 2004, 2007, 2008)] == [
        (None, "not_reported"), (1, "published"), (1, "published"), (1, "published"),
    ]  # fmt: skip


def test_a_municipality_counts_in_the_county_of_the_time(warehouse: Path) -> None:
    assert _answers(warehouse, "recipients", "lan:19") == {
        str(year): (1, "published") for year in range(2002, 2007)
    }
    uppsala = _answers(warehouse, "recipients", "lan:03")
    assert [uppsala[str(year)][0] for year in (2005, 2006, 2007, 2008)] == [1, 1, 2, 2]
    assert {answer[0] for answer in _answers(warehouse, "recipients", "0000").values()} == {2}


def test_what_was_split_off_begins_in_its_first_year_and_breaks_the_series_of_the_other(
    warehouse: Path,
) -> None:
    assert list(_answers(warehouse, "recipients", "0330")) == [str(year) for year in range(2003, 2009)]
    with open_database(warehouse) as connection:
        breaks = dict(
            connection.execute(
                "select geography_id, break_years from marts.dim_geographies where break_years is not null"
            ).fetchall()
        )
        totals = dict(
            connection.execute(
                "select period_year, municipalities_total from marts.geography_coverage "
                "where geography_id = '0000' and window_years = 1"
            ).fetchall()
        )
    assert breaks["0380"] == "2003"
    assert breaks["lan:03"] == breaks["lan:19"] == "2007"
    assert breaks["lan:06"] == "1998"
    assert {"0331", "lan:04"} & set(breaks) == set()
    assert [totals[year] for year in (2002, 2003, 2007)] == [289, 290, 290]


def test_every_municipality_of_today_has_one_county_one_group_and_one_main_group(warehouse: Path) -> None:
    with open_database(warehouse) as connection:
        counted = dict(
            connection.execute(
                "select geography_type, count(*) from marts.geography_members "
                "where last_year is null and geography_type <> 'similar' group by all"
            ).fetchall()
        )
    assert counted == {"country": 290, "county": 290, "skr_group": 290, "skr_main_group": 290}
