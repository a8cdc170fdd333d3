"""Opening a delivery: its form, where its header stands, and a table that SQL can read once.

The bytes are streamed as Arrow batches into DuckDB and never copied to another file: a copy would be one more
place where personnummer lie. Rows are counted here, from the bytes, independently of the rules that follow.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.register.headers import FoundHeader, find_header
from orchestration.register.mapping_sql import AMOUNTS, Table
from orchestration.register.spreadsheets import open_sheet, sheet_batches
from orchestration.register.text_lines import Counter, Inspection, UnreadableError, inspect_text, line_batches

TEXT_SUFFIXES = (".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz")
PARQUET_SUFFIX = ".parquet"
SPREADSHEET_SUFFIXES = (".xlsx", ".xlsm")
DELIMITERS = (";", ",", "\t")
SOURCE_VIEW = "delivery_source"
# what to do with files of other kinds that people send
_OTHER_FORMS = {
    ".zip": "packa upp den och leverera filerna i den",
    ".xls": "spara den som XLSX",
    ".xlsb": "spara den som XLSX",
    ".ods": "spara den som XLSX",
}
# a row with this many known names is the header
SURE_COLUMNS = 5


class DeliveryRejectedError(Exception):
    """The whole file is refused. `rule_id` is a delivery rule; the text says what is wrong, in Swedish."""

    def __init__(self, rule_id: str, problem: str) -> None:
        super().__init__(problem)
        self.rule_id = rule_id


@dataclass(frozen=True)
class Source:
    """An opened file whose header is found. `stream` registers its rows as `delivery_source`, to be read once."""

    file_format: str
    table: Table
    header_line: int
    lines_before: int
    is_empty: bool
    stream: Callable[[duckdb.DuckDBPyConnection], Counter]
    delimiter: str = ""
    encoding: str = ""
    # of a book: its other visible sheets, and the cells below the header that are merged downwards
    other_sheets: tuple[str, ...] = ()
    merged_cells: int = 0


def file_format(path: Path) -> str | None:
    """`csv`, `csv.gz`, `xlsx` … from the name, or None when such files are not received."""
    name = path.name.lower()
    for suffix in sorted((*TEXT_SUFFIXES, PARQUET_SUFFIX, *SPREADSHEET_SUFFIXES), key=len, reverse=True):
        if name.endswith(suffix):
            return suffix[1:]
    return None


def open_source(path: Path, known_names: set[str], sheet: str | None = None) -> Source:
    """Opens the file, of a book the first visible sheet or the one that is named, and finds its header.

    Raises DeliveryRejectedError (D01, D03).
    """
    form = file_format(path)
    if form is None:
        advice = _OTHER_FORMS.get(path.suffix.lower())
        raise DeliveryRejectedError("D01", f"filtypen tas inte emot{f', {advice}' if advice else ''}")
    if not path.stat().st_size:
        raise DeliveryRejectedError("D03", "filen är tom")
    _stop_unless_it_is(path, form)
    try:
        if form == "parquet":
            return _parquet_source(path)
        if form in ("xlsx", "xlsm"):
            return _spreadsheet_source(path, form, known_names, sheet)
        return _text_source(path, form, known_names)
    except UnreadableError as problem:
        raise DeliveryRejectedError("D01", str(problem)) from None


# what a file is by its content, in words, and what to do with it when its name says something else
_KINDS = {
    "book": ("en Excelbok", "ge den ändelsen .xlsx"),
    "old_book": ("en gammal Excelbok (.xls)", "spara den som XLSX"),
    "protected": ("en Excelbok skyddad med lösenord", "spara den utan lösenord"),
    "zip": ("en zip-fil", "packa upp den och leverera filerna i den"),
    "parquet": ("en Parquet-fil", "ge den ändelsen .parquet"),
    "pdf": ("en PDF", "ta ut uttaget som CSV eller XLSX"),
    "page": ("en webbsida", "hämta själva uttaget"),
    "xml": ("en XML-fil", "spara den som CSV eller XLSX"),
    "gzip": ("en gzip-fil", "ge den ändelsen .csv.gz"),
    "text": ("text", "ge den ändelsen .csv"),
}


def _stop_unless_it_is(path: Path, form: str) -> None:
    """Raises DeliveryRejectedError (D01), saying what the file is, when its content is not what its name says."""
    expected = {"parquet": {"parquet"}, "xlsx": {"book"}, "xlsm": {"book"}}.get(form, {"text", "gzip"})
    kind = kind_by_content(path)
    if kind not in expected and kind is not None:
        what, advice = _KINDS[kind]
        raise DeliveryRejectedError("D01", f"filen är {what} med namnet .{form}, {advice}")


def kind_by_content(path: Path) -> str | None:
    """A key of _KINDS; None for bytes that are none of them (a broken file of the kind that its name says, perhaps)."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(path) as archive:
                return "book" if "xl/workbook.xml" in archive.namelist() else "zip"
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return None
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        with path.open("rb") as file:
            # a new workbook with a password has the outside of an old one
            return "protected" if "EncryptedPackage".encode("utf-16-le") in file.read(2**20) else "old_book"
    for mark, kind in ((b"PAR1", "parquet"), (b"%PDF", "pdf"), (b"\x1f\x8b", "gzip")):
        if start.startswith(mark):
            return kind
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "page"
    if text.startswith(b"<?xml"):
        return "xml"
    return None if b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")) else "text"


