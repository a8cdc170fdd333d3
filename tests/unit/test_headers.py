"""The header row is found by what it holds, wherever it stands; sums and notes are no rows."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pyarrow as pa
import pytest

from orchestration.intake.files import headers, spreadsheets, text_lines
from tests.fixtures.register_files import adult
from tests.fixtures.xlsx_files import xlsx_bytes

KNOWN = {"kommunkod", "period", "personnummer", "belopp", "rlpersonnummer", "mspersonnummer"}


def found(lines: list[str]) -> headers.FoundHeader:
    return headers.find_header([line.split(";") for line in lines], KNOWN)[0]


@pytest.mark.parametrize(
    ("lines", "first", "last"),
    [
        (["kommunkod;period;belopp", "0180;2019-01;1"], 0, 0),
        (["Rapport", "Uttag;maj", "Kommunkod;PERIOD;Namn", "0180;2019-01;x"], 2, 2),
        (["kommunkod;period;belopp", ";ÅÅÅÅ-MM;kronor", "0180;2019-01;1"], 0, 1),
        (["Ärende;;RL;MS", "kommunkod;period;personnummer;personnummer", "0180;2019-01;1;2"], 0, 1),
        # nothing known: the first row of words as wide as the table
        (["Rapport", "Nr;Avser;Vem", "17;maj;x"], 1, 1),
        (["17;2;x", "18;3;y"], 0, 0),
    ],
)
def test_the_header_is_found_by_its_names(lines, first, last):
    header = found(lines)
    assert (header.first, header.last) == (first, last)


def test_a_heading_over_several_columns_joins_the_words_below_it():
    header = found(
        ["Ärende;;RL;;MS", "kommunkod;period;personnummer;namn;personnummer", "0180;2019-01;1;x;2"]
    )
    assert header.names[2:] == ("RL personnummer", "RL namn", "MS personnummer")
    assert header.position("rl  Personnummer") == 2
    assert header.position("Namn") == 3
    # twice below, so it must be named with its heading
    assert header.position("personnummer") is None


def test_a_column_that_stands_twice_is_not_chosen_at_random():
    header = found(["kommunkod;period;Kommunkod", "0180;2019-01;0180"])
    with pytest.raises(LookupError):
        header.position("kommunkod")


NOTES = [
    ("Summa;;;1 234", True),
    (";;Totalt: 17;", True),
    ('"Källa: systemet";;;', True),
    ("Antal hushåll;17", True),
    ("Uppgifterna är preliminära", True),
    ("Summanfattad;0180;2019-01", False),
    (f"Summa;{adult(3)}", False),
    (f"Obs {adult(3)[2:8]}-{adult(3)[8:]}", False),
    ("A17;0180;2019-01;RL", False),
    ("Notarien;RL", False),
]


@pytest.mark.parametrize(("line", "is_note"), NOTES)
def test_a_sum_or_a_note_is_told_from_a_row(line, is_note):
    patterns = headers.text_line_footer(";")
    assert text_lines._are_notes(pa.array([line + "\n"]), patterns).tolist() == [is_note]
    cells = line.replace('"', "").split(";")
    batch = pa.record_batch(
        [pa.array([5]), *(pa.array([cell]) for cell in cells)],
        names=["file_row", *(f"c{place}" for place in range(len(cells)))],
    )
    kept = spreadsheets._kept_rows(batch, 1, text_lines.Counter())
    assert np.array(kept.to_pylist()).tolist() == [not is_note]


def test_cells_of_a_spreadsheet_are_read_as_a_text_file_would_hold_them(tmp_path):
    from datetime import date

    path = tmp_path / "a.xlsx"
    path.write_bytes(
        xlsx_bytes(
            [[], ["a", "b", "c", "d", "e"], ["0180", 198001.0, 12.5, True, date(2019, 5, 1)], [None, 7]]
        )
    )
    sheet = spreadsheets.open_sheet(path)
    assert sheet.first_rows[0] == (2, ["a", "b", "c", "d", "e"])
    reader, counter = spreadsheets.sheet_batches(sheet, 2)
    assert [list(row.values()) for row in reader.read_all().to_pylist()] == [
        [3, "0180", "198001", "12.5", "1", "2019-05-01"],
        [4, "", "7", "", "", ""],
    ]
    assert (counter.records, counter.notes, counter.blank) == (2, 0, 1)


@pytest.mark.parametrize("place", ["XFD1048576", "JA2", "BA900000"])
def test_a_stray_cell_far_away_is_refused_before_it_takes_all_memory(tmp_path, place):
    whole = xlsx_bytes([["a", "b"], [1, 2]])
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            stray = f'<row r="{place.lstrip("ABDFJX")}"><c r="{place}"><v>1</v></c></row></sheetData>'
            new.writestr(name, old.read(name).replace(b"</sheetData>", stray.encode()))
    with pytest.raises(text_lines.UnreadableError, match="orimligt stor"):
        spreadsheets.open_sheet(path)
