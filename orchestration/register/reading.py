"""From a landing file to the view `raw_rows`: one row per data row, every column as text, nothing lost.

The bytes are streamed as Arrow batches into DuckDB and never copied to another file: a copy would be one more
place where personnummer lie. Rows are counted here, from the bytes, independently of the rules that follow.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.register.rules import canonical_columns
from orchestration.register.scrubbing import scrub_text
from orchestration.register.text_lines import Inspection, UnreadableError, inspect_text, line_batches

TEXT_SUFFIXES = (".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz")
PARQUET_SUFFIX = ".parquet"
DELIMITERS = (";", ",", "\t")
SOURCE_VIEW = "delivery_source"


class DeliveryRejectedError(Exception):
    """The whole file is refused. `rule_id` is a delivery rule; the text says what is wrong, in Swedish."""

    def __init__(self, rule_id: str, problem: str) -> None:
        super().__init__(problem)
        self.rule_id = rule_id


@dataclass(frozen=True)
class StagedFile:
    """A file that stands ready as the view `raw_rows`, to be read once.

    `rows_read` gives the number of data rows counted in the bytes; call it after the view has been read.
    """

    file_format: str
    ignored_columns: tuple[str, ...]
    rows_read: Callable[[], int]


@dataclass(frozen=True)
class Header:
    """Where each canonical column stands (0-based), and the names of those that are not in the contract."""

    positions: dict[str, int]
    ignored: tuple[str, ...]
    width: int


def normalised_name(name: str) -> str:
    """Column names are compared without case, blanks, marks, and å/ä/ö read as a/a/o."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


def file_format(path: Path) -> str | None:
    """`csv`, `csv.gz`, `parquet` … from the name, or None when such files are not received."""
    name = path.name.lower()
    for suffix in sorted((*TEXT_SUFFIXES, PARQUET_SUFFIX), key=len, reverse=True):
        if name.endswith(suffix):
            return suffix[1:]
    return None


def stage_file(connection: duckdb.DuckDBPyConnection, path: Path) -> StagedFile:
    """Makes the temporary view `raw_rows` (file_row, is_whole, one text column per canonical column) of a file.

    Raises DeliveryRejectedError (D01, D02, D03) when the file cannot be taken in at all.
    """
    form = file_format(path)
    if form is None:
        raise DeliveryRejectedError("D01", "filtypen tas inte emot")
    try:
        return _stage_parquet(connection, path) if form == "parquet" else _stage_text(connection, path, form)
    except UnreadableError as problem:
        raise DeliveryRejectedError("D01", str(problem)) from None


def release_file(connection: duckdb.DuckDBPyConnection) -> None:
    """Lets go of the file that `stage_file` opened, also when reading it broke the transaction."""
    with suppress(duckdb.Error):
        connection.unregister(SOURCE_VIEW)


def _stage_text(connection: duckdb.DuckDBPyConnection, path: Path, form: str) -> StagedFile:
    inspection = inspect_text(path)
    if inspection.header is None:
        raise DeliveryRejectedError("D03", "filen är tom")
    delimiter, fields = split_header(inspection.header)
    header = match_header(fields, has_one_field=len(fields) == 1)
    if inspection.records == 0:
        raise DeliveryRejectedError("D03", "filen har bara en rubrikrad")
    reader, counter = line_batches(path, inspection, delimiter)
    connection.register(SOURCE_VIEW, reader)
    connection.execute(_text_view(header, delimiter, inspection))
    return StagedFile(form, header.ignored, lambda: counter.records)


def split_header(line: str) -> tuple[str, list[str]]:
    """The delimiter that gives most known columns, and the header's fields split by it."""
    known = {normalised_name(column.name) for column in canonical_columns()}

    def fields_by(delimiter: str) -> list[str]:
        return next(csv.reader([line.replace("\n", " ")], delimiter=delimiter), [])

    def score(delimiter: str) -> tuple[int, int]:
        fields = fields_by(delimiter)
        return sum(normalised_name(field) in known for field in fields), len(fields)

    best = max(DELIMITERS, key=score)
    return best, fields_by(best)


def match_header(fields: list[str], has_one_field: bool = False) -> Header:
    """Finds the canonical columns among `fields`.

    Raises DeliveryRejectedError: D01 when the first row holds data rather than names, D02 when a required column
    is missing or a column stands twice. Names from the file are scrubbed before they are quoted.
    """
    wanted = {normalised_name(column.name): column.name for column in canonical_columns()}
    positions: dict[str, int] = {}
    ignored = []
    for position, field in enumerate(fields):
        name = wanted.get(normalised_name(field))
        if name is None:
            ignored.append(scrub_text(field.strip(), 40) or "(utan namn)")
        elif name in positions:
            raise DeliveryRejectedError("D02", f"kolumnen {name} finns två gånger")
        else:
            positions[name] = position
    missing = [column.name for column in canonical_columns() if column.required == "file"]
    missing = [name for name in missing if name not in positions]
    if missing and not positions and any(re.match(r"\s*[0-9]", field) for field in fields):
        raise DeliveryRejectedError("D01", "rubrikraden saknas")
    if missing:
        raise DeliveryRejectedError("D02", _missing_text(missing, ignored, has_one_field))
    return Header(positions, tuple(ignored), len(fields))


