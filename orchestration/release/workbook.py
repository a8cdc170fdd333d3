"""One workbook for one municipality: its figures year by year with definitions, sources and the words that stand for a gap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import duckdb

from orchestration.database import attach, open_database
from orchestration.errors import PlainError
from orchestration.release.files import DATABASE
from orchestration.release.store import Release

_STATUS = {
    "suppressed": "för få", "not_reported": "ej rapporterat", "not_applicable": "ej tillämpligt",
    "not_comparable": "ej jämförbart", "missing": "saknas",
}  # fmt: skip
_UNITS = {
    "persons": "personer", "households": "hushåll", "share": "andel", "sek": "kr", "sek_per_household": "kr per hushåll",
    "months": "månader",
}  # fmt: skip
_TEXT_WIDTH = 80
_COUNTS = ("persons", "households")
# sheet: which rows of indicator_values, with a breakdown or not, and a year or a month
_SHEETS = {
    "Nyckeltal": "length(period) = 4 and breakdown = 'total'",
    "Långvarigt": "length(period) = 4 and indicator_id like '%longterm%' and breakdown not like '%;%'",
    "Försörjningshinder": "length(period) = 4 and breakdown like 'reason=%'",
    "Ålder och kön": "length(period) = 4 and (breakdown like 'age=%' or breakdown like 'sex=%') and breakdown not like '%;%' "
    "and indicator_id in ('adult_recipients', 'longterm_adults', 'longterm_adults_share_recipients', 'child_recipients')",
    "Månader": "length(period) = 7 and breakdown = 'total'",
}
_FIGURES = """
select
    indicators.indicator_name, nullif(indicators.definition_name, 'Grunddefinition') as definition_name,
    case figures.breakdown when 'total' then '' else coalesce(names.value_name, figures.breakdown) end as part,
    figures.unit, indicators.decimals, figures.period, figures.value, figures.value_status
from indicator_values as figures
inner join dim_indicators as indicators using (indicator_id, definition_id)
left join dim_breakdowns as names on figures.breakdown = names.dimension_id || '=' || names.value_code
where figures.geography_id = $id and {where}
order by indicators.sort_order, names.dimension_order nulls first, names.value_order, figures.period
"""


@dataclass(frozen=True)
class _Row:
    labels: tuple[str, ...]
    unit: str
    decimals: int
    cells: dict[str, tuple[float | None, str]]


def write_workbook(release: Release, geography_id: str, path: Path) -> int:
    """Write the workbook of a municipality or area to `path`; returns its number of figures.

    The same release gives the same file. Raises PlainError when the release has no figures of the area.
    """
    import xlsxwriter

    with open_database() as connection:
        attach(connection, release.folder / DATABASE, "release")
        connection.execute("use release.marts")
        names = connection.execute(
            "select geography_name from dim_geographies where geography_id = $id", {"id": geography_id}
        ).fetchall()
        sheets = {name: _rows(connection, geography_id, where) for name, where in _SHEETS.items()}
        figures = sum(len(row.cells) for rows in sheets.values() for row in rows)
        if not names or not figures:
            raise PlainError(
                f"Utgåvan har inga siffror för {geography_id}; skriv koden för en kommun som har levererat."
            )
        # text from data is never read as a formula, an address or a number
        book = xlsxwriter.Workbook(
            str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        )
        book.set_properties(
            {
                "title": f"{names[0][0]}, utgåva {release.release_id}",
                "created": datetime.combine(release.as_of, time()),
            }
        )
        style = _Style(book)
        _read_me(book, style, connection, release, names[0][0])
        band = connection.execute("select band_to from release_info").fetchall()[0][0]
        for name, rows in sheets.items():
            if rows:
                _table(book, style, name, rows, band)
        _list(book, style, connection, "Definitioner", _DEFINITIONS, geography_id)
        _list(book, style, connection, "Källor", _SOURCES, geography_id)
        book.close()
    return figures


_DEFINITIONS = """
select distinct
    indicator_name as "Mått", definition_name as "Definition", definition_text as "Så räknas det", numerator_text as "Täljare",
    denominator_text as "Nämnare", kolada_id as "Kolada", caveat_text as "Att tänka på"
