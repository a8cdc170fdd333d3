"""Socialstyrelsen: figures on economic assistance from the bulk zip, the web tools' exports and the yearly workbook.

The authority's API has no subject for economic assistance, so files are fetched, or laid in by hand. `parse_file` reads
any of their layouts by content.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import pyarrow as pa

from orchestration.catalog.models import Dataset, Route
from orchestration.sources.connector import Questions, Request
from orchestration.sources.socialstyrelsen_bulk import bulk_figures, is_bulk
from orchestration.sources.socialstyrelsen_tables import Figure, sheet_figures
from orchestration.sources.tables.finding import header_word, looks_like_table
from orchestration.sources.tables.grids import (
    FETCH_AGAIN,
    READ_SUFFIXES,
    UNREAD,
    Grid,
    SourceFileError,
    file_name_of,
    nested_zip,
    open_grids,
    unread_table,
    zip_members,
)
from orchestration.sources.tables.measures import definitions

PARSER_VERSION = 3
FIGURES = pa.schema(
    [
        ("file_name", pa.string()),
        *((name, pa.string()) for name in ("table_id", "table_title", "layout", "sheet")),
        ("file_row", pa.int32()),
        *(
            (name, pa.string())
            for name in ("column_as_printed", "measure", "unit", "indicator_id", "definition_id")
        ),
        *((name, pa.string()) for name in ("area_as_printed", "area_type", "geography_id", "area_basis")),
        *((name, pa.string()) for name in ("period", "breakdown")),
        ("value", pa.float64()),
        ("decimals", pa.int32()),
        *((name, pa.string()) for name in ("value_status", "value_as_printed", "footnote", "table_note")),
        *((name, pa.string()) for name in ("published_date", "article_number")),
        # when the workbook says that it was saved last, and what the file system says of the file
        *((name, pa.string()) for name in ("saved_at", "file_time")),
    ]
)
# What came in the bulk zip and what came in other files: each dataset has its own snapshots.
TABLES = {
    "socialstyrelsen_bulk": FIGURES,
    "socialstyrelsen_bulk_unread": UNREAD,
    "socialstyrelsen_files": FIGURES,
    "socialstyrelsen_files_unread": UNREAD,
}
_TABLE_SHEET = re.compile(r"(?i)tab(ell|\.)?\s*\d+[a-z]?")
_DATE = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")


@dataclass(frozen=True)
class ParsedFile:
    """`figures` has the columns of FIGURES; `unread` holds one Swedish sentence per thing that could not be read."""

    figures: pa.Table
    unread: tuple[str, ...]


def requests(dataset: Dataset, route: Route, year: int) -> Questions:
    """The bulk zip is one file; everything else is laid in by hand."""
    yield Request(f"{route.url.rstrip('/')}/{dataset.asks['path']}", expects="zip")


def parse(dataset_id: str, body: bytes, url: str) -> dict[str, pa.Table]:
    """The figures of one kept file, and what could not be read of it. Raises SourceFileError."""
    parsed = parse_file(body, file_name_of(url))
    return {
        f"socialstyrelsen_{dataset_id}": parsed.figures,
        f"socialstyrelsen_{dataset_id}_unread": unread_table(file_name_of(url), parsed.unread),
    }


def parse_file(content: bytes, file_name: str) -> ParsedFile:
    """The figures of one file in any known layout. No file system, no network, no clock.

    Raises SourceFileError when nothing can be read from it: message with file, sheet, column and what to do.
    """
    members = zip_members(content, file_name)
    if members is not None and is_bulk(members):
        figures, unread = bulk_figures(members, file_name, FIGURES)
        return _whole(figures, unread, file_name)
    if members is not None:
        return _whole(*_figures_of_members(members, file_name), file_name)
    grids = open_grids(content, file_name)
    published_date, article_number = _publication(grids)
    is_workbook = bool(article_number) or any(_TABLE_SHEET.fullmatch(grid.sheet) for grid in grids)
    found: list[Figure] = []
    unread = []
    for grid in grids:
        if _is_text_sheet(grid):
            continue
        figures, problems = sheet_figures(grid, "year_workbook" if is_workbook else "web_tool")
        found += figures
        unread += problems
        if not figures and not problems and looks_like_table(grid):
            unread.append(
                f"I {grid.where} finns tal men ingen rubrikrad som känns igen; lägg till rubrikens ord under columns i "
                "data/catalog/socialstyrelsen.yml, eller hämta tabellen på nytt."
            )
    if not is_workbook:
        found = _named_by_tool(found)
    of_file = {
        "file_name": file_name,
        "published_date": published_date,
        "article_number": article_number,
        "saved_at": saved_at(content),
    }
    rows = [asdict(one) | of_file for one in _sheets_apart(found)]
    table, twice = _without_duplicates(pa.Table.from_pylist(rows, schema=FIGURES), file_name)
    return _whole(table, [*unread, *twice, *_missing_sheets(grids)], file_name)


def _figures_of_members(members: dict[str, bytes], file_name: str) -> tuple[pa.Table, list[str]]:
    """Each file of a zip by itself, with its own dates: two exports in one zip are two exports."""
    figures, unread = [FIGURES.empty_table()], []
    for name, content in members.items():
        if not name.lower().endswith(READ_SUFFIXES):
            continue
        try:
            if zip_members(content, f"{file_name}/{name}") is not None:
                raise nested_zip(f"{file_name}/{name}")
            parsed = parse_file(content, f"{file_name}/{name}")
        except SourceFileError as problem:
            unread.append(str(problem))
        else:
            figures.append(parsed.figures)
            unread += parsed.unread
    return pa.concat_tables(figures), unread


def saved_at(content: bytes) -> str | None:
    """The moment of the last saving among the properties of a workbook, as UTC in ISO form; None where none is told."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            text = archive.read("docProps/core.xml").decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        return None
    found = re.search(r"<dcterms:modified[^>]*>\s*(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)", text)
    return found[1] if found else None


