"""XLSX deliveries: the first visible sheet as Arrow batches of text columns, blank lines, sums and notes left out."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO

from orchestration.intake.files.headers import FOOTER_START, NOTE_TEXT, NUMBER_LIKE, SEARCHED_LINES
from orchestration.intake.files.text_lines import Counter, UnreadableError

BATCH_ROWS = 20_000
# an XLSX is a zip: what it unpacks to is limited before anything is unpacked
UNPACKED_BYTES_MAX = 2 * 2**30
# The reader keeps every place between the first and the last filled cell of a sheet, filled or not: a stray cell far
# off would take all memory. So columns after IZ (260) are refused, and many rows together with columns after AZ (52).
_TOO_WIDE = re.compile(rb'<c [^>]*?r="(?:[A-Z]{3}|[J-Z][A-Z])[0-9]')
_WIDE = re.compile(rb'<c [^>]*?r="[A-Z]{2,3}(?<!A[A-Z])[0-9]')
_CELL_COLUMN = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})[0-9]')
_ROW_NUMBER = re.compile(rb'<row [^>]*?r="([0-9]{1,9})"')
# cells that hold no value: an error (#DIV/0!), or a formula that was never worked out
_ERROR_CELL = re.compile(rb'<c (?=[^>]*?t="e")[^>]*?r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>')
_FORMULA_CELL = re.compile(
    rb'<c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<f[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
ERROR_CELL, FORMULA_CELL = "#FEL", "#FORMEL UTAN VÄRDE"
# longer than the longest formula and its cell
_OVERLAP = 20_000
_WIDE_ROWS_MAX = 200_000
# text packs ten to fifty times; a part that unpacks to more than this many times its size is made to fill the memory
_RATIO_MAX, _SUSPECT_BYTES = 200, 10 * 2**20
_ROWS_MAX = 1_048_576


@dataclass(frozen=True)
class Sheet:
    """An opened sheet. `first_rows` are its first filled rows as text, each with its row number in the sheet.

    `others` are the names of the other visible sheets, `merged` the first and last row and the first column (from 0) of its
    merged cells.
    `broken_cells` tells, by row of the sheet and column (from 0), what stands instead of the value of a cell that has none.
    """

    name: str
    sheet: Any
    first_rows: tuple[tuple[int, list[str]], ...]
    width: int
    broken_cells: dict[int, dict[int, str]]
    others: tuple[str, ...]
    merged: tuple[tuple[int, int, int], ...]


def open_book(file: Path | BinaryIO, cells_max: int | None = None) -> tuple[Any, list[str]]:
    """An opened XLSX and the names of its visible sheets of cells, of which there is at least one.

    `cells_max` limits how many places a sheet may span, whatever its form; without it the limits of a delivery hold,
    which is long and narrow. Raises UnreadableError when the file is no whole XLSX, is protected, or has no such sheet.
    """
    import python_calamine as calamine

    try:
        with zipfile.ZipFile(file) as archive:
            unreasonable = is_unreasonable(archive.infolist(), UNPACKED_BYTES_MAX)
            if not unreasonable:
                _read_through(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise UnreadableError("den är inte en hel XLSX-fil, eller skyddad med lösenord") from None
    # what it unpacks to goes first: the rest reads it through
    if unreasonable or (_is_too_spread(file) if cells_max is None else _places_spanned(file) > cells_max):
        raise UnreadableError("den är orimligt stor när den packas upp")
    with readable():
        if not isinstance(file, Path):
            file.seek(0)
        book = calamine.load_workbook(str(file) if isinstance(file, Path) else file)
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet
            and sheet.visible == calamine.SheetVisibleEnum.Visible
        ]
    if not visible:
        raise UnreadableError("den har inget synligt blad")
    return book, visible


def is_unreasonable(
    members: Iterable[zipfile.ZipInfo], unpacked_bytes_max: int, packed_bytes: int | None = None
) -> bool:
    """Whether a zip unpacks to more than that, or one of its files (or, with the size of the zip itself, the whole) to so much
    more than it is packed that no table does."""
    members = list(members)
    unpacked = sum(member.file_size for member in members)
    if packed_bytes is not None and unpacked > max(_SUSPECT_BYTES, _RATIO_MAX * packed_bytes):
        return True
    return unpacked > unpacked_bytes_max or any(
        member.file_size > _SUSPECT_BYTES and member.file_size > _RATIO_MAX * member.compress_size
        for member in members
    )


def _read_through(archive: zipfile.ZipFile) -> None:
    """Unpacks every part but the sheets (which are read through next) and keeps nothing: one that holds more than it says is
    found here, where reading stops at what it says, and not in the reader's memory."""
    for member in archive.infolist():
        if not member.filename.startswith("xl/worksheets/"):
            with archive.open(member) as content:
                while content.read(2**20):
                    pass


