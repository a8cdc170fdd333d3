"""From a landing file to the view `raw_rows`, by the mapping that applies: every column as text, nothing lost."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.intake.files.headers import FoundHeader, normalised_name
from orchestration.intake.files.opening import SOURCE_VIEW, DeliveryRejectedError, OpenedFile, open_file
from orchestration.intake.files.text_lines import Counter
from orchestration.intake.mappings.mapping_files import NO_MAPPINGS, Mapping, MappingError, Mappings
from orchestration.intake.mappings.mapping_sql import (
    ColumnMissingError,
    Compiled,
    compile_identity,
    compile_mapping,
)
from orchestration.intake.rules.catalogue import OPTIONAL_KINDS, PERSON_MONTHS, columns_of
from orchestration.intake.scrubbing import scrub_text


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
    source: OpenedFile
    kind: str

    def rows_read(self) -> int:
        """Data rows of the file, counted in the bytes."""
        return self.counter.records

    def lines_skipped(self) -> int:
        """Filled lines that are no rows: before the header, its second row, sums and notes."""
        return self.source.lines_before + self.counter.notes


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
    source, kind, mapping = open_delivery(path, mappings, wanted)
    if mapping is not None and mapping.is_draft and not allows_draft:
        raise DeliveryRejectedError(
            "D02", f"mappningen {mapping.name} är ett utkast, ta bort raden is_draft när den är klar"
        )
    compiled = compile_file(source, mapping, kind)
    if source.is_empty:
        raise DeliveryRejectedError("D03", "filen har bara en rubrikrad")
    counter = source.stream(connection)
    connection.execute(compiled.sql)
    names = source.table.header.names
    ignored = tuple(scrub_text(names[place].strip(), 40) or "(utan namn)" for place in compiled.ignored)
    return StagedFile(source.file_format, ignored, counter, mapping, compiled.used, source, kind)


def open_delivery(
    path: Path, mappings: Mappings, wanted: str | None
) -> tuple[OpenedFile, str, Mapping | None]:
    """The opened file, what kind it is, and its mapping: a mapping may name the sheet of the book that it reads.

    Raises DeliveryRejectedError (D01, D02, D03); D02 also where the sheet that the mapping names is not there.
    """
    known = mappings.known_names()
    source = open_file(path, known, may_be_blank=True)
    chosen = mappings.named(wanted) if wanted in {*mappings.own, *mappings.shared} else None
    for one in [chosen] if chosen else mappings.with_sheets():
        if name := next((name for name in source.other_sheets if _same_sheet(name, one.sheet)), None):
            other = open_file(path, known, name)
            if chosen or one.fits(other.table.header):
                return other, PERSON_MONTHS, one
    source.stop_if_blank()
    kind = kind_of(source.table.header, mappings)
    mapping = None if kind in OPTIONAL_KINDS else choose_mapping(source.table.header, mappings, wanted)
    if mapping and mapping.sheet and source.sheet and not _same_sheet(source.sheet, mapping.sheet):
        raise DeliveryRejectedError(
            "D02",
            f"mappningen {mapping.name} läser bladet {mapping.sheet}, som inte finns i boken eller har andra kolumner",
        )
    return source, kind, mapping


def _same_sheet(name: str, other: str | None) -> bool:
    """Excel lets no two sheets differ in case only."""
    return other is not None and _folded_sheet(name) == _folded_sheet(other)


def _folded_sheet(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def release_file(connection: duckdb.DuckDBPyConnection) -> None:
    """Lets go of the file that `stage_file` opened, also when reading it broke the transaction."""
    with suppress(duckdb.Error):
        connection.unregister(SOURCE_VIEW)


def kind_of(header: FoundHeader, mappings: Mappings) -> str:
    """What a file holds, by its columns: an optional kind has columns that only it has, and no role in the household."""
    if header.holds("roll") or mappings.fitting(header):
        return PERSON_MONTHS
    return next(
        (name for name, kind in OPTIONAL_KINDS.items() if all(map(header.holds, kind.known_by))),
        PERSON_MONTHS,
    )


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


def compile_file(source: OpenedFile, mapping: Mapping | None, kind: str = PERSON_MONTHS) -> Compiled:
    """The SQL for the file. Raises DeliveryRejectedError (D01, D02) when its columns are not those needed."""
    if mapping is None:
        positions = canonical_positions(source.table.header, source.delimiter, kind, source.other_sheets)
        return compile_identity(source.table, positions, [column.name for column in columns_of(kind)])
    try:
        return compile_mapping(mapping, source.table)
    except ColumnMissingError as problem:
        raise DeliveryRejectedError("D02", f"{problem} (mappningen {mapping.name})") from None


def canonical_positions(
    header: FoundHeader, delimiter: str = "", kind: str = PERSON_MONTHS, other_sheets: Sequence[str] = ()
) -> dict[str, int]:
    """Where each column of the contract stands.

    Raises DeliveryRejectedError: D01 when the first row holds data rather than names, D02 when a required column
    is missing or a column stands twice. Names from the file are scrubbed before they are quoted.
    """
    positions = {}
    for column in columns_of(kind):
        try:
            place = header.position(column.name)
        except LookupError:
            raise DeliveryRejectedError("D02", f"kolumnen {column.name} finns två gånger") from None
        if place is not None:
            positions[column.name] = place
    missing = [column.name for column in columns_of(kind) if column.required in ("file", "amount")]
    missing = [name for name in missing if name not in positions]
    if missing and not positions and looks_like_data(header):
        raise DeliveryRejectedError("D01", f"rubrikraden saknas{_sheets_text(other_sheets)}")
    if missing:
        left = [name for place, name in enumerate(header.names) if place not in positions.values()]
        found = [scrub_text(name.strip(), 40) or "(utan namn)" for name in left]
        raise DeliveryRejectedError(
            "D02",
            _missing_text(missing, found, bool(delimiter) and len(header.names) == 1)
            + _sheets_text(other_sheets),
        )
    return positions


def _sheets_text(others: Sequence[str]) -> str:
    """A hint that the rows may stand on another sheet than the first."""
    if not others:
        return ""
    named = ", ".join(scrub_text(name, 40) for name in others[:5])
    return f"; boken har också bladen {named}, skriv sheet i en mappning om uttaget står där"


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
