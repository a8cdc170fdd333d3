"""One workbook for one municipality: its figures year by year with definitions, sources and the words that stand for a gap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from orchestration.errors import PlainError
from orchestration.release import wording
from orchestration.release.figure import find_area, open_release, why_no_figures
from orchestration.release.store import Release
from orchestration.release.workbook_rows import (
    LISTS,
    WITHIN_YEARS,
    YEARLY,
    Beside,
    Row,
    all_municipalities,
    figures_of,
    latest_year,
    release_info,
)

_COUNTRY = "0000"
_TEXT_WIDTH = 90
# columns of text, and their widths in characters
_LIST = {
    "Mått": 32, "Definition": 26, "Så räknas det": 44, "Täljare": 24, "Nämnare": 24, "Kolada": 10, "Att tänka på": 60,
    "Källa": 32, "Utgivare": 26, "Licens": 26, "Innehåll": 60,
}  # fmt: skip
# text columns of a table of figures, and their widths in characters
_LABELS = {"Mått": 40, "Definition": 30, "Grupp": 24, "Enhet": 12}
_NUMBER_WIDTH = 13
_NOT_COMPARED = "jämförs inte"
_NONE = "–"


def workbook_name(release: Release, area: str) -> str:
    """`1480_2026-11-28-public-0ce8ad4d4d62.xlsx`."""
    return f"{area.replace(':', '_')}_{release.release_id}.xlsx"


def write_workbook(release: Release, area: str, target: Path | BinaryIO) -> int:
    """Write the workbook of a municipality or area (id or name) to `target`; returns its number of figures.

    The same release gives the same file. Raises PlainError when the release has no figures of the area.
    """
    with open_release(release) as connection:
        geography_id = find_area(connection, area)
        yearly = {name: figures_of(connection, geography_id, where) for name, where in YEARLY.items()}
        within = {
            name: figures_of(connection, geography_id, where) for name, (_, where) in WITHIN_YEARS.items()
        }
        figures = sum(len(row.cells) for rows in [*yearly.values(), *within.values()] for row in rows)
        if not figures:
            why = why_no_figures(connection, geography_id) or "inget mått räknas där."
            raise PlainError(f"Utgåvan har inga siffror för {geography_id}: {why}")
        book = _Book(connection, release, geography_id, target)
        book.read_me()
        year = latest_year(yearly["Nyckeltal"])
        beside = {} if geography_id == _COUNTRY else all_municipalities(connection, year)
        for name, rows in yearly.items():
            if rows:
                book.years(name, rows, year, beside)
        for name, rows in within.items():
            if rows:
                book.periods(name, WITHIN_YEARS[name][0], rows)
        for name, query in LISTS.items():
            book.list(name, query)
        book.close()
    return figures


def open_book(release: Release, title: str, target: Path | BinaryIO) -> Any:
    """A workbook of xlsxwriter to be written: the same release gives the same file."""
    import xlsxwriter

    # text from data is never read as a formula, an address or a number
    book = xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target,
        {
            "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            "in_memory": True,
        },
    )  # fmt: skip
    # the day of the release and not of the writing
    book.set_properties({"title": title, "created": datetime.combine(release.as_of, time())})
    return book


class _Book:
    """The workbook while it is written, a sheet at a time."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        release: Release,
        geography_id: str,
        target: Path | BinaryIO,
    ) -> None:
        self._connection, self._geography_id = connection, geography_id
        self._info = release_info(connection)
        self._place = str(
            connection.execute(
                "select geography_name from dim_geographies where geography_id = $id", {"id": geography_id}
            ).fetchall()[0][0]
        )
        self._book = open_book(release, f"{self._place}, utgåva {release.release_id}", target)
        head = {"bold": True, "bg_color": "#f3f5f7", "bottom": 1, "text_wrap": True, "valign": "top"}
        self._head = self._book.add_format(head)
        self._number_head = self._book.add_format(head | {"align": "right"})
        self._text = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._word = self._book.add_format(
            {"italic": True, "align": "right", "valign": "top", "font_color": "#4b5560"}
        )
        self._title = self._book.add_format({"bold": True, "font_size": 14})
        self._numbers: dict[str, Any] = {}

    def close(self) -> None:
        self._book.close()

    def read_me(self) -> None:
        """What the workbook is, how it is protected, and what the words mean."""
        info, is_protected = self._info, bool(self._info["rounding_base"])
        small = wording.small_count(info["band_to"]).replace(wording.SPACE, " ")
        lines = [
            ("Utgåva", info["release_id"]), ("Profil", info["profile"]), ("Uppgifter per", str(info["as_of"])),
            ("Register", f"{info['source_label']}{' (påhittade uppgifter)' if info['is_synthetic'] else ''}"),
            ("Månader", f"{info['first_month']} till {info['last_month']}, {info['municipalities_count']} kommuner"),
            ("Skydd", wording.protection(info) if is_protected
             else "Alla antal visas som de är. Boken är bara för den egna kommunens bruk."),
            *([(small, "Så få personer eller hushåll att antalet inte visas.")] if is_protected else []),
            *((wording.STATUS_WORDS[status], f"{text} Det är inte noll." if status == "not_reported" else text)
              for status, text in wording.STATUS_EXPLANATIONS.items()),
            *([] if self._geography_id == _COUNTRY else [
                ("Alla kommuner i utgåvan", "Siffran för kommunerna i utgåvan tillsammans, räknad på antal med varje person "
                 "en gång; det är riket bara när alla kommuner har levererat. Bredvid står hur många som ingår."),
                ("Median", "Kommunen i mitten när de kommuner som visas ställs efter storlek; varje kommun väger lika."),
                (_NOT_COMPARED, "Måttet jämförs inte mellan kommuner, eller för få kommuner visas."),
            ]),
            (_NONE, "Finns inte för måttet."),
        ]  # fmt: skip
        sheet = self._book.add_worksheet("Läs mig")
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, _TEXT_WIDTH)
        sheet.write_string(0, 0, self._place, self._title)
        for line, (head, text) in enumerate(lines, 2):
            _fit_height(sheet, line, [(text, _TEXT_WIDTH), (head, 24)])
            sheet.write_string(line, 0, head, self._head)
            sheet.write_string(line, 1, text, self._text)

    def years(
        self, name: str, rows: list[Row], year: str | None, beside: dict[tuple[str, str, str], Beside]
    ) -> None:
        """Measures down, years across, and last what all municipalities of the release are in `year`."""
        periods = sorted({period for row in rows for period in row.cells})
        has_parts = any(row.part != "Alla" for row in rows)
        labels = [head for head in _LABELS if has_parts or head != "Grupp"]
        is_compared = any(row.key in beside for row in rows)
        others = (
            [f"Alla kommuner i utgåvan {year}", "Kommuner som ingår", f"Median {year}", "Kommuner i medianen"]
            if is_compared
            else []
        )
        sheet = self._sheet(name, len(labels), [*labels, *periods, *others])
        for column, head in enumerate(labels):
            sheet.set_column(column, column, _LABELS[head])
        last = len(labels) + len(periods) + len(others) - 1
        sheet.set_column(len(labels), last, _NUMBER_WIDTH)
        if others:
            sheet.set_row(0, 15 * max(math.ceil(len(head) / (_NUMBER_WIDTH - 4)) for head in others))
        for line, row in enumerate(rows, 1):
            said = {
                "Mått": row.name, "Definition": row.definition, "Grupp": row.part,
                "Enhet": wording.UNIT_WORDS.get(row.unit, row.unit),
            }  # fmt: skip
            _fit_height(sheet, line, [(said[head], _LABELS[head]) for head in labels])
            for column, head in enumerate(labels):
                sheet.write_string(line, column, said[head], self._text)
            for column, period in enumerate(periods, len(labels)):
                self._figure(sheet, line, column, row, row.cells.get(period, (None, "missing")))
            if is_compared:
                self._beside(sheet, line, len(labels) + len(periods), row, beside.get(row.key))

    def periods(self, name: str, head: str, rows: list[Row]) -> None:
        """Quarters or months down and measures across: years of them do not find room on the width of a page."""
        periods = sorted({period for row in rows for period in row.cells})
        heads = [
            f"{row.name}, {wording.UNIT_WORDS.get(row.unit, row.unit)}"
            + ("" if row.key[1] == "default" else f" ({row.definition})")
            for row in rows
        ]
        sheet = self._sheet(name, 1, [head, *heads])
        sheet.set_row(0, 15 * max(math.ceil(len(head) / 17) for head in heads))
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, len(heads), 20)
        for line, period in enumerate(periods, 1):
            sheet.write_string(line, 0, period)
            for column, row in enumerate(rows, 1):
                self._figure(sheet, line, column, row, row.cells.get(period, (None, "missing")))

    def list(self, name: str, query: str) -> None:
        """Texts of the release in columns named by the query; what a measure does not have is a dash."""
        cursor = self._connection.execute(query, {"id": self._geography_id})
        heads = [column[0] for column in cursor.description]
        sheet = self._sheet(name, 1, heads)
        for column, head in enumerate(heads):
            sheet.set_column(column, column, _LIST[head])
        for line, row in enumerate(cursor.fetchall(), 1):
            texts = [str(text) if text else _NONE for text in row]
            _fit_height(sheet, line, [(text, _LIST[head]) for head, text in zip(heads, texts, strict=True)])
            for column, text in enumerate(texts):
                sheet.write_string(line, column, text, self._text)

    def _sheet(self, name: str, frozen: int, heads: Sequence[str]) -> Any:
        """A sheet with a header that stays in sight and comes back on every printed page."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, frozen)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self._place.replace('&', '&&')}&C{self._info['release_id']}&R&P (&N)")
        # years and months are names of columns and rows, not numbers
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1"})
        for column, head in enumerate(heads):
            is_label = column < frozen or name in LISTS
            sheet.write_string(0, column, head, self._head if is_label else self._number_head)
        return sheet

    def _figure(self, sheet: Any, line: int, column: int, row: Row, cell: tuple[float | None, str]) -> None:
        """The value as a number, or the word that says why there is none: never an empty cell, never 0 instead."""
        value, status = cell
        if value is not None and status == "published":
            sheet.write_number(line, column, value, self._number(row.unit, row.decimals))
        else:
            word = wording.status_word(
                status if status != "published" else "missing", row.unit, self._info["band_to"]
            )
            sheet.write_string(line, column, word.replace(wording.SPACE, " "), self._word)

    def _beside(self, sheet: Any, line: int, column: int, row: Row, found: Beside | None) -> None:
        if found is None:
            for place in range(column, column + 4):
                sheet.write_string(line, place, _NOT_COMPARED, self._word)
            return
        self._figure(sheet, line, column, row, (found.value, found.status))
        sheet.write_number(line, column + 1, found.included, self._number("municipalities", 0))
        if found.median is None:
            sheet.write_string(line, column + 2, _NOT_COMPARED, self._word)
        else:
            self._figure(sheet, line, column + 2, row, (found.median, "published"))
        sheet.write_number(line, column + 3, found.shown, self._number("municipalities", 0))

    def _number(self, unit: str, decimals: int) -> Any:
        """Thousands as the reader's own spreadsheet writes them; shares as percent."""
        places = f".{'0' * decimals}" if decimals else ""
        pattern = f"0{places}%" if unit == "share" else f"#,##0{places}"
        if pattern not in self._numbers:
            self._numbers[pattern] = self._book.add_format({"num_format": pattern, "valign": "top"})
        return self._numbers[pattern]


def _fit_height(sheet: Any, line: int, texts: Sequence[tuple[str, int]]) -> None:
    """Room for the longest text in its width: not every program makes a row as high as what is wrapped in it."""
    sheet.set_row(line, 15 * max(1, *(math.ceil(len(text) / width) for text, width in texts)))
