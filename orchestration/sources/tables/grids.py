"""Any published file as grids of text: the sheets of a workbook, a CSV file, or what a zip holds of them.

A cell is the text that a Swedish reader would see: whole numbers without decimals, decimals after a comma, dates as
`ÅÅÅÅ-MM-DD`. Nothing is judged here but whether the bytes can be read at all.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from orchestration.intake.files.spreadsheets import (
    broken_cells,
    cell_text,
    is_unreasonable,
    open_book,
    readable,
)
from orchestration.intake.files.text_lines import UnreadableError
from orchestration.sources.connector import SourceError

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXT_SUFFIXES = (".csv", ".txt", ".tsv", ".skv")
_BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls")
READ_SUFFIXES = (*_TEXT_SUFFIXES, *_BOOK_SUFFIXES)
_UNPACKED_BYTES_MAX = 2 * 2**30
# a published sheet may be wide; it is read whole, so the places it spans are limited
_CELLS_MAX = 10_000_000
# as many columns as a workbook may have, and longer than any line of a table
_COLUMNS_MAX, _LINE_BYTES_MAX = 16_384, 2**20
FETCH_AGAIN = "hämta den igen från källan och lägg in den på nytt"


UNREAD = pa.schema([("file_name", pa.string()), ("problem_number", pa.int32()), ("problem", pa.string())])


class SourceFileError(SourceError):
    """A published file that cannot be read: the message names the file, the place in it, and what to do."""

    def __init__(self, message: str, outcome: str = "drifted") -> None:
        super().__init__(message, outcome)


def file_name_of(url: str) -> str:
    """The name of the file at an address, or the name itself."""
    return unquote(urlsplit(url).path).rstrip("/").rsplit("/", 1)[-1] or url


@dataclass(frozen=True)
class Grid:
    """One sheet of `file_name`; `sheet` is empty for a CSV file. `rows` are equally wide.

    `merged` are ranges of merged cells (first row, first column, last row, last column), from 0.
    """

    file_name: str
    sheet: str
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...] = field(default=())

    @property
    def where(self) -> str:
        """The file and sheet as they are named in messages."""
        return f"filen {self.file_name}, bladet {self.sheet}" if self.sheet else f"filen {self.file_name}"


def unread_table(file_name: str, problems: Sequence[str]) -> pa.Table:
    """The Swedish sentences of what could not be read of a file, as a table with the columns of UNREAD."""
    rows = [
        {"file_name": file_name, "problem_number": number, "problem": problem}
        for number, problem in enumerate(problems, 1)
    ]
    return pa.Table.from_pylist(rows, schema=UNREAD)


def open_grids(content: bytes, file_name: str) -> list[Grid]:
    """Every visible sheet of the file that holds anything. Raises SourceFileError."""
    grids = list(_grids(content, file_name))
    if not grids:
        raise SourceFileError(f"Filen {file_name} är tom; {FETCH_AGAIN}.", "empty")
    return grids


def zip_members(content: bytes, file_name: str) -> dict[str, bytes] | None:
    """What a zip of files holds, by name without folders; None when the bytes are a workbook or no zip at all.

    Raises SourceFileError when the zip is broken, protected, or unreasonably large.
    """
    if not content.startswith(_ZIP):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [
                member
                for member in archive.infolist()
                # what a Mac leaves beside every file
                if not member.is_dir() and not re.search(r"(^|/)(__MACOSX/|\._)", member.filename)
            ]
            if any(
                member.filename in ("xl/workbook.xml", "xl/workbook.bin", "mimetype") for member in members
            ):
                return None
            if is_unreasonable(members, _UNPACKED_BYTES_MAX, len(content)):
                raise _too_large(file_name)
            if any(member.flag_bits & 1 for member in members):
                raise SourceFileError(
                    f"Filen {file_name} är skyddad med lösenord; spara den utan lösenord.", "unreadable"
                )
            return _by_name(members, archive)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
        raise SourceFileError(
            f"Filen {file_name} är en skadad zip-fil; {FETCH_AGAIN}.", "unreadable"
        ) from None


def nested_zip(file_name: str) -> SourceFileError:
    """What is said of a zip inside a zip, which is not unpacked."""
    return SourceFileError(
        f"Filen {file_name} är en zip-fil i en zip-fil; packa upp den och lägg in filerna för sig.",
        "unreadable",
    )


def _too_large(file_name: str) -> SourceFileError:
    return SourceFileError(
        f"Filen {file_name} är orimligt stor när den packas upp; {FETCH_AGAIN}.", "unreadable"
    )


def _by_name(members: list[zipfile.ZipInfo], archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The contents by name; files with the same name in several folders keep the folder's."""
    names = [_plain_name(member) for member in members]
    times = Counter(names)
    whole = [composed(member.filename.replace("/", " - ")) for member in members]
    kept = [name if times[name] == 1 else path for name, path in zip(names, whole, strict=True)]
    return {name: archive.read(member) for name, member in zip(kept, members, strict=True)}


