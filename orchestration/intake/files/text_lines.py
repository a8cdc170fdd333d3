"""Text deliveries as a stream of lines: encoding, line ends, gzip and quotes dealt with, in bounded memory."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from orchestration.intake.files.headers import NUMBER_LIKE, SEARCHED_LINES, text_line_footer

# small enough that even a delivery of one municipality keeps two cores busy
CHUNK_BYTES = 2**20
# A line longer than this is no row of a delivery; it stops a file without line ends from filling the memory.
LINE_BYTES_MAX = 2**20
# A quoted field that goes on for more lines than this is a stray quotation mark, not a field.
QUOTED_LINES_MAX = 50
# more of a line than any header has
_HEADER_BYTES_MAX = 40_000
_GZIP_MAGIC = b"\x1f\x8b"
_NEWLINE, _QUOTE = 10, 34
# tab, no-break space and narrow no-break space: blanks that the quick way of trimming leaves
_ODD_BLANKS = (b"\t", b"\xc2\xa0", b"\xe2\x80\xaf")
# the first byte, in UTF-8, of the marks that are written beside their letter (U+0300–U+036F)
_MARK_LEADS = (b"\xcc", b"\xcd")
_BLANK_BYTES = b' ;,\t\r\n\x0b\x0c\x1a"'


class UnreadableError(Exception):
    """The bytes are not a text delivery. The text is a Swedish part-sentence without any of the content."""


@dataclass(frozen=True)
class Inspection:
    """What a first pass over a text file found.

    `first_lines` are its first lines that are not blank, each with its number in the file and cut when very long;
    `filled_lines` is how many such lines there are, counted no further than a header can reach.
    """

    encoding: str
    first_lines: tuple[tuple[int, str], ...]
    filled_lines: int
    has_quotes: bool
    joins_quoted_lines: bool
    has_odd_blanks: bool
    # letters with their mark beside them (a and ¨), as some programs write ä
    has_marks: bool = False


@dataclass
class Counter:
    """Counted from the bytes so far: records sent on, lines of sums and notes left out, and blank lines."""

    records: int = 0
    notes: int = 0
    blank: int = 0


@dataclass
class _Quotes:
    """Whether quotation marks that span lines can be trusted to come in pairs."""

    total: int = 0
    open_lines: int = 0
    longest: int = 0
    is_open: bool = field(default=False)

    def count(self, chunk: bytes) -> None:
        marks = chunk.count(b'"')
        self.total += marks
        if not marks and not self.is_open:
            return
        parts = chunk.split(b'"')
        for place, part in enumerate(parts):
            if place:
                self.is_open = not self.is_open
                self.open_lines = 0
            if self.is_open:
                self.open_lines += part.count(b"\n")
                self.longest = max(self.longest, self.open_lines)

    @property
    def spans_lines(self) -> bool:
        return self.longest > 0 and self.longest <= QUOTED_LINES_MAX and self.total % 2 == 0


def inspect_text(path: Path) -> Inspection:
    """Reads the file through once. Raises UnreadableError when it is no text, or a broken gzip."""
    for encoding in _encodings(path):
        try:
            return _inspect(path, encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError("teckenkodningen går inte att tolka")


def _inspect(path: Path, encoding: str) -> Inspection:
    quotes = _Quotes()
    first_lines: list[tuple[int, str]] = []
    filled_lines = 0
    line_number = 1
    has_odd_blanks = has_marks = False
    for lines in _whole_lines(_text_chunks(path, encoding)):
        if b"\0" in lines:
            raise UnreadableError("den innehåller tecken som inte är text")
        quotes.count(lines)
        has_odd_blanks = has_odd_blanks or any(blank in lines for blank in _ODD_BLANKS)
        has_marks = has_marks or any(lead in lines for lead in _MARK_LEADS)
        if filled_lines > SEARCHED_LINES + 1:
            continue
        filled, starts, ends = _filled_lines(lines, None)
        if not filled.all():
            # a line with nothing but the end of a quoted field is a part of it
            marks = (np.frombuffer(lines, np.uint8) == _QUOTE).astype(np.int64)
            filled |= np.add.reduceat(marks, starts) % 2 == 1
        filled_lines += int(filled.sum())
        for place in np.flatnonzero(filled)[: SEARCHED_LINES - len(first_lines)]:
            text = lines[starts[place] : min(ends[place], starts[place] + _HEADER_BYTES_MAX)]
            first_lines.append((line_number + int(place), text.decode("utf-8", errors="ignore").rstrip("\n")))
        line_number += len(ends)
    if quotes.spans_lines:
        first_lines = _joined_records(first_lines)
    return Inspection(
        encoding,
        tuple(first_lines),
        filled_lines,
        quotes.total > 0,
        quotes.spans_lines,
        has_odd_blanks,
        has_marks,
    )


def _joined_records(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Lines inside a quoted field belong to the line where it begins: a header may have line breaks in its names."""
    joined: list[tuple[int, str]] = []
    for number, line in lines:
        if joined and joined[-1][1].count('"') % 2:
            joined[-1] = (joined[-1][0], f"{joined[-1][1]}\n{line}")
        else:
            joined.append((number, line))
    return joined


