"""Releases in a DuckLake: each is a snapshot that can be asked later, beside readers and another writer."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.database import extension_file, open_database
from orchestration.errors import PlainError
from orchestration.release.lake import export_to_lake
from orchestration.release.store import Release, list_releases
from orchestration.settings import Settings

RECIPIENTS = (
    "select count(*), sum(value) from lake.marts.indicator_values{at} where indicator_id = 'recipients'"
)


@pytest.fixture(scope="module")
def before(own_home: Path) -> Release:
    return list_releases(Settings(home=own_home, profile="internal"))[0]


@pytest.fixture
def after(before: Release, tmp_path: Path) -> Release:
    """The release a day later: every count of recipients is one more, and a table is gone."""
    folder = tmp_path / "later"
    shutil.copytree(before.folder, folder)
    with duckdb.connect(folder / "indicators.duckdb") as connection:
        connection.execute(
            "update marts.indicator_values set value = value + 1 where indicator_id = 'recipients'"
        )
        connection.execute("drop table marts.variation_readings")
    return replace(before, release_id="later", folder=folder)


def in_lake(folder: Path, question: str, catalogue: str | None = None) -> list[tuple]:
    with open_database() as connection:
        for kind in ("ducklake", "postgres-scanner"):
            connection.execute(f"load '{extension_file(kind)}'")
        connection.execute(
            f"attach 'ducklake:{catalogue or folder / 'catalogue.ducklake'}' as lake (read_only)"
        )
        return connection.execute(question).fetchall()


def test_each_release_is_a_snapshot_that_can_be_asked_later(
    before: Release, after: Release, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    first = export_to_lake(before, lake)
    assert export_to_lake(before, lake) is None
    second = export_to_lake(after, lake)
    assert first
    assert second > first
    ((rows, total),) = in_lake(lake, RECIPIENTS.format(at=f" at (version => {first})"))
    ((rows_after, total_after),) = in_lake(lake, RECIPIENTS.format(at=""))
    shown = in_lake(
        lake, "select count(value) from lake.marts.indicator_values where indicator_id = 'recipients'"
    )
    assert rows == rows_after > 0
    assert total_after == total + shown[0][0]
    assert "variation_readings" not in {
        name for (name,) in in_lake(lake, "select table_name from duckdb_tables()")
    }
    told = in_lake(
        lake,
        "select commit_message, commit_extra_info from lake.snapshots() where author = 'bistand' order by 1",
    )
    assert told == sorted([(before.release_id, "internal"), ("later", "internal")])


def test_every_table_in_the_lake_holds_the_rows_of_the_release(before: Release, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    export_to_lake(before, lake)
    found = {}
    for schema, table in in_lake(
        lake, "select schema_name, table_name from duckdb_tables() where database_name = 'lake'"
    ):
        [(found[table],)] = in_lake(lake, f"select count(*) from lake.{schema}.{table}")
    assert {table: before.row_counts[table] for table in found} == found
    assert len(found) > 40


def test_a_lake_takes_one_profile(before: Release, tmp_path: Path) -> None:
    export_to_lake(before, tmp_path / "lake")
    with pytest.raises(PlainError, match="har utgåvor av profilen internal och tar inte emot public"):
        export_to_lake(replace(before, profile="public"), tmp_path / "lake")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL of its own, which answers on a socket and on no port."""
    [*_, programs] = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = tmp_path_factory.mktemp("pg")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    for one in (folder, *list(folder.parents)[:3]):
        one.chmod(0o777 if one == folder else 0o755)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_user, programs / program, *arguments], check=True, capture_output=True, cwd=folder
        )

    run("initdb", "-D", str(data), "-A", "trust", "-U", "lake")
    run(
        "pg_ctl",
        "-D",
        str(data),
        "-l",
        str(folder / "log"),
        "-w",
        "-o",
        f"-c listen_addresses= -k {folder}",
        "start",
    )
    try:
        run("createdb", "-h", str(folder), "-U", "lake", "lake")
        yield f"postgres:dbname=lake host={folder} user=lake"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def test_with_postgresql_many_read_while_a_release_is_put_there(
    before: Release, after: Release, tmp_path: Path, postgres: str
) -> None:
    lake = tmp_path / "lake"
    export_to_lake(before, lake, postgres)
    with open_database() as reader:
        for kind in ("ducklake", "postgres-scanner"):
            reader.execute(f"load '{extension_file(kind)}'")
        reader.execute(f"attach 'ducklake:{postgres}' as lake (read_only)")
        question = RECIPIENTS.format(at="")
        reader.begin()
        seen = reader.execute(question).fetchall()
        export_to_lake(after, lake, postgres)
        assert reader.execute(question).fetchall() == seen
        reader.commit()
        assert reader.execute(question).fetchall() != seen


def test_a_catalogue_that_does_not_answer_is_told_without_its_address(
    before: Release, tmp_path: Path
) -> None:
    with pytest.raises(PlainError, match="Sjöns katalog går inte att öppna") as told:
        export_to_lake(before, tmp_path / "lake", f"postgres:dbname=lake host={tmp_path} password=hemligt")
    assert "hemligt" not in str(told.value)
