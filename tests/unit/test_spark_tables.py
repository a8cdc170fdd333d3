"""What `make conformance` says of two engines' tables: a row that differs is seen, however little."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.settings import Settings
from spark.tables import compare

OURS = "select 1 as id, 0.1 + 0.2e0 as value, cast(null as varchar) as said, timestamp '2020-01-15' as at"


@pytest.mark.parametrize(
    ("theirs", "differing"),
    [
        (OURS, 0),
        # of another type, and equal
        (OURS.replace("1 as id", "cast(1 as bigint) as id"), 0),
        # the last digit; '' is not null; a row too many
        (OURS.replace("0.1 + 0.2e0", "0.3e0"), 2),
        (OURS.replace("cast(null as varchar)", "''"), 2),
        (f"{OURS} union all {OURS}", 1),
    ],
)
def test_a_row_of_one_engine_only_is_counted(tmp_path: Path, theirs: str, differing: int) -> None:
    settings = Settings(home=tmp_path)
    settings.build.mkdir()
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(f"create schema marts; create table marts.told as {OURS}")
        made = tmp_path / "made" / "marts.db" / "told"
        made.mkdir(parents=True)
        connection.execute(f"copy ({theirs}) to '{made / 'part.parquet'}' (format parquet)")
    assert [(one.name, one.differing) for one in compare(settings, tmp_path / "made")] == [
        ("marts.told", differing)
    ]


def test_a_table_that_is_not_there_differs(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.build.mkdir()
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema marts; create table marts.told (id integer)")
    assert [one.differing for one in compare(settings, tmp_path / "made")] == [1]
