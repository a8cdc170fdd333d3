"""The workbook of a municipality, read back: the figures of the release, and a word wherever there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from orchestration.errors import PlainError
from orchestration.release.store import Release, all_releases
from orchestration.release.workbook import write_workbook
from orchestration.settings import Settings
from tests.fixtures.asking import in_release

WORDS = {"högst 7", "för få", "ej rapporterat", "ej tillämpligt", "saknas", "ej jämförbart"}


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
    written = {
        (row[0], row[1], year): value for row in rows for year, value in zip(head[3:], row[3:], strict=True)
    }
    told = in_release(
        own_home,
        "select indicator_name, coalesce(nullif(definition_name, 'Grunddefinition'), ''), period, value, value_status "
        "from indicator_values inner join dim_indicators using (indicator_id, definition_id) "
        "where geography_id = '1280' and length(period) = 4 and breakdown = 'total'",
    )
    assert len(told) > 80
    for name, definition, period, value, status in told:
        found = written[name, definition, period]
        assert found == pytest.approx(value) if status == "published" else found in WORDS


def test_no_cell_of_a_figure_is_empty_and_a_count_in_the_band_is_a_word(
    releases: dict[str, Release], tmp_path: Path
) -> None:
    found = sheets(releases["public"], tmp_path / "bok.xlsx", "0980")
    words = set()
    for name in ("Nyckeltal", "Långvarigt", "Försörjningshinder", "Ålder och kön", "Månader"):
        head, *rows = found[name]
        first = head.index("Enhet") + 1
        for row in rows:
            assert "" not in row[first:], (name, row[0])
            words |= {cell for cell in row[first:] if isinstance(cell, str)}
    assert {"högst 7", "för få", "ej rapporterat"} <= words <= WORDS
    assert any("skiljs inte åt" in str(row[1]) for row in found["Läs mig"])
    assert len(found["Definitioner"]) > 20


def test_the_same_release_gives_the_same_file(releases: dict[str, Release], tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(releases["public"], "1280", tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_municipality_without_figures_is_refused(releases: dict[str, Release], tmp_path: Path) -> None:
    with pytest.raises(PlainError, match="inga siffror för 2584"):
        write_workbook(releases["public"], "2584", tmp_path / "bok.xlsx")
