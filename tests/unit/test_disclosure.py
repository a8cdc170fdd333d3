"""Disclosure control: small counts and all that rests on them are hidden; 0, hidden and missing stay three things."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from orchestration.catalog.loader import Catalog, load_catalog
from orchestration.catalog.models import Disclosure, Follows, ProtectedCell, TableDisclosure
from orchestration.database import open_database
from orchestration.release.disclosure import DisclosureError, protect, small_counts_left
from orchestration.settings import load_settings


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(load_settings())


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database() as opened:
        yield opened


def only(catalog: Catalog, **tables: TableDisclosure) -> Catalog:
    """The catalogue with these disclosure rules and no others."""
    rules = Disclosure(
        smallest_published_count=catalog.disclosure.smallest_published_count,
        hides_in_profile=catalog.disclosure.hides_in_profile,
        tables=tables,
    )
    return Catalog(**{**vars(catalog), "disclosure": rules})


def values(connection: duckdb.DuckDBPyConnection, rows: str) -> None:
    """A table indicator_values with the columns that disclosure control knows, from SQL rows."""
    connection.execute(f"""
        create table indicator_values as
        select * from (values {rows}) as rows (
            indicator_id, geography_id, period, value, numerator, denominator, unit, value_status, disclosure_count)
    """)


def protected(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, profile: str = "public"
) -> list[tuple]:
    protect(connection, catalog, profile, {"indicator_values": "memory.main.indicator_values"})
    return connection.execute(
        "select value, numerator, denominator, value_status from protected.indicator_values"
    ).fetchall()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_count_of_one_to_three_is_hidden(connection, catalog, count: int) -> None:
    values(connection, f"('a', '1480', '2019', {count}, {count}, null, 'persons', 'published', {count})")
    assert protected(connection, catalog) == [(None, None, None, "suppressed")]


def test_four_is_shown(connection, catalog) -> None:
    values(connection, "('a', '1480', '2019', 4, 4, null, 'persons', 'published', 4)")
    assert protected(connection, catalog) == [(4, 4, None, "published")]


def test_nobody_is_zero_and_is_shown(connection, catalog) -> None:
    values(connection, "('a', '1480', '2019', 0, 0, null, 'persons', 'published', 0)")
    assert protected(connection, catalog) == [(0, 0, None, "published")]


def test_a_share_is_hidden_with_its_small_numerator(connection, catalog) -> None:
    values(connection, "('a', '1480', '2019', 0.02, 2, 100, 'share', 'published', 2)")
    assert protected(connection, catalog) == [(None, None, None, "suppressed")]


def test_a_share_of_nobody_among_two_would_show_the_two(connection, catalog) -> None:
    values(connection, "('a', '1480', '2019', 0.0, 0, 2, 'share', 'published', null)")
    assert protected(connection, catalog) == [(None, None, None, "suppressed")]


def test_a_share_of_nobody_among_many_is_shown(connection, catalog) -> None:
    values(connection, "('a', '1480', '2019', 0.0, 0, 100, 'share', 'published', 100)")
    assert protected(connection, catalog) == [(0, 0, 100, "published")]


def test_money_to_three_households_is_hidden(connection, catalog) -> None:
    values(
        connection,
        "('paid', '1480', '2019', 30000.0, 30000.0, null, 'sek', 'published', 3), "
        "('mean', '1480', '2019', 10000.0, 30000.0, 3, 'sek_per_household', 'published', 3)",
    )
    assert protected(connection, catalog) == [(None, None, None, "suppressed")] * 2


def test_three_kronor_are_not_three_persons(connection, catalog) -> None:
    values(connection, "('paid', '1480', '2019', 3.0, 3.0, null, 'sek', 'published', 40)")
    assert protected(connection, catalog) == [(3, 3, None, "published")]


def test_hidden_zero_and_not_reported_are_three_different_things(connection, catalog) -> None:
    values(
        connection,
        "('a', '1480', '2019', 2, 2, null, 'persons', 'published', 2), "
        "('a', '1480', '2018', 0, 0, null, 'persons', 'published', 0), "
        "('a', '1231', '2017', null, null, null, 'persons', 'not_reported', null)",
    )
    assert [(value, status) for value, _, _, status in protected(connection, catalog)] == [
        (None, "suppressed"),
        (0, "published"),
        (None, "not_reported"),
    ]


def test_the_internal_profile_hides_nothing(connection, catalog) -> None:
    values(connection, "('a', '1480', '2019', 2, 2, null, 'persons', 'published', 2)")
    assert protected(connection, catalog, "internal") == [(2, 2, None, "published")]


@pytest.mark.parametrize("profile", ["public", "internal"])
def test_the_count_behind_a_value_never_leaves(connection, catalog, profile: str) -> None:
    values(connection, "('a', '1480', '2019', 9, 9, null, 'persons', 'published', 9)")
    names = [row[0] for row in connection.execute("describe indicator_values").fetchall()]
    protected(connection, catalog, profile)
    left = [row[0] for row in connection.execute("describe protected.indicator_values").fetchall()]
    assert left == [name for name in names if name != "disclosure_count"]


def test_no_row_is_lost_or_doubled(connection, catalog) -> None:
    connection.execute("""
        create table indicator_values as
        select 'a' as indicator_id, cast(i % 7 as double) as value, cast(i % 7 as double) as numerator,
            cast(i % 5 as double) as denominator, 'share' as unit, 'published' as value_status, i % 7 as disclosure_count
        from range(1000) as numbers (i)
    """)
    assert len(protected(connection, catalog)) == 1000


def test_a_number_that_no_one_declared_stops_the_release(connection, catalog) -> None:
    connection.execute("create table deliveries as select 1 as households_count, 7 as ny_count")
    rules = only(catalog, deliveries=TableDisclosure(cells=[ProtectedCell(count="households_count")]))
    with pytest.raises(DisclosureError, match="Kolumnen ny_count i deliveries saknar röjandekontroll"):
        protect(connection, rules, "public", {"deliveries": "memory.main.deliveries"})


def test_a_table_that_no_one_declared_stops_the_release(connection, catalog) -> None:
    connection.execute("create table ny_tabell as select 1 as persons_count")
    with pytest.raises(DisclosureError, match="ny_tabell saknar röjandekontroll"):
        protect(connection, catalog, "internal", {"ny_tabell": "memory.main.ny_tabell"})


def test_a_rule_for_a_column_that_is_gone_is_an_error(connection, catalog) -> None:
    connection.execute("create table deliveries as select 'x' as period")
    with pytest.raises(DisclosureError, match="nämner kolumnen"):
        protect(connection, catalog, "public", {"deliveries": "memory.main.deliveries"})


def test_a_difference_between_two_readings_is_a_count_too(connection, catalog) -> None:
    connection.execute("""
        create table wide as select * from (values (100, 2, 0.5, 'published'), (100, 0, 0.5, 'published'))
        as rows (adults_count, differs_count, share, status)
    """)
    rules = only(
        catalog,
        wide=TableDisclosure(
            cells=[
                ProtectedCell(count="adults_count", hides=["share"], status_columns=["status"]),
                ProtectedCell(count="differs_count", status_columns=["status"]),
            ]
        ),
    )
    protect(connection, rules, "public", {"wide": "memory.main.wide"})
    assert connection.execute("select * from protected.wide").fetchall() == [
        (100, None, 0.5, "suppressed"),
        (100, 0, 0.5, "published"),
    ]


def test_a_status_that_a_cell_decides_follows_another_table_too(connection, catalog) -> None:
    values(connection, "('a', '1480', '2019', 2, 2, null, 'persons', 'published', 2)")
    connection.execute("""
        create table series as select * from (values
            ('a', '1480', '2019', 50, 50, 'published'), ('a', '1480', '2019', null, null, 'not_reported'),
            ('a', '1480', '2020', 50, 50, 'published'), ('a', '1480', '2020', 2, 2, 'published'))
        as rows (indicator_id, geography_id, period, value, disclosure_count, value_status)
    """)
    rules = only(
        catalog,
        indicator_values=catalog.disclosure.tables["indicator_values"],
        series=TableDisclosure(
            dropped_columns=["disclosure_count"],
            cells=[ProtectedCell(count="disclosure_count", hides=["value"], status_columns=["value_status"])],
            follows=Follows(
                table="indicator_values",
                same=["indicator_id", "geography_id", "period"],
                hides=["value"],
                sets={"value_status": "suppressed"},
            ),
        ),
    )
    tables = {name: f"memory.main.{name}" for name in ("indicator_values", "series")}
    protect(connection, rules, "public", tables)
    assert connection.execute(
        "select value, value_status from protected.series order by value_status"
    ).fetchall() == [(None, "not_reported"), (50, "published"), (None, "suppressed"), (None, "suppressed")]


def test_whatever_hides_a_row_of_a_released_table_hides_its_value(catalog) -> None:
    """An area may be hidden for any one of its cells: a value left beside the status would stop the release."""
    for released in catalog.release.tables:
        for cell in catalog.disclosure.tables[released.table].cells:
            if released.status_column in cell.status_columns:
                assert released.value_column in (cell.count, *cell.hides), (released.table, cell.count)


def test_small_counts_that_are_left_are_found(connection, catalog) -> None:
    values(connection, "('a', '1480', '2019', 2, 2, null, 'persons', 'published', 2)")
    assert (
        small_counts_left(connection, catalog.disclosure, "indicator_values", "memory.main.indicator_values")
        == 1
    )