def _missing_text(missing: list[str], found: list[str], has_one_field: bool) -> str:
    if has_one_field:
        return f"kolumnen {missing[0]} saknas och raden har inget av skiljetecknen ; , eller tabb"
    by_name = {normalised_name(name): name for name in found}
    parts = []
    for name in missing:
        near = difflib.get_close_matches(normalised_name(name), by_name, n=1, cutoff=0.4)
        parts.append(f"{name} (närmast: {by_name[near[0]]})" if near else f"{name} (ingen liknande kolumn)")
    return f"kolumnen saknas: {', '.join(parts)}"


def _text_view(header: Header, delimiter: str, inspection: Inspection) -> str:
    """SQL that splits each record; a record with the wrong number of fields is kept with is_whole false."""
    mark = f"chr({ord(delimiter)})"
    width = header.width
    fields = f"string_split(line, {mark})"
    if inspection.has_quotes:
        fields = f"case when contains(line, '\"') then split_quoted(rtrim(line, chr(10)), {mark}) else {fields} end"

    def cleaned(position: int) -> str:
        # the last field carries the line end
        plain = position < width - 1 and not inspection.has_odd_blanks
        return f"{'clean_plain' if plain else 'clean'}(f[{position + 1}])"

    # Spreadsheets add empty fields at the end of a row; those are not an error.
    surplus = f"len(f) > {width} and clean(array_to_string(f[{width + 1}:], '')) is null"
    columns = [
        f"{cleaned(header.positions[column.name])} as {column.name}"
        if column.name in header.positions
        else f"cast(null as varchar) as {column.name}"
        for column in canonical_columns()
    ]
    return f"""
        create or replace temp view raw_rows as
        with split as (select file_row, {fields} as f from {SOURCE_VIEW})
        select file_row, coalesce(len(f) = {width} or ({surplus}), false) as is_whole, {", ".join(columns)}
        from split
    """


def _stage_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> StagedFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError):
        raise UnreadableError("den är inte en hel Parquet-fil") from None
    header = match_header(list(schema.names))
    if file.metadata.num_rows == 0:
        raise DeliveryRejectedError("D03", "filen har inga rader")
    kept = {schema.names[position]: name for name, position in header.positions.items()}
    types = {name: schema.field(position).type for name, position in header.positions.items()}
    target = pa.schema([("file_row", pa.int64()), *types.items()])

    def batches() -> Any:
        first = 1
        for batch in file.iter_batches(batch_size=122_880, columns=list(kept)):
            batch.validate(full=True)
            numbers = pa.array(range(first, first + batch.num_rows), pa.int64())
            first += batch.num_rows
            by_name = {kept[name]: batch.column(name) for name in kept}
            yield pa.record_batch([numbers, *(by_name[name] for name in types)], schema=target)

    connection.register(SOURCE_VIEW, pa.RecordBatchReader.from_batches(target, batches()))
    columns = [
        f"clean({_text_of(column.name, types[column.name])}) as {column.name}"
        if column.name in types
        else f"cast(null as varchar) as {column.name}"
        for column in canonical_columns()
    ]
    connection.execute(
        f"create or replace temp view raw_rows as select file_row, true as is_whole, {', '.join(columns)} "
        f"from {SOURCE_VIEW}"
    )
    return StagedFile("parquet", header.ignored, lambda: file.metadata.num_rows)


def _text_of(name: str, kind: Any) -> str:
    """SQL for a Parquet column as the text a CSV file would hold: the type may have lost zeros, the sender did not."""
    import pyarrow.types as types

    if types.is_null(kind):
        return "cast(null as varchar)"
    if types.is_timestamp(kind) or types.is_date(kind):
        # a moment with a time zone is midnight in Sweden, whatever zone it was stored in
        local = f"timezone('Europe/Stockholm', {name})" if getattr(kind, "tz", None) else name
        return f"strftime({local}, '%Y-%m')" if name == "period" else f"cast({local} as varchar)"
    if types.is_binary(kind) or types.is_large_binary(kind):
        return f"try(decode({name}))"
    text = f"whole_number_text({name})" if types.is_floating(kind) else f"cast({name} as varchar)"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        width = {"kommunkod": 4, "personnummer": 10}.get(name)
        return f"padded({text}, {width})" if width else text
    return text