def line_batches(path: Path, inspection: Inspection, delimiter: str, header_line: int) -> tuple[Any, Counter]:
    """An Arrow stream (file_row, line) of the data records, and a counter that fills as it is read.

    `file_row` is the line in the file where the record begins. Left out are the lines up to the header's last
    (`header_line`), blank lines and lines of delimiters only, and lines that are a sum or a note and hold nothing
    like a personnummer. Where quoted fields span lines a record holds several lines.
    """
    import pyarrow as pa

    patterns = text_line_footer(delimiter)

    counter = Counter()
    schema = pa.schema([("file_row", pa.int64()), ("line", pa.string())])

    def batches() -> Iterator[Any]:
        line_number = 1
        joined = inspection.joins_quoted_lines
        for lines in _whole_lines(_text_chunks(path, inspection.encoding), joined):
            quotes = _open_quotes(lines) if joined else None
            filled, starts, ends = _filled_lines(lines, quotes)
            numbers, line_number = _line_numbers(lines, ends, line_number, joined)
            counter.blank += int((~filled).sum())
            filled &= numbers > header_line
            offsets = np.concatenate([starts[:1], ends]).astype(np.int32)
            text = pa.Array.from_buffers(
                pa.string(), len(starts), [None, pa.py_buffer(offsets), pa.py_buffer(lines)]
            )
            batch = pa.record_batch([pa.array(numbers), text], schema=schema)
            notes = filled & ~_begins_with_digit(np.frombuffer(lines, np.uint8), starts)
            if notes.any():
                notes[notes] = _are_notes(text.filter(pa.array(notes)), patterns)
                counter.notes += int(notes.sum())
                filled &= ~notes
            if not filled.all():
                batch = batch.filter(pa.array(filled))
            counter.records += batch.num_rows
            yield batch

    return pa.RecordBatchReader.from_batches(schema, batches()), counter


def _are_notes(lines: Any, patterns: tuple[str, str]) -> np.ndarray:
    import pyarrow.compute as pc

    start, alone = (pc.match_substring_regex(lines, pattern) for pattern in patterns)
    number = pc.match_substring_regex(lines, NUMBER_LIKE)
    notes: np.ndarray = pc.and_not(pc.or_(start, alone), number).to_numpy(zero_copy_only=False)
    return notes


def _line_numbers(block: bytes, ends: np.ndarray, first: int, joined: bool) -> tuple[np.ndarray, int]:
    """The line in the file where each record begins, and the line after the block."""
    if not joined:
        return np.arange(first, first + len(ends), dtype=np.int64), first + len(ends)
    newlines = np.cumsum(np.frombuffer(block, np.uint8) == _NEWLINE)
    return first + np.concatenate([[0], newlines[ends[:-1] - 1]]), first + int(newlines[-1])


def _encodings(path: Path) -> tuple[str, ...]:
    with _opened(path) as file:
        try:
            start = file.read(2)
        except (EOFError, OSError, zlib.error):
            raise UnreadableError("gzip-filen är trasig eller avbruten") from None
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return ("utf-16",)
    return ("utf-8-sig", "cp1252")


def _opened(path: Path) -> Any:
    """Content beats name: a gzip file without .gz is still unpacked."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP_MAGIC
    if path.name.lower().endswith(".gz") and not is_gzip and path.stat().st_size:
        raise UnreadableError("den är inte en gzip-fil fast namnet säger det")
    return gzip.open(path, "rb") if is_gzip else path.open("rb")


def _text_chunks(path: Path, encoding: str) -> Iterator[bytes]:
    """The file as UTF-8 with plain newlines, in chunks. Raises UnicodeDecodeError, or UnreadableError for bad gzip."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("strict"), translate=True)
    with _opened(path) as file:
        while True:
            try:
                raw = file.read(CHUNK_BYTES)
            except (EOFError, gzip.BadGzipFile, zlib.error):
                raise UnreadableError("gzip-filen är trasig eller avbruten") from None
            text = decoder.decode(raw, final=not raw)
            if text:
                yield text.encode("utf-8")
            if not raw:
                return


def _whole_lines(chunks: Iterator[bytes], joined: bool = False) -> Iterator[bytes]:
    """The same bytes, cut after line ends only (with `joined`: not inside a quoted field); the last line is closed."""
    rest = b""
    for chunk in chunks:
        block = rest + chunk
        cut = _last_record_end(block) if joined else block.rfind(b"\n") + 1
        if cut:
            yield block[:cut]
        rest = block[cut:]
        if len(rest) > LINE_BYTES_MAX * (QUOTED_LINES_MAX if joined else 1):
            raise UnreadableError("den har en rad som är orimligt lång")
    if rest:
        yield rest if rest.endswith(b"\n") else rest + b"\n"


def _open_quotes(block: bytes) -> np.ndarray:
    """For each byte: whether an odd number of quotation marks stands before or at it."""
    is_open: np.ndarray = np.cumsum(np.frombuffer(block, np.uint8) == _QUOTE) % 2 == 1
    return is_open


def _last_record_end(block: bytes) -> int:
    ends = np.flatnonzero((np.frombuffer(block, np.uint8) == _NEWLINE) & ~_open_quotes(block))
    return int(ends[-1]) + 1 if len(ends) else 0


_IS_BLANK = np.zeros(256, bool)
_IS_BLANK[np.frombuffer(_BLANK_BYTES, np.uint8)] = True


def _filled_lines(block: bytes, quotes: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(holds more than blanks and delimiters, start, end) of each record in a block of whole records."""
    data = np.frombuffer(block, np.uint8)
    is_end = data == _NEWLINE
    if quotes is not None:
        is_end &= ~quotes
    ends = np.flatnonzero(is_end) + 1
    starts = np.concatenate([[0], ends[:-1]])
    # most lines begin with the digits of a municipality, so the others are looked into only when there are any
    filled = _begins_with_digit(data, starts)
    if not filled.all():
        filled = np.logical_or.reduceat(~_IS_BLANK[data], starts)
    return filled, starts, ends


def _begins_with_digit(data: np.ndarray, starts: np.ndarray) -> np.ndarray:
    first = data[starts]
    begins: np.ndarray = (first >= ord("0")) & (first <= ord("9"))
    return begins
