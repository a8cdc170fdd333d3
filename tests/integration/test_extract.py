"""What one who may see whole counts of some municipalities reads: theirs, and of all others nothing but the public release."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.database import attach, open_database
from orchestration.errors import PlainError
from orchestration.release import store
from orchestration.release.extract import extract_for
from orchestration.release.files import DATABASE
from orchestration.settings import Settings

OWN = "1280"
# words and names, the same to everybody
WORDS = {"activity_dates", "breakdown_groups", "dim_breakdowns", "dim_indicators", "dim_rules", "dim_sources", "variation_readings", "release_info"}  # fmt: skip


@pytest.fixture(scope="module")
def settings(public_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("utdrag")
    shutil.copytree(public_home / "published", home / "published", symlinks=True)
    return Settings(home=home)


@pytest.fixture(scope="module")
def connection(settings: Settings) -> duckdb.DuckDBPyConnection:
    own = store.current_release(extract_for(settings, [OWN]))
    with open_database() as found:
        attach(found, own.folder / DATABASE, "extract")
        for profile in ("internal", "public"):
            folder = replace(settings, profile=profile).current_release
            attach(found, folder / DATABASE, profile)
        yield found


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None]]:
    return connection.execute(
        "select schema_name || '.' || table_name, max(column_name) filter (column_name in ('geography_id', 'municipality_code')) "
        "from duckdb_columns() where database_name = 'public' and table_name in "
        "(select table_name from duckdb_tables() where database_name = 'public') group by all order by 1"
    ).fetchall()


def test_every_row_of_another_is_a_row_of_the_public_release(connection: duckdb.DuckDBPyConnection) -> None:
    checked = 0
    for table, key in _tables(connection):
        if table.split(".")[1] in WORDS:
            continue
        others = f"where {key} is distinct from '{OWN}'" if key else ""
        if table == "marts.geography_members":
            others = "where geography_id <> '1280'"
        # the columns by name: a union may have ordered them anew
        names = ", ".join(
            f'"{name}"'
            for (name,) in connection.execute(
                "select column_name from duckdb_columns() where database_name = 'public' and schema_name || '.' || table_name = $t",
                {"t": table},
            ).fetchall()
        )
        [(extra,)] = connection.execute(
            f"select count(*) from (select {names} from extract.{table} {others} except all select {names} from public.{table} {others})"
        ).fetchall()
        assert extra == 0, table
        checked += 1
    assert checked > 30


def test_the_own_rows_are_those_of_the_internal_release(connection: duckdb.DuckDBPyConnection) -> None:
    for table in ("indicator_values", "reason_for_need", "adult_years", "monthly_series"):
        key = "municipality_code" if table == "adult_years" else "geography_id"
        own = f"where {key} = '{OWN}'"
        [(inside, different)] = connection.execute(
            f"select (select count(*) from internal.marts.{table} {own}), (select count(*) from "
            f"(from (select * from internal.marts.{table} {own}) except all from (select * from extract.marts.{table} {own})))"
        ).fetchall()
        assert inside > 0
        assert different == 0, table


def test_beside_ones_own_whole_figure_stand_the_protected_ones_of_others(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    own_row = "geography_id = '1280' and indicator_id = 'adult_recipients' and breakdown = 'sex=K'"
    columns = "period, country_value, county_value, p10, median"
    for side in ("extract", "public"):
        rows = connection.execute(
            f"select {columns} from {side}.marts.comparison where {own_row} order by 1"
        ).fetchall()
        assert rows
        if side == "extract":
            found = rows
    assert found == rows
    assert connection.execute(
        f"select value from extract.marts.comparison where {own_row} order by period"
    ).fetchall() == (
        connection.execute(
            f"select value from internal.marts.comparison where {own_row} order by period"
        ).fetchall()
    )


def test_it_is_made_once_for_the_same_releases_and_goes_when_another_is_put_in_force(
    settings: Settings,
) -> None:
    first, again = extract_for(settings, [OWN]), extract_for(settings, [OWN, OWN])
    assert first == again
    assert extract_for(settings, [OWN, "0180"]) != first
    assert not first.home.stat().st_mode & 0o077
    release = store.current_release(settings)
    store.roll_back(settings, release)
    assert not first.home.exists()
    extract_for(settings, [OWN])


def test_without_a_public_release_nothing_is_shown(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(
        settings.home / "published" / "internal", tmp_path / "published" / "internal", symlinks=True
    )
    with pytest.raises(PlainError, match="bistand profile both"):
        extract_for(Settings(home=tmp_path), [OWN])