from dim_indicators inner join indicator_values using (indicator_id, definition_id)
where geography_id = $id order by 1, 2
"""
_SOURCES = """
select distinct source_name as "Källa", publisher as "Utgivare", licence as "Licens", source_text as "Innehåll"
from dim_sources inner join indicator_values using (source_id) where geography_id = $id order by 1
"""


class _Style:
    """The formats of the workbook."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format(
            {"bold": True, "bg_color": "#f3f5f7", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.word = book.add_format({"italic": True, "align": "right", "font_color": "#4b5560"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self._book = book
        self._numbers: dict[str, Any] = {}

    def number(self, unit: str, decimals: int) -> Any:
        """Thousands as the reader's own spreadsheet writes them; shares as percent."""
        places = f".{'0' * decimals}" if decimals else ""
        pattern = f"0{places}%" if unit == "share" else f"#,##0{places}"
        if pattern not in self._numbers:
            self._numbers[pattern] = self._book.add_format({"num_format": pattern})
        return self._numbers[pattern]


def _rows(connection: duckdb.DuckDBPyConnection, geography_id: str, where: str) -> list[_Row]:
    found: dict[tuple[str, ...], _Row] = {}
    for name, definition, part, unit, decimals, period, value, status in connection.execute(
        _FIGURES.format(where=where), {"id": geography_id}
    ).fetchall():
        labels = (name, definition or "", part)
        row = found.setdefault(labels, _Row(labels, unit, decimals, {}))
        row.cells[period] = (value, status)
    return list(found.values())


def _table(book: Any, style: _Style, name: str, rows: list[_Row], band: int) -> None:
    periods = sorted({period for row in rows for period in row.cells})
    has_parts = any(row.labels[2] for row in rows)
    heads = ["Mått", "Definition", *(["Grupp"] if has_parts else []), "Enhet"]
    sheet = book.add_worksheet(name)
    _page(sheet, len(heads))
    for column, head in enumerate([*heads, *periods]):
        sheet.write_string(0, column, head, style.head)
    sheet.set_column(0, 0, 62)
    sheet.set_column(1, len(heads) - 2, 44)
    sheet.set_column(len(heads) - 1, len(heads) - 1, 16)
    sheet.set_column(len(heads), len(heads) + len(periods) - 1, 14)
    for line, row in enumerate(rows, 1):
        labels = [*row.labels[: 3 if has_parts else 2], _UNITS.get(row.unit, row.unit)]
        for column, label in enumerate(labels):
            sheet.write_string(line, column, label)
        for column, period in enumerate(periods, len(heads)):
            value, status = row.cells.get(period, (None, "missing"))
            if value is not None and status == "published":
                sheet.write_number(line, column, value, style.number(row.unit, row.decimals))
            else:
                is_band = status == "suppressed" and row.unit in _COUNTS
                sheet.write_string(
                    line, column, f"högst {band}" if is_band else _STATUS.get(status, "saknas"), style.word
                )


def _page(sheet: Any, frozen: int) -> None:
    sheet.freeze_panes(1, frozen)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _list(
    book: Any, style: _Style, connection: duckdb.DuckDBPyConnection, name: str, query: str, geography_id: str
) -> None:
    cursor = connection.execute(query, {"id": geography_id})
    heads = [column[0] for column in cursor.description]
    sheet = book.add_worksheet(name)
    _page(sheet, 1)
    sheet.set_column(0, len(heads) - 1, 36)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, style.head)
    for line, row in enumerate(cursor.fetchall(), 1):
        _fit_height(sheet, line, [str(text or "") for text in row], 36)
        for column, text in enumerate(row):
            sheet.write_string(line, column, str(text or ""), style.text)


def _fit_height(sheet: Any, line: int, texts: list[str], width: int) -> None:
    """Room for the longest text: not every program makes a row as high as what is wrapped in it."""
    sheet.set_row(line, 15 * max(1, *(math.ceil(len(text) / (0.9 * width)) for text in texts)))


def _read_me(
    book: Any, style: _Style, connection: duckdb.DuckDBPyConnection, release: Release, name: str
) -> None:
    cursor = connection.execute("select * from release_info")
    info = dict(zip([column[0] for column in cursor.description], cursor.fetchall()[0], strict=True))
    sheet = book.add_worksheet("Läs mig")
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, _TEXT_WIDTH)
    sheet.write_string(0, 0, name, style.title)
    protection = (
        f"Antal 0–{info['band_to']} skiljs inte åt (högst {info['band_to']}), andra avrundas till närmaste "
        f"{info['rounding_base']}; delar behöver inte bli summan. Andelar kräver minst {info['least_denominator']} i nämnaren, "
        f"kronor avrundas till {info['money_base']}."
        if info["rounding_base"]
        else "Alla antal visas som de är. Boken är bara för den egna kommunens bruk."
    )
    lines = [
        ("Utgåva", release.release_id), ("Profil", release.profile), ("Uppgifter per", str(release.as_of)),
        ("Register", f"{info['source_label']}{' (påhittade uppgifter)' if info['is_synthetic'] else ''}"),
        ("Månader", f"{info['first_month']} till {info['last_month']}"), ("Skydd", protection),
        (f"högst {info['band_to']}" if info["rounding_base"] else "", "Så få personer eller hushåll att antalet inte visas."
         if info["rounding_base"] else ""),
        ("för få", "Siffran bygger på så få att den inte visas."),
        ("ej rapporterat", "Minst en månad som behövs är inte levererad, eller registret börjar senare. Det är inte noll."),
        ("ej tillämpligt", "Det finns inget att räkna på."), ("saknas", "En uppgift som behövs saknas."),
    ]  # fmt: skip
    for line, (head, text) in enumerate([one for one in lines if one[0]], 2):
        _fit_height(sheet, line, [text], _TEXT_WIDTH)
        sheet.write_string(line, 0, head, style.head)
        sheet.write_string(line, 1, text, style.text)