def decoded(content: bytes, file_name: str) -> str:
    """Text in UTF-8 (with or without a mark), UTF-16 with a mark, or Windows' own. Raises SourceFileError."""
    # a line of twice the length fills one of these stretches, wherever it begins
    for start in range(0, len(content) - _LINE_BYTES_MAX, _LINE_BYTES_MAX):
        end = start + _LINE_BYTES_MAX
        if content.find(b"\n", start, end) < 0 and content.find(b"\r", start, end) < 0:
            raise SourceFileError(
                f"Filen {file_name} har en rad som är orimligt lång; {FETCH_AGAIN}.", "unreadable"
            )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return composed(text)
    raise SourceFileError(
        f"Filen {file_name} är varken text, arbetsbok eller zip; {FETCH_AGAIN}.", "unreadable"
    )


def swedish_text(cell: Any) -> str:
    """A cell of a workbook as printed in Swedish: 67.1 becomes `67,1`."""
    if isinstance(cell, float) and not cell.is_integer():
        return f"{cell:.12g}".replace(".", ",")
    return printed(composed(cell_text(cell)))


def printed(text: str) -> str:
    """The text as it looks: a word that is divided over two lines, or may be, is one word."""
    if "\n" in text or "\xad" in text or "_x000D_" in text:
        text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\xad", "")
        text = re.sub(r"(?<=[^\W\d_])-\n(?=[a-zåäö])", "", text)
    return text.replace("\xa0", " ").strip()


def composed(text: str) -> str:
    """Letters with their dots and rings in one piece, as a Swedish keyboard writes them."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def delimiter_of(text: str) -> str:
    """The mark that splits most lines, semicolon first: a Swedish file has commas in its numbers."""
    lines = [line for line in text.splitlines() if line.strip()]
    counts = {mark: sum(mark in line for line in lines) for mark in (";", "\t", ",")}
    return max(counts, key=lambda mark: (2 * counts[mark] >= len(lines), counts[mark]))


def _grids(content: bytes, file_name: str, is_member: bool = False) -> Iterator[Grid]:
    if not content.strip():
        return
    members = zip_members(content, file_name)
    if members is not None and is_member:
        raise nested_zip(file_name)
    if members is not None:
        for name, member in members.items():
            if name.lower().endswith(READ_SUFFIXES):
                yield from _grids(member, f"{file_name}/{name}", is_member=True)
    elif content.startswith((_ZIP, _OLE)):
        yield from _book(content, file_name)
    elif (start := content.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()).startswith(
        (b"<!doctype", b"<html", b"<?xml")
    ):
        what = "en webbsida" if b"html" in start else "en XML-fil"
        raise SourceFileError(f"Filen {file_name} är {what} och ingen tabell; {FETCH_AGAIN}.", "unreadable")
    elif start.startswith(b"%pdf"):
        raise SourceFileError(
            f"Filen {file_name} är en PDF; hämta tabellerna som Excel eller CSV i stället.", "unreadable"
        )
    else:
        yield from _text(decoded(content, file_name), file_name)


def _book(content: bytes, file_name: str) -> Iterator[Grid]:
    try:
        book, names = (
            _opened_xls(content) if content.startswith(_OLE) else open_book(io.BytesIO(content), _CELLS_MAX)
        )
        for name in names:
            with readable():
                sheet = book.get_sheet_by_name(name)
                rows = [[swedish_text(cell) for cell in row] for row in sheet.iter_rows()]
                for row, cells in (
                    {} if content.startswith(_OLE) else broken_cells(io.BytesIO(content), name)
                ).items():
                    for column, text in cells.items():
                        if row <= len(rows) and column < len(rows[row - 1]):
                            rows[row - 1][column] = text
                merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
            yield from _grid(file_name, composed(name).strip(), rows, merged)
    except UnreadableError as problem:
        raise SourceFileError(
            f"Filen {file_name} kan inte läsas: {problem}; {FETCH_AGAIN}.", "unreadable"
        ) from None


def _opened_xls(content: bytes) -> tuple[Any, list[str]]:
    """The old binary workbook; a new one with a password has the same outside."""
    import python_calamine as calamine

    with readable():
        book = calamine.load_workbook(io.BytesIO(content))
        visible = calamine.SheetVisibleEnum.Visible
        return book, [sheet.name for sheet in book.sheets_metadata if sheet.visible == visible]


def _text(text: str, file_name: str) -> Iterator[Grid]:
    delimiter = delimiter_of(text)
    if text.count(delimiter) + text.count("\n") > _CELLS_MAX:
        raise _too_large(file_name)
    try:
        rows = [
            [printed(cell) for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error:
        raise SourceFileError(
            f"Filen {file_name} har en rad som inte går att dela upp; {FETCH_AGAIN}.", "unreadable"
        ) from None
    yield from _grid(file_name, "", rows, [])


def _grid(
    file_name: str, sheet: str, rows: list[list[str]], merged: list[tuple[int, int, int, int]]
) -> Iterator[Grid]:
    width = max((len(row) for row in rows), default=0)
    if width > _COLUMNS_MAX or width * len(rows) > _CELLS_MAX:
        raise _too_large(file_name)
    if any(cell for row in rows for cell in row):
        yield Grid(file_name, sheet, tuple((*row, *[""] * (width - len(row))) for row in rows), tuple(merged))


def _plain_name(member: zipfile.ZipInfo) -> str:
    # without the mark for UTF-8 the name was read as American DOS, whatever it was written in
    name = member.filename
    if not member.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp850", "replace")
    return composed(name.rsplit("/", 1)[-1])
