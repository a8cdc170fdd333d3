"""Opening a delivery: its form, where its header stands, and a table that SQL can read once.

The bytes are streamed as Arrow batches into DuckDB and never copied to another file: a copy would be one more
place where personnummer lie. Rows are counted here, from the bytes, independently of the rules that follow.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.intake.files.headers import FoundHeader, find_header
from orchestration.intake.files.spreadsheets import open_sheet, sheet_batches
from orchestration.intake.files.text_lines import (
    Counter,
    Inspection,
    UnreadableError,
    inspect_text,
    line_batches,
)
from orchestration.intake.mappings.mapping_sql import AMOUNTS, Table
from orchestration.intake.scrubbing import scrub_text

TEXT_SUFFIXES = (".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz")
PARQUET_SUFFIX = ".parquet"
SPREADSHEET_SUFFIXES = (".xlsx", ".xlsm")
DELIMITERS = (";", ",", "\t")
SOURCE_VIEW = "delivery_source"
# a row with this many known names is the header
SURE_COLUMNS = 5


class DeliveryRejectedError(Exception):
    """The whole file is refused. `rule_id` is a delivery rule; the text says what is wrong, in Swedish."""

    def __init__(self, rule_id: str, problem: str) -> None:
        super().__init__(problem)
        self.rule_id = rule_id


@dataclass(frozen=True)
class OpenedFile:
    """An opened file whose header is found. `stream` registers its rows as `delivery_source`, to be read once."""

    file_format: str
    table: Table
    header_line: int
    lines_before: int
    is_empty: bool
    stream: Callable[[duckdb.DuckDBPyConnection], Counter]
    delimiter: str = ""
    encoding: str = ""
    # of a book: the sheet, the other visible ones, and below the header how many cells are merged downwards, and where (from 0)
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    merged_cells: int = 0
    merged_places: tuple[int, ...] = ()
    is_blank: bool = False

    def stop_if_blank(self) -> None:
        """Raises DeliveryRejectedError (D03) when there is nothing at all, naming the other sheets there are."""
        if self.is_blank and self.other_sheets:
            named = ", ".join(scrub_text(name, 40) for name in self.other_sheets[:5])
            raise DeliveryRejectedError(
                "D03",
                f"bladet är tomt; boken har också bladen {named}, skriv sheet i en mappning om uttaget står där",
            )
        if self.is_blank:
            raise DeliveryRejectedError("D03", "filen är tom")


def file_format(path: Path) -> str | None:
    """`csv`, `csv.gz`, `xlsx` … from the name, or None when such files are not received."""
    name = path.name.lower()
    for suffix in sorted((*TEXT_SUFFIXES, PARQUET_SUFFIX, *SPREADSHEET_SUFFIXES), key=len, reverse=True):
        if name.endswith(suffix):
            return suffix[1:]
    return None


def open_file(
    path: Path, known_names: set[str], sheet: str | None = None, may_be_blank: bool = False
) -> OpenedFile:
    """Opens the file, of a book the first visible sheet or the one that is named, and finds its header.

    Raises DeliveryRejectedError: D01, and D03 where there is nothing (of a book's sheet unless it `may_be_blank`).
    """
    form = file_format(path)
    if not path.stat().st_size:
        raise DeliveryRejectedError("D03", "filen är tom")
    _stop_unless_it_is(path, form)
    assert form is not None
    try:
        if form == "parquet":
            return _opened_parquet(path)
        if form not in ("xlsx", "xlsm"):
            return _opened_text(path, form, known_names)
        source = _opened_spreadsheet(path, form, known_names, sheet)
    except UnreadableError as problem:
        raise DeliveryRejectedError("D01", str(problem)) from None
    if not may_be_blank:
        source.stop_if_blank()
    return source


# what a file is by its content, in words, and what to do with it when its name says something else
_KINDS = {
    "book": ("en Excelbok", "ge den ändelsen .xlsx"),
    "old_book": ("en gammal Excelbok (.xls)", "spara den som XLSX"),
    "binary_book": ("en binär Excelbok (.xlsb)", "spara den som XLSX"),
    "open_book": ("ett kalkylblad (.ods)", "spara den som XLSX"),
    "old_document": ("ett gammalt Officedokument", "spara uttaget som XLSX eller CSV"),
    "protected": ("en Excelbok skyddad med lösenord", "spara den utan lösenord"),
    "zip": ("en zip-fil", "packa upp den och leverera filerna i den"),
    "packed": ("en packad fil (7z eller rar)", "packa upp den och leverera filerna i den"),
    "parquet": ("en Parquet-fil", "ge den ändelsen .parquet"),
    "pdf": ("en PDF", "ta ut uttaget som CSV eller XLSX"),
    "picture": ("en bild", "ta ut uttaget som CSV eller XLSX"),
    "rtf": ("ett textdokument (RTF)", "ta ut uttaget som CSV eller XLSX"),
    "page": ("en webbsida", "hämta själva uttaget"),
    "xml": ("en XML-fil", "spara den som CSV eller XLSX"),
    "gzip": ("en gzip-fil", "ge den ändelsen .csv.gz"),
    "text": ("text", "ge den ändelsen .csv"),
}


_MARKS = {
    b"PAR1": "parquet",
    b"%PDF": "pdf",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf\x27\x1c": "packed",
    b"Rar!": "packed",
    b"PK\x05\x06": "zip",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"{\\rtf": "rtf",
}
# the parts that tell what a zip is
_ZIPPED = {
    ("xl/workbook.xml",): "book",
    ("xl/workbook.bin",): "binary_book",
    ("mimetype", "content.xml"): "open_book",
}
_ZIP_MARK, _OLE_MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _stop_unless_it_is(path: Path, form: str | None) -> None:
    """Raises DeliveryRejectedError (D01), saying what the file is, when its content is not what its name says, or its name
    (`form` None) is of no kind that is received."""
    kind = kind_by_content(path)
    what, advice = _KINDS.get(kind or "", ("", ""))
    if form is None:
        told = f", filen är {what}, {advice}" if what else ""
        raise DeliveryRejectedError("D01", f"filtypen tas inte emot{told}")
    expected = {"parquet": {"parquet"}, "xlsx": {"book"}, "xlsm": {"book"}}.get(form, {"text", "gzip"})
    if what and kind not in expected:
        raise DeliveryRejectedError("D01", f"filen är {what} med namnet .{form}, {advice}")
    if kind == "gzip" and (packed := _kind_inside(path)) and packed != "text":
        raise DeliveryRejectedError(
            "D01", f"gzip-filen innehåller {_KINDS[packed][0]}, packa upp den och leverera innehållet"
        )


def kind_by_content(path: Path) -> str | None:
    """A key of _KINDS; None for bytes that are none of them (a broken file of the kind that its name says, perhaps)."""
    with path.open("rb") as file:
        start = file.read(4096)
        if start.startswith(_OLE_MARK):
            return _old_kind(start + file.read(2**20))
    return _zip_kind(path) if start.startswith(_ZIP_MARK) else _kind_of_start(start)


def _zip_kind(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    for parts, kind in _ZIPPED.items():
        if set(parts) <= names:
            return kind
    return "zip"


def _old_kind(content: bytes) -> str:
    """A new workbook with a password has the outside of an old one; other old documents have it too."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "protected"
    is_document = any(
        name.encode("utf-16-le") in content
        for name in ("WordDocument", "PowerPoint Document", "__substg1.0_")
    )
    return "old_document" if is_document else "old_book"


def _kind_of_start(start: bytes) -> str | None:
    for mark, kind in _MARKS.items():
        if start.startswith(mark):
            return kind
    is_wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in start and not is_wide:
        return None
    text = (start.decode("utf-16", "ignore") if is_wide else start.decode("utf-8-sig", "ignore")).lower()
    text = re.sub(r"^(\s|<!--.*?-->)+", "", text, flags=re.DOTALL)
    if re.match(r"<(!doctype html|(html|head|meta|style|title|body|div|table|p|font)[\s>/])", text):
        return "page"
    if re.match(r"<\?xml|<[a-z]\w*[: >]", text):
        return "page" if re.search(r"<html[\s>]", text) else "xml"
    return "text"


def _kind_inside(path: Path) -> str | None:
    """The kind of what a gzip file packs, by its first bytes; None when they cannot be unpacked."""
    try:
        with gzip.open(path, "rb") as file:
            start = file.read(4096)
    except (EOFError, OSError, zlib.error):
        return None
    if start.startswith(_OLE_MARK):
        return _old_kind(start)
    return "zip" if start.startswith(_ZIP_MARK) else _kind_of_start(start)


def _register(connection: duckdb.DuckDBPyConnection, reader: Any) -> None:
    """Names an Arrow stream `delivery_source`, as the bare stream that it is.

    As a RecordBatchReader it would be read through a scanner of Arrow's, which reads ahead of DuckDB as fast as it can:
    a large file would then lie in memory whole.
    """
    connection.register(SOURCE_VIEW, reader.__arrow_c_stream__())


def _opened_text(path: Path, form: str, known_names: set[str]) -> OpenedFile:
    inspection = inspect_text(path)
    if not inspection.first_lines:
        raise DeliveryRejectedError("D03", "filen är tom")
    delimiter, header = text_header([line for _, line in inspection.first_lines], known_names)
    header_line = inspection.first_lines[header.last][0]

    def stream(connection: duckdb.DuckDBPyConnection) -> Counter:
        reader, counter = line_batches(path, inspection, delimiter, header_line)
        _register(connection, reader)
        return counter

    table = _text_table(header, delimiter, inspection)
    is_empty = inspection.filled_lines <= header.last + 1
    return OpenedFile(form, table, header_line, header.last, is_empty, stream, delimiter, inspection.encoding)


def text_header(lines: list[str], known_names: set[str]) -> tuple[str, FoundHeader]:
    """The delimiter that gives most known columns, and the header among the lines split by it."""

    def split(line: str, delimiter: str) -> list[str]:
        try:
            return next(csv.reader([line.replace("\n", " ")], delimiter=delimiter), [])
        except csv.Error:
            return line.split(delimiter)

    # where the header is the first line, as in most files, the others need not be searched
    for searched in (lines[:2], lines):
        found = {
            delimiter: find_header([split(line, delimiter) for line in searched], known_names)
            for delimiter in DELIMITERS
        }
        best = max(DELIMITERS, key=lambda mark: (found[mark][1], len(found[mark][0].names)))
        if found[best][0].first == 0 and found[best][1] >= SURE_COLUMNS:
            break
    return best, found[best][0]


def _text_table(header: FoundHeader, delimiter: str, inspection: Inspection) -> Table:
    """SQL that splits each record; a record with the wrong number of fields is kept with is_whole false."""
    mark = f"chr({ord(delimiter)})"
    width = len(header.names)
    fields = f"string_split(line, {mark})"
    if inspection.has_quotes:
        fields = f"case when contains(line, '\"') then split_quoted(rtrim(line, chr(10)), {mark}) else {fields} end"

    def cell(position: int, _: str | None) -> str:
        field = f"nfc_normalize(f[{position + 1}])" if inspection.has_marks else f"f[{position + 1}]"
        # the last field carries the line end
        if inspection.has_odd_blanks or position >= header.filled_width - 1:
            return f"clean({field})"
        return f"clean_plain({field})"

    # Spreadsheets add empty fields at the end of a row, or leave them out; neither is an error. `case` asks only
    # the rows that need it, where `or` would join the surplus of every row.
    right = (
        f"len(f) = {width}"
        if header.filled_width == width
        else f"len(f) between {header.filled_width} and {width}"
    )
    surplus = f"len(f) > {width} and clean(array_to_string(f[{width + 1}:], '')) is null"
    relation = f"""
        select file_row, case when {right} then true else coalesce({surplus}, false) end as is_whole, f
        from (select file_row, {fields} as f from {SOURCE_VIEW}) as split
    """
    return Table(header, relation, cell)


def _opened_spreadsheet(path: Path, form: str, known_names: set[str], sheet_name: str | None) -> OpenedFile:
    sheet = open_sheet(path, sheet_name)
    is_blank = not sheet.first_rows
    rows = [cells for _, cells in sheet.first_rows]
    header = FoundHeader((), (), 0, 0) if is_blank else find_header(rows, known_names)[0]
    header_row = 0 if is_blank else sheet.first_rows[header.last][0]

    def stream(connection: duckdb.DuckDBPyConnection) -> Counter:
        reader, counter = sheet_batches(sheet, header_row)
        _register(connection, reader)
        return counter

    table = Table(
        header,
        f"select *, true as is_whole from {SOURCE_VIEW}",
        lambda position, _: f"clean(nfc_normalize(c{position}))",
        is_spreadsheet=True,
    )
    is_empty = len(sheet.first_rows) <= header.last + 1
    merged = [place for top, bottom, place in sheet.merged if header_row <= top < bottom]
    return OpenedFile(
        form, table, header_row, header.last, is_empty, stream,
        sheet=sheet.name, other_sheets=sheet.others, merged_cells=len(merged),
        merged_places=tuple(sorted(set(merged))), is_blank=is_blank,
    )  # fmt: skip


def _opened_parquet(path: Path) -> OpenedFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError):
        raise UnreadableError("den är inte en hel Parquet-fil") from None
    names = tuple(schema.names)
    header = FoundHeader(names, tuple(() for _ in names), 0, 0)
    used: set[int] = set()

    def cell(position: int, column: str | None) -> str:
        used.add(position)
        kind = schema.field(position).type
        text = _text_of(f"c{position}", kind, column)
        return f"clean(nfc_normalize({text}))" if _is_text(kind) else f"clean({text})"

    def stream(connection: duckdb.DuckDBPyConnection) -> Counter:
        # only the columns that the compiled SQL asks for are read
        places = sorted(used)
        counter = Counter()
        target = pa.schema(
            [("file_row", pa.int64()), *((f"c{place}", schema.field(place).type) for place in places)]
        )

        def batches() -> Any:
            for batch in file.iter_batches(batch_size=122_880, columns=[names[place] for place in places]):
                batch.validate(full=True)
                numbers = pa.array(
                    range(counter.records + 1, counter.records + batch.num_rows + 1), pa.int64()
                )
                counter.records += batch.num_rows
                yield pa.record_batch(
                    [numbers, *(batch.column(names[place]) for place in places)], schema=target
                )

        _register(connection, pa.RecordBatchReader.from_batches(target, batches()))
        return counter

    table = Table(header, f"select *, true as is_whole from {SOURCE_VIEW}", cell)
    return OpenedFile("parquet", table, 0, 0, file.metadata.num_rows == 0, stream)


def _is_text(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _text_of(name: str, kind: Any, column: str | None) -> str:
    """SQL for a Parquet column as the text a CSV file would hold: the type may have lost zeros, the sender did not."""
    import pyarrow.types as types

    if types.is_null(kind):
        return "cast(null as varchar)"
    if types.is_timestamp(kind) or types.is_date(kind):
        # a moment with a time zone is midnight in Sweden, whatever zone it was stored in
        local = f"timezone('Europe/Stockholm', {name})" if getattr(kind, "tz", None) else name
        return f"strftime({local}, '%Y-%m')" if column == "period" else f"cast({local} as varchar)"
    if types.is_binary(kind) or types.is_large_binary(kind):
        return f"try(decode({name}))"
    text = f"whole_number_text({name})" if types.is_floating(kind) else f"cast({name} as varchar)"
    if column in AMOUNTS and (types.is_floating(kind) or types.is_decimal(kind)):
        return f"unambiguous_decimals({text})"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        width = {"kommunkod": 4, "personnummer": 10}.get(column or "")
        return f"padded({text}, {width})" if width else text
    return text
