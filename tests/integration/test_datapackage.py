"""The data package of a release: the standard's own tool accepts it, with every key and reference."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from frictionless import Package, system

from orchestration.database import open_database
from orchestration.release.build import Release, ReleaseError, build_release
from orchestration.release.export import export_release
from orchestration.release.files import sha256_of
from orchestration.settings import Settings


@pytest.fixture(scope="module")
def release(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of the small warehouse. Read only."""
    home = shutil.copytree(small_home, tmp_path_factory.mktemp("described") / "home")
    return build_release(Settings(home=home, profile="internal"), [])


@pytest.fixture(scope="module")
def package(release: Release) -> dict:
    return json.loads((release.folder / "datapackage.json").read_text(encoding="utf-8"))


def errors_of(folder: Path) -> list[str]:
    with system.use_context(trusted=True):
        report = Package(str(folder / "datapackage.json")).validate()
    return [
        *(error.message for error in report.errors),
        *(e.message for task in report.tasks for e in task.errors),
    ]


def test_frictionless_accepts_the_exported_tables_and_sees_a_broken_one(
    release: Release, tmp_path: Path
) -> None:
    folder = tmp_path / "ut"
    export_release(release, folder, "csv")
    assert errors_of(folder) == []
    # a row twice breaks the key, an unknown area the reference, a word the type
    path = folder / "geography_coverage.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    row = dict(zip(lines[0].split(";"), lines[1].split(";"), strict=True))
    other = ";".join((row | {"geography_id": "9999", "period_year": "i fjol"}).values())
    path.write_text("\n".join([*lines, lines[1], other]) + "\n", encoding="utf-8-sig")
    found = " ".join(errors_of(folder))
    assert "primary key" in found
    assert "9999" in found
    assert "i fjol" in found


def test_the_package_describes_the_parquet_files_as_they_are(release: Release, package: dict) -> None:
    assert list(Package.metadata_validate(package)) == []
    assert {one["name"] for one in package["resources"]} == set(release.row_counts)
    for one in package["resources"]:
        path = release.folder / one["path"]
        assert one["hash"] == f"sha256:{sha256_of(path)}"
        assert one["bytes"] == path.stat().st_size
        with open_database() as connection:
            columns = connection.execute(f"describe from '{path}'").fetchall()
        assert [field["name"] for field in one["schema"]["fields"]] == [column[0] for column in columns]


def test_every_table_and_field_is_described_and_only_public_figures_licensed(
    package: dict, public_home: Path
) -> None:
    assert "licenses" not in package
    [public] = public_home.glob("published/public/current/datapackage.json")
    described = json.loads(public.read_text(encoding="utf-8"))
    assert described["licenses"] == [{"name": "CC0-1.0"}]
    assert described["protection"]["band_to"] == "7"
    for one in described["resources"]:
        assert one["description"], one["name"]
        assert all(field["description"] for field in one["schema"]["fields"]), one["name"]
    assert described["created"] == f"{described['version'][:10]}T00:00:00Z"


def test_a_reference_to_what_is_not_there_stops_the_release(small_home: Path, tmp_path: Path) -> None:
    settings = Settings(home=shutil.copytree(small_home, tmp_path / "home"), profile="internal")
    with open_database(settings.warehouse) as connection:
        connection.execute("delete from marts.dim_indicators where indicator_id = 'recipients'")
    with pytest.raises(ReleaseError, match="pekar på rader som saknas i dim_indicators"):
        build_release(settings, [])
    assert not settings.current_release.exists()


def test_words_that_a_spreadsheet_would_run_are_words_in_the_exported_csv(
    release: Release, tmp_path: Path
) -> None:
    folder = shutil.copytree(release.folder, tmp_path / "own")
    path = folder / "parquet" / "variation_events.parquet"
    with open_database() as connection:
        connection.execute(
            f"create table told as select * from '{path}' limit 0; "
            "insert into told by name select '=HYPERLINK(\"x\")' as title, 'regel' as kind; "
            f"copy told to '{path}'"
        )
    export_release(replace(release, folder=folder), tmp_path / "ut", "csv")
    assert "'=HYPERLINK" in (tmp_path / "ut" / "variation_events.csv").read_text(encoding="utf-8-sig")