def open_sheet(path: Path, name: str | None = None) -> Sheet:
    """The first visible sheet, or the one of that name. Raises UnreadableError as `open_book`."""
    book, visible = open_book(path)
    chosen = name or visible[0]
    with readable():
        sheet = book.get_sheet_by_name(chosen)
        broken = broken_cells(path, chosen)
        merged = tuple((first[0], last[0], first[1]) for first, last in sheet.merged_cell_ranges or ())
        first_rows = []
        for number, row in _numbered(sheet, broken):
            cells = [cell_text(cell) for cell in row]
            if any(cell.strip() for cell in cells):
                first_rows.append((number, cells))
            if len(first_rows) == SEARCHED_LINES:
                break
    width = max((len(cells) for _, cells in first_rows), default=0)
    others = tuple(one for one in visible if one != chosen)
    return Sheet(chosen, sheet, tuple(first_rows), width, broken, others, merged)


def broken_cells(file: Path | BinaryIO, sheet_name: str) -> dict[int, dict[int, str]]:
    """By row (from 1) and column (from 0): cells with an error or a formula without a value, which the reader gives as blank.

    Raises UnreadableError when the book's own list of sheets cannot be read.
    """
    found: dict[int, dict[int, str]] = {}
    with readable(), zipfile.ZipFile(file) as archive:
        member = _member_of(archive, sheet_name)
        if member is None:
            return found
        with archive.open(member) as content:
            rest = b""
            while chunk := content.read(2**20):
                block = rest + chunk
                rest = block[-_OVERLAP:]
                for mark, text, pattern in (
                    (b't="e"', ERROR_CELL, _ERROR_CELL),
                    (b"<f", FORMULA_CELL, _FORMULA_CELL),
                ):
                    for column, row in pattern.findall(block) if mark in block else ():
                        found.setdefault(int(row), {})[_column_number(column) - 1] = text
    return found


def _member_of(archive: zipfile.ZipFile, sheet_name: str) -> str | None:
    """The part of the book that holds a sheet, through the book's list of sheets and of parts."""
    from xml.etree import ElementTree

    def parts(name: str) -> Iterator[Any]:
        yield from ElementTree.fromstring(archive.read(name)).iter() if name in archive.namelist() else ()

    ids = {
        part.get("name"): value
        for part in parts("xl/workbook.xml")
        for key, value in part.items()
        if part.tag.endswith("}sheet") and key.endswith("}id")
    }
    targets = {part.get("Id"): part.get("Target", "") for part in parts("xl/_rels/workbook.xml.rels")}
    target = targets.get(ids.get(sheet_name), "").lstrip("/")
    member = target if target.startswith("xl/") else f"xl/{target}"
    return member if member in archive.namelist() else None


def _places_spanned(file: Path | BinaryIO) -> int:
    """The places between the first and the last filled cell of the largest sheet, filled or not."""
    most = 0
    for blocks in _sheets_in_blocks(file):
        width = last_row = 0
        for block in blocks:
            columns = set(_CELL_COLUMN.findall(block))
            width = max([width, *(_column_number(letters) for letters in columns)])
            last_row = max([last_row, *(int(row) for row in _ROW_NUMBER.findall(block)[-1:])])
        most = max(most, width * last_row)
    return most


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _is_too_spread(file: Path | BinaryIO) -> bool:
    """Whether a sheet has cells so far apart that reading it could take all memory."""
    for blocks in _sheets_in_blocks(file):
        is_wide, last_row = False, 0
        for block in blocks:
            if _TOO_WIDE.search(block):
                return True
            is_wide = is_wide or _WIDE.search(block) is not None
            last_row = max([last_row, *(int(row) for row in _ROW_NUMBER.findall(block)[-1:])])
        if last_row > (_WIDE_ROWS_MAX if is_wide else _ROWS_MAX):
            return True
    return False


def _read_chunk(content: IO[bytes]) -> bytes:
    with readable():
        return content.read(2**20)