def _whole(figures: pa.Table, unread: Sequence[str], file_name: str) -> ParsedFile:
    if not figures.num_rows:
        reason = (
            unread[0]
            if unread
            else f"Filen {file_name} innehåller ingen tabell med rubrikrad och siffror; {FETCH_AGAIN}."
        )
        raise SourceFileError(reason)
    return ParsedFile(figures, tuple(dict.fromkeys(unread)))


def _named_by_tool(figures: Sequence[Figure]) -> list[Figure]:
    """With the web tool an export comes from: the monthly one has months."""
    tool = "month_tool" if any("-" in figure.period for figure in figures) else "year_tool"
    return [replace(one, layout=tool, table_id=one.table_id.replace(one.layout, tool, 1)) for one in figures]


def _is_text_sheet(grid: Grid) -> bool:
    name = header_word(grid.sheet)
    return (
        any(name.startswith(known) or known in name for known in definitions().text_sheets) if name else False
    )


def _publication(grids: Sequence[Grid]) -> tuple[str | None, str | None]:
    """Publication date and article number, from the cells beside (or below) their labels."""
    found: dict[str, str] = {}
    for grid in grids:
        for place, row in enumerate(grid.rows):
            for column, cell in enumerate(row):
                label = header_word(cell)
                for wanted in ("publiceringsdatum", "artikelnummer"):
                    if label.startswith(wanted) and wanted not in found:
                        below = (
                            grid.rows[place + 1][column : column + 1] if place + 1 < len(grid.rows) else ()
                        )
                        same = cell.partition(":")[2].strip()
                        beside = [same, *row[column + 1 :], *below]
                        found[wanted] = next((text for text in beside if text), "")
    date = _DATE.search(found.get("publiceringsdatum", ""))
    return (date[0] if date else None), found.get("artikelnummer") or None


def _missing_sheets(grids: Sequence[Grid]) -> list[str]:
    """Tables that the contents list names and that have no sheet."""
    sheets = {header_word(grid.sheet) for grid in grids}
    problems = []
    for grid in grids:
        if not header_word(grid.sheet).startswith("innehåll"):
            continue
        cells = [cell for row in grid.rows for cell in row]
        listed = dict.fromkeys(
            found[0] for cell in cells if (found := re.match(r"(?i)tabell\s*\d+[a-z]?", cell))
        )
        for name in listed:
            if header_word(name) not in sheets:
                problems.append(
                    f"Filen {grid.file_name} saknar bladet {name}, som innehållsförteckningen nämner; {FETCH_AGAIN}."
                )
    return problems


def _sheets_apart(figures: list[Figure]) -> list[Figure]:
    """Two sheets with the same title are two tables: the sheet's name joins the id where the same cell stands in both."""
    cells = Counter(
        (
            one.table_id,
            one.measure,
            one.unit,
            one.area_as_printed,
            one.period,
            one.breakdown,
            one.column_as_printed,
        )
        for one in figures
    )
    if not any(times > 1 for times in cells.values()):
        return figures
    sheets: dict[str, set[str]] = {}
    for one in figures:
        sheets.setdefault(one.table_id, set()).add(one.sheet)
    return [
        replace(one, table_id=f"{one.table_id}:{header_word(one.sheet).replace(' ', '_')}")
        if len(sheets[one.table_id]) > 1
        else one
        for one in figures
    ]


def _without_duplicates(figures: pa.Table, file_name: str) -> tuple[pa.Table, list[str]]:
    """The first of cells that say the same thing; those that contradict each other are told."""
    first: dict[tuple, int] = {}
    kept, problems = [], []
    keys = ("table_id", "measure", "unit", "area_as_printed", "period", "breakdown")
    columns = [figures[name].to_pylist() for name in (*keys, "value", "value_status", "sheet", "file_row")]
    for place, (*key, value, status, sheet, row) in enumerate(zip(*columns, strict=True)):
        before = first.setdefault(tuple(key), place)
        if before == place:
            kept.append(place)
        elif (value, status) != (columns[6][before], columns[7][before]):
            where = f"filen {file_name}, bladet {sheet}" if sheet else f"filen {file_name}"
            problems.append(
                f"I {where}, står {key[3]} {key[4]} ({key[1]}) två gånger med olika värden, på rad "
                f"{columns[9][before]} och {row}; den första gäller, rätta filen om den är fel."
            )
    return figures.take(pa.array(kept, pa.int64())), problems
