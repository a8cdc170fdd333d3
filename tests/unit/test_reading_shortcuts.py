"""The shortcuts of reading (trimming of ordinary blanks alone where the bytes show no other) change no row."""

from __future__ import annotations

import dataclasses
import gzip
import random

import pytest

from orchestration.intake import reading
from orchestration.intake.files import opening, text_lines
from tests.fixtures.register_files import COLUMNS, csv_text, rows

WELL_FORMED = rows(6, distrikt="Väst")
PLAIN = csv_text(WELL_FORMED)
LINES = PLAIN.splitlines()
PADDING = (
    " ",
    "  ",
    "\t",
    "\u00a0",
    "\u202f",
    '"',
    "",
    "\n",
    "\r\n",
    "\n\n",
    ";",
    ";;",
    "Summa;6\n",
    "\x1a",
    "+",
    ",",
)


def damaged(seed: int) -> bytes:
    """A small file with some awkward pieces put in at random places."""
    chance = random.Random(seed)
    text = PLAIN
    for _ in range(chance.randint(1, 4)):
        # after the header, at a random place or where it is most awkward: beside a delimiter or a line end
        places = [place for place, mark in enumerate(text) if mark in ";\n" and place >= len(LINES[0])]
        place = (
            chance.choice(places) + chance.randint(0, 1)
            if chance.random() < 0.7
            else chance.randint(len(LINES[0]) + 1, len(text))
        )
        text = text[:place] + chance.choice(PADDING) + text[place:]
    return text.encode(chance.choice(("utf-8", "utf-8-sig", "utf-16")))


AWKWARD = {
    "plain": PLAIN.encode(),
    "blanks beside delimiters": PLAIN.replace(";RL;", "; RL ;").encode(),
    "blank first and last": "\n".join([LINES[0], *(f" {line} " for line in LINES[1:]), ""]).encode(),
    "blanks inside only": PLAIN.replace("Väst", "Norra Väst").encode(),
    "comma and blank in a field": PLAIN.replace("Väst", "Väst, norr").encode(),
    "comma-delimited": PLAIN.replace(",", ".").replace(";", ",").replace("Väst", "Väst; norr").encode(),
    "tabs as delimiter": PLAIN.replace(";", "\t").replace("Väst", "Norra Väst ").encode(),
    "tab in a field": PLAIN.replace("Väst", "Väst\t").encode(),
    "no-break space": PLAIN.replace("Väst", "\u00a0Väst").encode(),
    "quotes": PLAIN.replace("Väst", '" Väst "').encode(),
    "line end in quotes": PLAIN.replace("Väst", '"Väst\n norr"', 1).encode(),
    "CRLF": PLAIN.replace("\n", "\r\n").encode(),
    "CR": PLAIN.replace("\n", "\r").encode(),
    "byte order mark": PLAIN.encode("utf-8-sig"),
    "Windows-1252": PLAIN.replace("Väst", "Öster å").encode("cp1252"),
    "blank lines and lines of delimiters": PLAIN.replace("\n", "\n\n;;;;;;;;;;;;\n \n").encode(),
    "footer": (PLAIN + "Summa;6\nUttag gjort 2019-04-01\n").encode(),
    "ragged": (PLAIN + "0180;2019-03\n" + LINES[1] + ";\n" + LINES[1] + ";x\n").encode(),
    "a row of blanks": (PLAIN + " ; ; ; ; ; ; ; ; ; ; ; ; \n").encode(),
    "no last line end": PLAIN.rstrip("\n").encode(),
    "gzip": gzip.compress(PLAIN.replace("Väst", " Väst").encode()),
    "amounts": PLAIN.replace("8 123,50", "8123,505").encode(),
} | {f"damaged {seed}": damaged(seed) for seed in range(40)}


def read(connection, path) -> tuple[list[tuple], int, int]:
    """Every cell of every row, and what was counted in the bytes."""
    staged = reading.stage_file(connection, path)
    found = connection.execute(
        f"select file_row, is_whole, {', '.join(COLUMNS)} from raw_rows order by file_row"
    ).fetchall()
    reading.release_file(connection)
    # the cells of a row that is not whole are never used
    return [row if row[1] else row[:2] for row in found], staged.rows_read(), staged.lines_skipped()


@pytest.mark.parametrize("name", AWKWARD)
def test_a_file_is_read_alike_with_and_without_shortcuts(connection, tmp_path, monkeypatch, name):
    path = tmp_path / "fil.csv"
    path.write_bytes(AWKWARD[name])
    quick = read(connection, path)
    inspect_text = text_lines.inspect_text

    def suspicious(path):
        """As if blanks of every kind stood everywhere."""
        return dataclasses.replace(inspect_text(path), has_odd_blanks=True)

    monkeypatch.setattr(opening, "inspect_text", suspicious)
    assert read(connection, path) == quick
    assert len(quick[0]) == quick[1] > 0


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0), ("8123", 8123), ("8123,5", 8123.5), ("8123.50", 8123.5), ("8 123,50", 8123.5), ("1\u00a0000", 1000),
        ("+5", 5), ("-0", 0), ("-0,00", 0), ("007", 7), ("-1", None), ("1e3", None), ("1_000", None), ("5.", None),
        (".5", None), ("1 00", None), ("1,2,3", None), ("99999999999", None), ("kr 5", None),
    ],
)  # fmt: skip
def test_amounts_are_what_they_were(connection, text, amount):
    [(found,)] = connection.execute("select amount_sek($text)", {"text": text}).fetchall()
    assert found is None if amount is None else float(found) == amount
