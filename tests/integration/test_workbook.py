"""The workbook of a municipality, read back: the figures of the release, and a word wherever there is none."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from orchestration.errors import PlainError
from orchestration.release.files import DATABASE
from orchestration.release.store import Release, all_releases
from orchestration.release.workbook import write_workbook
from orchestration.settings import Settings
from tests.fixtures.asking import in_release
from tests.fixtures.commands import bistand

WORDS = {"högst 7", "för få", "ej rapporterat", "ej tillämpligt", "saknas", "ej jämförbart"}
SHEETS = [
    "Läs mig",
    "Nyckeltal",
    "Långvarigt",
    "Försörjningshinder",
    "Ålder och kön",
    "Kvartal",
    "Månader",
    "Definitioner",
    "Källor",
]


@pytest.fixture(scope="module")
def releases(public_home: Path) -> dict[str, Release]:
    return {one.profile: one for one in all_releases(Settings(home=public_home))}


def sheets(release: Release, path: Path, code: str = "1280") -> dict[str, list[list]]:
    write_workbook(release, code, path)
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_every_yearly_total_stands_under_its_year(
    own_home: Path, releases: dict[str, Release], tmp_path: Path
) -> None:
    head, *rows = sheets(releases["internal"], tmp_path / "bok.xlsx")["Nyckeltal"]
    assert head[:3] == ["Mått", "Definition", "Enhet"]
    years = [one for one in head if one in ("2016", "2017", "2018", "2019")]
    written = {
        (row[0], row[1], year): value
        for row in rows
        for year, value in zip(years, row[3 : 3 + len(years)], strict=True)
    }
    told = in_release(
        own_home,
        "select indicator_name, definition_name, period, value, value_status "
        "from indicator_values inner join dim_indicators using (indicator_id, definition_id) "
        "where geography_id = '1280' and length(period) = 4 and breakdown = 'total'",
    )
    assert len(told) > 80
    for name, definition, period, value, status in told:
        found = written[name, definition, period]
        assert found == pytest.approx(value) if status == "published" else found in WORDS


def test_the_figures_asked_for_first_stand_first(releases: dict[str, Release], tmp_path: Path) -> None:
    _, *rows = sheets(releases["internal"], tmp_path / "bok.xlsx")["Nyckeltal"]
    assert [row[0] for row in rows[:2]] == [
        "Biståndsmottagare",
        "Biståndsmottagare, andel av befolkningen",
    ]
    assert rows[5][0] == "Utbetalt ekonomiskt bistånd"


def test_beside_stand_all_municipalities_of_the_release_with_how_many(
    own_home: Path, releases: dict[str, Release], tmp_path: Path
) -> None:
    head, *rows = sheets(releases["internal"], tmp_path / "bok.xlsx")["Nyckeltal"]
    assert head[-4:] == [
        "Alla kommuner i utgåvan 2019",
        "Kommuner som ingår",
        "Median 2019",
        "Kommuner i medianen",
    ]
    [told] = in_release(
        own_home,
        "select value, members_included, median, members_shown from comparison_groups where geography_id = '0000' "
        "and indicator_id = 'recipients' and period = '2019' and breakdown = 'total'",
    )
    assert rows[0][-4:] == pytest.approx(told)
    assert (
        "Alla kommuner i utgåvan 2019"
        not in sheets(releases["internal"], tmp_path / "land.xlsx", "0000")["Nyckeltal"][0]
    )


@pytest.mark.parametrize(
    ("sheet", "heading", "kind"), [("Månader", "Månad", "month"), ("Kvartal", "Kvartal", "quarter")]
)
def test_what_is_shorter_than_a_year_stands_under_each_other(
    own_home: Path, releases: dict[str, Release], tmp_path: Path, sheet: str, heading: str, kind: str
) -> None:
    head, *rows = sheets(releases["internal"], tmp_path / "bok.xlsx")[sheet]
    assert head[:2] == [heading, "Biståndsmottagare, personer"]
    told = in_release(
        own_home,
        "select period, value from indicator_values where indicator_id = 'recipients' and geography_id = '1280' "
        f"and period_kind = '{kind}' and value_status = 'published' and breakdown = 'total'",
    )
    assert told != []
    assert dict(told).items() <= {row[0]: row[1] for row in rows}.items()


def test_no_cell_of_a_figure_is_empty_and_a_count_in_the_band_is_a_word(
    releases: dict[str, Release], tmp_path: Path
) -> None:
    found = sheets(releases["public"], tmp_path / "bok.xlsx", "0980")
    words = set()
    assert list(found) == SHEETS
    for name, (_, *rows) in list(found.items())[1:]:
        for row in rows:
            assert "" not in row, (name, row)
            if name in SHEETS[1:7]:
                words |= {cell for cell in row[4:] if isinstance(cell, str)}
    assert {"högst 7", "för få", "ej rapporterat"} <= words <= WORDS | {"jämförs inte"}
    assert any("skiljs inte åt" in str(row[1]) for row in found["Läs mig"])
    assert len(found["Definitioner"]) > 20


def test_the_same_release_gives_the_same_file(releases: dict[str, Release], tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(releases["public"], "1280", tmp_path / name)
    book = io.BytesIO()
    write_workbook(releases["public"], "Malmö", book)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes() == book.getvalue()


def test_no_text_is_a_formula(releases: dict[str, Release], tmp_path: Path) -> None:
    release = replace(releases["internal"], folder=tmp_path / "utgåva")
    shutil.copytree(releases["internal"].folder, release.folder)
    path = release.folder / DATABASE
    path.chmod(0o600)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update marts.dim_indicators set caveat_text = '=1+1', kolada_id = '@sum(a1)'")
    write_workbook(release, "1280", tmp_path / "bok.xlsx")
    with zipfile.ZipFile(tmp_path / "bok.xlsx") as book:
        written = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert len(written) == len(SHEETS)
    assert not any(b"<f>" in sheet for sheet in written)


def test_the_command_writes_a_file_named_by_code_and_release(
    own_home: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = bistand(own_home, "workbook", "--kommun", "1280")
    assert ended.returncode == 0, ended.stderr
    [written] = tmp_path.glob("1280_*-internal-*.xlsx")
    assert written.name in ended.stdout


def test_a_municipality_without_figures_is_refused(releases: dict[str, Release], tmp_path: Path) -> None:
    with pytest.raises(PlainError, match="inga siffror för 2584"):
        write_workbook(releases["public"], "2584", tmp_path / "bok.xlsx")