def _sheets_in_blocks(file: Path | BinaryIO) -> Iterator[Iterator[bytes]]:
    """The XML of each sheet, in blocks that overlap: a tag cut by the end of one is whole in the next."""

    def blocks(content: IO[bytes]) -> Iterator[bytes]:
        rest = b""
        while chunk := _read_chunk(content):
            block = rest + chunk
            rest = block[-200:]
            yield block

    with readable(), zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                with archive.open(member) as content:
                    yield blocks(content)


def sheet_batches(sheet: Sheet, header_row: int) -> tuple[Any, Counter]:
    """An Arrow stream (file_row, c0, c1 …) of the rows below the header, and a counter that fills as it is read.

    `file_row` is the row of the sheet, as its margin shows it.
    """
    import pyarrow as pa

    counter = Counter()
    names = [f"c{place}" for place in range(sheet.width)]
    schema = pa.schema([("file_row", pa.int64()), *((name, pa.string()) for name in names)])

    def batches() -> Iterator[Any]:
        rows = _numbered(sheet.sheet, sheet.broken_cells)
        while True:
            with readable():
                block = list(islice(rows, BATCH_ROWS))
            if not block:
                return
            numbers = pa.array([number for number, _ in block], pa.int64())
            columns = [
                pa.array([cell if type(cell) is str else _number_text(cell) for cell in column], pa.string())
                for column in zip(*(row for _, row in block), strict=True)
            ]
            batch = pa.record_batch([numbers, *columns[: sheet.width]], schema=schema)
            batch = batch.filter(_kept_rows(batch, header_row, counter))
            counter.records += batch.num_rows
            yield batch

    return pa.RecordBatchReader.from_batches(schema, batches()), counter


def _kept_rows(batch: Any, header_row: int, counter: Counter) -> Any:
    """Which rows are data; counts the blank ones and the sums and notes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    filled_cells = pa.repeat(pa.scalar(0, pa.int64()), batch.num_rows)
    has_number = pa.repeat(pa.scalar(False), batch.num_rows)
    texts = []
    for column in batch.columns[1:]:
        text = pc.utf8_trim_whitespace(column)
        is_filled = pc.not_equal(text, "")
        filled_cells = pc.add(filled_cells, pc.cast(is_filled, pa.int64()))
        has_number = pc.or_(has_number, pc.match_substring_regex(column, NUMBER_LIKE))
        texts.append(pc.if_else(is_filled, text, None))
    first = pc.fill_null(pc.coalesce(*texts), "")
    is_blank = pc.equal(filled_cells, 0)
    is_note = pc.or_(
        pc.match_substring_regex(first, FOOTER_START),
        pc.and_(
            pc.equal(filled_cells, 1),
            pc.and_(pc.match_substring_regex(first, NOTE_TEXT), pc.match_substring_regex(first, "^[^0-9]")),
        ),
    )
    is_below = pc.greater(batch.column(0), header_row)
    is_note = pc.and_(pc.and_(is_note, is_below), pc.and_(pc.invert(is_blank), pc.invert(has_number)))
    counter.blank += pc.sum(is_blank).as_py() or 0
    counter.notes += pc.sum(is_note).as_py() or 0
    return pc.and_(is_below, pc.invert(pc.or_(is_blank, is_note)))


def cell_text(cell: Any) -> str:
    """A cell as the text a CSV file would hold: whole numbers without decimals, dates as `ÅÅÅÅ-MM-DD`."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _number_text(cell: Any) -> str:
    """As `cell_text`; a number with three decimals gets a fourth, since in a text three may be a thousand."""
    text = cell_text(cell)
    return f"{text}0" if isinstance(cell, float) and re.search(r"[.][0-9]{3}$", text) else text


def _numbered(sheet: Any, broken: dict[int, dict[int, str]]) -> Iterator[tuple[int, list[Any]]]:
    """Each row of cells with its number in the sheet (from 1), and what stands for cells without a value put in."""
    for number, row in enumerate(sheet.iter_rows(), 1):
        for place, text in broken.get(number, {}).items():
            if place < len(row):
                row[place] = text
        yield number, row


@contextmanager
def readable() -> Iterator[None]:
    """Whatever the reader stumbles on means that the file is broken; its own text may quote cells."""
    try:
        yield
    except UnreadableError:
        raise
    except (MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit, FileNotFoundError, PermissionError):
        raise
    except BaseException:
        # the reader's own panics are no ordinary exceptions
        raise UnreadableError("den är inte en hel XLSX-fil, eller skyddad med lösenord") from None
