"""From a landing file to the view `raw_rows`: every column as text, nothing lost.

The bytes are streamed as Arrow batches into DuckDB and never copied to another file: a copy would be one more
place where personnummer lie. Rows are counted here, from the bytes, independently of the rules that follow.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.register.headers import FoundHeader, find_header, normalised_name
from orchestration.register.mapping_sql import (
    ColumnMissingError,
    Compiled,
    Table,
    compile_identity,
    compile_mapping,
)
from orchestration.register.mappings import NO_MAPPINGS, Mapping, MappingError, Mappings
from orchestration.register.rules import canonical_columns
from orchestration.register.scrubbing import scrub_text
from orchestration.register.spreadsheets import open_sheet, sheet_batches
from orchestration.register.text_lines import Counter, Inspection, UnreadableError, inspect_text, line_batches

TEXT_SUFFIXES = (".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz")
PARQUET_SUFFIX = ".parquet"
SPREADSHEET_SUFFIXES = (".xlsx", ".xlsm")
DELIMITERS = (";", ",", "\t")
SOURCE_VIEW = "delivery_source"


class DeliveryRejectedError(Exception):
    """The whole file is refused. `rule_id` is a delivery rule; the text says what is wrong, in Swedish."""

    def __init__(self, rule_id: str, problem: str) -> None:
        super().__init__(problem)
        self.rule_id = rule_id


@dataclass(frozen=True)
class StagedFile:
    """A file that stands ready as the view `raw_rows` (see mapping_sql), to be read once.

    `counter` holds what was counted in the bytes; it is whole when the view has been read. `columns` says where each
    canonical column comes from; `mapping` is None for the canonical delivery itself.
    """

    file_format: str
    ignored_columns: tuple[str, ...]
    counter: Counter
    mapping: Mapping | None
    columns: dict[str, str]
    source: Source

    def rows_read(self) -> int:
        """Data rows of the file, counted in the bytes."""
        return self.counter.records

    def lines_skipped(self) -> int:
        """Filled lines that are no rows: before the header, its second row, sums and notes."""
        return self.source.lines_before + self.counter.notes


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


def file_format(path: Path) -> str | None:
    """`csv`, `csv.gz`, `xlsx` … from the name, or None when such files are not received."""
    name = path.name.lower()
    for suffix in sorted((*TEXT_SUFFIXES, PARQUET_SUFFIX, *SPREADSHEET_SUFFIXES), key=len, reverse=True):
        if name.endswith(suffix):
            return suffix[1:]
    return None


def open_source(path: Path, known_names: set[str]) -> Source:
    """Opens the file and finds its header. Raises DeliveryRejectedError (D01, D03)."""
    form = file_format(path)
    if form is None:
        raise DeliveryRejectedError("D01", "filtypen tas inte emot")
    try:
        if form == "parquet":
            return _parquet_source(path)
        if form in ("xlsx", "xlsm"):
            return _spreadsheet_source(path, form, known_names)
        return _text_source(path, form, known_names)
    except UnreadableError as problem:
        raise DeliveryRejectedError("D01", str(problem)) from None


def stage_file(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    mappings: Mappings = NO_MAPPINGS,
    wanted: str | None = None,
    allows_draft: bool = False,
) -> StagedFile:
    """Makes the temporary view `raw_rows` of a file, by the mapping that fits it or the one that is `wanted`.

    Raises DeliveryRejectedError (D01, D02, D03) when the file cannot be taken in at all.
    """
    source = open_source(path, mappings.known_names())
    mapping = choose_mapping(source.table.header, mappings, wanted)
    if mapping is not None and mapping.is_draft and not allows_draft:
        raise DeliveryRejectedError(
            "D02", f"mappningen {mapping.name} är ett utkast, ta bort raden is_draft när den är klar"
        )
    compiled = compile_source(source, mapping)
    if source.is_empty:
        raise DeliveryRejectedError("D03", "filen har bara en rubrikrad")
    counter = source.stream(connection)
    connection.execute(compiled.sql)
    names = source.table.header.names
    ignored = tuple(scrub_text(names[place].strip(), 40) or "(utan namn)" for place in compiled.ignored)
    return StagedFile(source.file_format, ignored, counter, mapping, compiled.used, source)


def release_file(connection: duckdb.DuckDBPyConnection) -> None:
    """Lets go of the file that `stage_file` opened, also when reading it broke the transaction."""
    with suppress(duckdb.Error):
        connection.unregister(SOURCE_VIEW)


def choose_mapping(header: FoundHeader, mappings: Mappings, wanted: str | None) -> Mapping | None:
    """The wanted mapping, else the only one whose signature the header holds, else None: the canonical delivery.

    Raises DeliveryRejectedError (D02) when several fit, or the wanted one cannot be used.
    """
    if wanted is not None:
        try:
            return mappings.named(wanted)
        except MappingError as problem:
            raise DeliveryRejectedError("D02", str(problem).rstrip(".")) from None
    fitting = mappings.fitting(header)
    if len(fitting) > 1:
        names = ", ".join(sorted(mapping.name for mapping in fitting))
        raise DeliveryRejectedError(
            "D02",
            f"flera mappningar passar ({names}), lägg filen i en mapp som heter som den rätta under landing/register",
        )
    return fitting[0] if fitting else None


def compile_source(source: Source, mapping: Mapping | None) -> Compiled:
    """The SQL for the file. Raises DeliveryRejectedError (D01, D02) when its columns are not those needed."""
    if mapping is None:
        return compile_identity(source.table, canonical_positions(source.table.header, source.delimiter))
    try:
        return compile_mapping(mapping, source.table)
    except ColumnMissingError as problem:
        raise DeliveryRejectedError("D02", f"{problem} (mappningen {mapping.name})") from None


def canonical_positions(header: FoundHeader, delimiter: str = "") -> dict[str, int]:
    """Where each canonical column stands.

    Raises DeliveryRejectedError: D01 when the first row holds data rather than names, D02 when a required column
    is missing or a column stands twice. Names from the file are scrubbed before they are quoted.
    """
    positions = {}
    for column in canonical_columns():
        try:
            place = header.position(column.name)
        except LookupError:
            raise DeliveryRejectedError("D02", f"kolumnen {column.name} finns två gånger") from None
        if place is not None:
            positions[column.name] = place
    missing = [column.name for column in canonical_columns() if column.required == "file"]
    missing = [name for name in missing if name not in positions]
    if missing and not positions and looks_like_data(header):
        raise DeliveryRejectedError("D01", "rubrikraden saknas")
    if missing:
        left = [name for place, name in enumerate(header.names) if place not in positions.values()]
        found = [scrub_text(name.strip(), 40) or "(utan namn)" for name in left]
        raise DeliveryRejectedError(
            "D02", _missing_text(missing, found, bool(delimiter) and len(header.names) == 1)
        )
    return positions


def looks_like_data(header: FoundHeader) -> bool:
    """Whether what was taken for the header is a row of values."""
    return any(re.match(r"\s*[0-9]", name) for name in header.names)


def _missing_text(missing: list[str], found: list[str], has_one_field: bool) -> str:
    if has_one_field:
        return f"kolumnen {missing[0]} saknas och raden har inget av skiljetecknen ; , eller tabb"
    by_name = {normalised_name(name): name for name in found}
    parts = []
    for name in missing:
        near = difflib.get_close_matches(normalised_name(name), by_name, n=1, cutoff=0.4)
        parts.append(f"{name} (närmast: {by_name[near[0]]})" if near else f"{name} (ingen liknande kolumn)")
    return f"kolumnen saknas: {', '.join(parts)}"


def _text_source(path: Path, form: str, known_names: set[str]) -> Source:
    inspection = inspect_text(path)
    if not inspection.first_lines:
        raise DeliveryRejectedError("D03", "filen är tom")
    delimiter, header = text_header([line for _, line in inspection.first_lines], known_names)
    header_line = inspection.first_lines[header.last][0]

    def stream(connection: duckdb.DuckDBPyConnection) -> Counter:
        reader, counter = line_batches(path, inspection, delimiter, header_line)
        connection.register(SOURCE_VIEW, reader)
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

    found = {
        delimiter: find_header([split(line, delimiter) for line in lines], known_names)
        for delimiter in DELIMITERS
    }
    best = max(DELIMITERS, key=lambda delimiter: (found[delimiter][1], len(found[delimiter][0].names)))
    return best, found[best][0]


def _text_table(header: FoundHeader, delimiter: str, inspection: Inspection) -> Table:
    """SQL that splits each record; a record with the wrong number of fields is kept with is_whole false."""
    mark = f"chr({ord(delimiter)})"
    width = len(header.names)
    fields = f"string_split(line, {mark})"
    if inspection.has_quotes:
        fields = f"case when contains(line, '\"') then split_quoted(rtrim(line, chr(10)), {mark}) else {fields} end"

    def cell(position: int, _: str | None) -> str:
        # the last field carries the line end
        plain = position < header.filled_width - 1 and not inspection.has_odd_blanks
        return f"{'clean_plain' if plain else 'clean'}(f[{position + 1}])"

    # Spreadsheets add empty fields at the end of a row, or leave them out; neither is an error.
    surplus = f"len(f) > {width} and clean(array_to_string(f[{width + 1}:], '')) is null"
    right = (
        f"len(f) = {width}"
        if header.filled_width == width
        else f"len(f) between {header.filled_width} and {width}"
    )
    relation = f"""
        select file_row, coalesce({right} or ({surplus}), false) as is_whole, f
        from (select file_row, {fields} as f from {SOURCE_VIEW}) as split
    """
    return Table(header, relation, cell)


def _spreadsheet_source(path: Path, form: str, known_names: set[str]) -> Source:
    sheet = open_sheet(path)
    if not sheet.first_rows:
        raise DeliveryRejectedError("D03", "filen är tom")
    header, _ = find_header([cells for _, cells in sheet.first_rows], known_names)
    header_row = sheet.first_rows[header.last][0]

    def stream(connection: duckdb.DuckDBPyConnection) -> Counter:
        reader, counter = sheet_batches(sheet, header_row)
        connection.register(SOURCE_VIEW, reader)
        return counter

    table = Table(
        header,
        f"select *, true as is_whole from {SOURCE_VIEW}",
        lambda position, _: f"clean(c{position})",
        is_spreadsheet=True,
    )
    is_empty = len(sheet.first_rows) <= header.last + 1
    return Source(form, table, header_row, header.last, is_empty, stream)


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

        connection.register(SOURCE_VIEW, pa.RecordBatchReader.from_batches(target, batches()))
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
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        width = {"kommunkod": 4, "personnummer": 10}.get(column)
        return f"padded({text}, {width})" if width else text
    return text