def _register(connection: duckdb.DuckDBPyConnection, reader: Any) -> None:
    """Names an Arrow stream `delivery_source`, as the bare stream that it is.

    As a RecordBatchReader it would be read through a scanner of Arrow's, which reads ahead of DuckDB as fast as it can:
    a large file would then lie in memory whole.
    """
    connection.register(SOURCE_VIEW, reader.__arrow_c_stream__())


def _text_source(path: Path, form: str, known_names: set[str]) -> Source:
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
    return Source(form, table, header_line, header.last, is_empty, stream, delimiter, inspection.encoding)


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

    has_no_blanks = not inspection.has_quotes and not inspection.padded_marks & {delimiter, "\n"}

    def cell(position: int, _: str | None) -> str:
        # the last field carries the line end
        if inspection.has_odd_blanks or position >= header.filled_width - 1:
            return f"clean(f[{position + 1}])"
        return f"nullif(f[{position + 1}], '')" if has_no_blanks else f"clean_plain(f[{position + 1}])"

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


def _spreadsheet_source(path: Path, form: str, known_names: set[str], sheet_name: str | None) -> Source:
    sheet = open_sheet(path, sheet_name)
    if not sheet.first_rows and sheet.others and sheet_name is None:
        # the first sheet is blank: the rows may stand on one of the others
        named = ", ".join(sheet.others[:5])
        raise DeliveryRejectedError(
            "D03",
            f"det första bladet är tomt; boken har också bladen {named}, skriv sheet i en mappning om uttaget står där",
        )
    if not sheet.first_rows:
        raise DeliveryRejectedError("D03", "filen är tom")
    header, _ = find_header([cells for _, cells in sheet.first_rows], known_names)
    header_row = sheet.first_rows[header.last][0]

    def stream(connection: duckdb.DuckDBPyConnection) -> Counter:
        reader, counter = sheet_batches(sheet, header_row)
        _register(connection, reader)
        return counter

    table = Table(
        header,
        f"select *, true as is_whole from {SOURCE_VIEW}",
        lambda position, _: f"clean(c{position})",
        is_spreadsheet=True,
    )
    is_empty = len(sheet.first_rows) <= header.last + 1
    merged = sum(top >= header_row and top < bottom for top, bottom in sheet.merged_rows)
    return Source(
        form, table, header_row, header.last, is_empty, stream, other_sheets=sheet.others, merged_cells=merged
    )


def _parquet_source(path: Path) -> Source:
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
        return f"clean({_text_of(f'c{position}', schema.field(position).type, column)})"

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
    return Source("parquet", table, 0, 0, file.metadata.num_rows == 0, stream)


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
        width = {"kommunkod": 4, "personnummer": 10}.get(column)
        return f"padded({text}, {width})" if width else text
    return text
