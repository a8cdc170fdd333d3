"""Finding the tables of a published sheet by content: titles, header in one or several rows, data rows, footer notes.

A header is a row that holds words of a vocabulary (or years and months), wherever it stands and in whatever order its
columns are. What is a note and what is data is told by whether figures or marks stand in the value columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestration.sources.tables.cells import (
    is_mark,
    read_month,
    read_period,
    read_value,
    read_year,
    without_stars,
)
from orchestration.sources.tables.grids import Grid, SourceFileError

# how many filled rows at the top of a sheet may stand before the first header
_SEARCHED_ROWS = 60
_HEADER_ROWS_ABOVE = 2
_NOTE = re.compile(
    r"(?i)(källa|källor|not|noter|anm|anmärkning|obs|fotnot|kommentar|source|note|teckenförklaring|förklaring|"
    r"senast uppdaterad|uppdaterad|bortfall\w*|statistiken|uppgifterna|uttag)\b.*|\*{1,3}.*\w.*|\d\)\s.*",
    re.DOTALL,
)
_SCREEN_READER = re.compile(
    r"(?i)(på )?(denna|den här|det här|detta|i denna|i den här)\s+(sida|sidan|flik|fliken|blad|bladet|tabell)\b.*"
)
_PUBLICATION = re.compile(r"(?i)öppna jämförelser\b")
LONG_TEXT = 60


@dataclass(frozen=True)
class Column:
    """A column under a header. `path` are its header texts from the top; `role` is its word in the vocabulary."""

    place: int
    path: tuple[str, ...]
    role: str | None

    @property
    def header(self) -> str:
        """The header as one text."""
        return " ".join(self.path)


@dataclass(frozen=True)
class Row:
    """A data row: its number in the sheet (from 1), its cells, and the group label that stands above it."""

    number: int
    cells: tuple[str, ...]
    section: str


@dataclass(frozen=True)
class FoundTable:
    """One table of a grid. `titles` are the texts above it, `context` what stands there as pairs (role: text), `pairs` those
    whose first cell is no known role."""

    grid: Grid
    titles: tuple[str, ...]
    context: dict[str, str]
    header_row: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    pairs: tuple[str, ...] = ()

    @property
    def other_lines(self) -> list[str]:
        """What else stands above the table and may limit it: neither the title, nor a note, nor the publication's name."""
        lines = [line for line in self.titles if line != self.title and not _PUBLICATION.match(line)]
        return [
            line
            for line in (*lines, *self.pairs)
            if not _NOTE.fullmatch(line) and not _SCREEN_READER.match(line)
        ]

    @property
    def title(self) -> str:
        """The Swedish title: the line that begins with Tabell, else the first that is neither for screen readers nor
        the name of the whole publication."""
        lines = [line for line in self.titles if not _SCREEN_READER.match(line)]
        named = [line for line in lines if re.match(r"(?i)tab(ell)?\b", line)]
        own = [line for line in lines if not _PUBLICATION.match(line)]
        return next(iter([*named, *own, *lines]), "")

    def by_role(self, role: str) -> list[Column]:
        return [column for column in self.columns if column.role == role]


class Words:
    """The vocabulary of column headers: `roles` gives the words of each role."""

    def __init__(self, roles: Mapping[str, Sequence[str]]) -> None:
        self._role_of = {header_word(word): role for role, words in roles.items() for word in words}
        # a word that a header broken over two lines, or a hyphen, divides
        self._joined_role_of = {_joined(word): role for word, role in self._role_of.items()}

    def role(self, text: str) -> str | None:
        """What a column with this header holds; None when the header is no word of the vocabulary."""
        if role := self._role_of.get(header_word(text)):
            return role
        if role := self._joined_role_of.get(_joined(header_word(text))):
            return role
        parts = [header_word(part) for part in re.split(r"[/\n]", text)]
        roles = {self._role_of.get(part) for part in parts} if len(parts) > 1 else set()
        return roles.pop() if len(roles) == 1 else None


def header_word(text: str) -> str:
    """A header without case, stars, parentheses and punctuation."""
    plain = re.sub(r"\([^()]*\)", " ", without_stars(text)).casefold()
    return " ".join(re.sub(r"[.:;]", " ", plain).split())


def _joined(word: str) -> str:
    return re.sub(r"[\s-]", "", word)


def find_tables(grid: Grid, words: Words, is_row_label: Callable[[str], bool]) -> list[FoundTable]:
    """The tables of a sheet from the top; none when no row is a header.

    `is_row_label` tells a row of which only the label is filled (its figures are missing) from a group label above
    the rows that follow. Raises SourceFileError when two rows could be the header of the same table.
    """
    anchors = _anchors(grid, words, is_row_label)
    heads = [_header_rows(grid, words, anchor) for anchor in anchors]
    tables = []
    for place, (anchor, (first, last)) in enumerate(zip(anchors, heads, strict=True)):
        above = heads[place - 1][1] + 1 if place else 0
        end = heads[place + 1][0] if place + 1 < len(heads) else len(grid.rows)
        columns = _columns(grid, words, anchor, first, last)
        titles, context, pairs = _above(grid, words, above, first, is_first=place == 0)
        rows, notes = _body(grid, columns, range(last + 1, end), is_row_label)
        tables.append(FoundTable(grid, titles, context, anchor + 1, columns, rows, notes, pairs))
    return _with_repeated_headers_joined(tables)


def looks_like_table(grid: Grid) -> bool:
    """Whether a sheet without a header holds rows of figures, so that something was lost."""
    rows = [sum(bool(cell) and read_value(cell) is not None for cell in row) for row in grid.rows]
    return sum(figures >= 2 for figures in rows) >= 2


def _anchors(grid: Grid, words: Words, is_row_label: Callable[[str], bool]) -> list[int]:
    """The rows with header words: the best one of the top, and those further down with the same columns."""
    filled = [place for place, row in enumerate(grid.rows) if any(row)]
    scores = {
        place: score
        for place in filled
        # years beside a municipality are its figures and no header
        if (score := _score(grid.rows[place], words))
        and (score > 1 or not any(map(is_row_label, grid.rows[place])))
    }
    top = [place for place in filled[:_SEARCHED_ROWS] if place in scores]
    if not top:
        return []
    best = max(top, key=lambda place: (scores[place], -place))
    keys = _key_places(grid.rows[best], words)
    same = [
        place for place in scores if _key_places(grid.rows[place], words) == keys and (keys or place == best)
    ]
    _refuse_rivals(grid, words, best, [place for place in top if scores[place] == scores[best]])
    # of rows right under each other with the same columns, the last names the columns and the others are groups
    return [place for place in same if not (place + 1 in same and _key_texts_agree(grid, keys, place))]


def _key_texts_agree(grid: Grid, keys: dict[int, str], place: int) -> bool:
    return all(grid.rows[place][key] == grid.rows[place + 1][key] for key in keys)


def _refuse_rivals(grid: Grid, words: Words, best: int, equals: list[int]) -> None:
    keys = _key_places(grid.rows[best], words)
    for place in equals:
        between = range(min(place, best) + 1, max(place, best))
        has_data = any(any(read_value(cell) and cell for cell in grid.rows[row]) for row in between)
        if not has_data and _key_places(grid.rows[place], words) != keys:
            raise SourceFileError(
                f"I {grid.where} kan både rad {best + 1} och rad {place + 1} vara rubrikrad; ta bort den som inte är det."
            )


def _score(row: Sequence[str], words: Words) -> float:
    """How much a row is like a header; 0 when it is none."""
    cells = [cell for cell in row if cell]
    roles = sum(words.role(cell) is not None for cell in cells)
    times = sum(_is_time(cell) for cell in cells)
    if len(cells) < 2 or any(read_value(cell) is not None and not _is_time(cell) for cell in cells):
        return 0
    if roles == 0:
        # years alone are the lower row of a header, or the whole of it beside a column of labels with any name or none
        return {0: 0.5, 1: 0.4 if times >= 2 else 0}.get(len(cells) - times, 0)
    return 2 * roles + times + 0.01 * len(cells)


def _is_time(text: str) -> bool:
    return bool(read_year(text) or read_month(text) or read_period(text))


def _key_places(row: Sequence[str], words: Words) -> dict[int, str]:
    """Where the columns of the vocabulary stand in a header row."""
    return {place: role for place, cell in enumerate(row) if cell and (role := words.role(cell))}


def _header_rows(grid: Grid, words: Words, anchor: int) -> tuple[int, int]:
    """The first and last row of the header around the row with its words."""
    rows = grid.rows
    keys = set(_key_places(rows[anchor], words)) or {
        place for place, cell in enumerate(rows[anchor]) if not cell
    }
    first = last = anchor
    while last + 1 < len(rows) and _continues(rows[last + 1], rows[anchor], keys):
        last += 1
    while (
        first > 0
        and anchor - first < _HEADER_ROWS_ABOVE
        and _is_group_row(grid, first - 1, rows[anchor], keys)
    ):
        first -= 1
    return first, last


def _continues(row: Sequence[str], anchor: Sequence[str], keys: set[int]) -> bool:
    cells = [cell for place, cell in enumerate(row) if cell and place not in keys]
    return (
        bool(cells)
        and all(not row[place] or row[place] == anchor[place] for place in keys)
        and all(_is_time(cell) or read_value(cell) is None for cell in cells)
        and not any(_NOTE.fullmatch(cell) for cell in cells)
        and len(keys) < len(row)
    )


def _is_group_row(grid: Grid, place: int, anchor: Sequence[str], keys: set[int]) -> bool:
    row = grid.rows[place]
    filled = [column for column, cell in enumerate(row) if cell]
    if not filled or any(row[key] not in ("", anchor[key]) for key in keys):
        return False
    if any(read_value(row[column]) is not None and not _is_time(row[column]) for column in filled):
        return False
    if any(_SCREEN_READER.match(row[column]) for column in filled):
        return False
    # a line of text alone at the left is a title, however far it is merged
    return len(filled) >= 2 or (filled[0] > 0 and len(row[filled[0]]) < LONG_TEXT)


def _columns(grid: Grid, words: Words, anchor: int, first: int, last: int) -> tuple[Column, ...]:
    keys = _key_places(grid.rows[anchor], words)
    levels = [_filled_level(grid, row, row < last, set(keys)) for row in range(first, last + 1)]
    columns = []
    for place in range(len(grid.rows[anchor])):
        if place in keys:
            columns.append(Column(place, (grid.rows[anchor][place],), keys[place]))
            continue
        texts = [level[place] for level in levels if level[place]]
        path = tuple(text for number, text in enumerate(texts) if text not in texts[:number])
        columns.append(Column(place, path, None))
    return tuple(columns)


def _filled_level(grid: Grid, place: int, is_group: bool, keys: set[int]) -> list[str]:
    """A header row with each group's text over all its columns."""
    row = list(grid.rows[place])
    merged = [area for area in grid.merged if area[0] <= place <= area[2]]
    for top, left, _, right in merged:
        for column in range(left, right + 1):
            if not row[column] and grid.rows[top][left]:
                row[column] = grid.rows[top][left]
    if is_group and not any(left < right for _, left, _, right in merged):
        group = ""
        for column in range(len(row)):
            group = "" if column in keys else row[column] or group
            row[column] = row[column] or group
    return row


def _above(
    grid: Grid, words: Words, start: int, end: int, is_first: bool
) -> tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]:
    titles, context, pairs = [], {}, []
    for row in grid.rows[start:end]:
        cells = [cell for cell in row if cell]
        if len(cells) == 2 and (role := words.role(cells[0])):
            context[role] = cells[1]
        elif len(cells) == 2:
            pairs.append(f"{cells[0]}: {cells[1]}")
        elif len(cells) == 1 and (is_first or not _NOTE.fullmatch(cells[0])):
            titles.append(cells[0])
    return tuple(titles), context, tuple(pairs)


def _body(
    grid: Grid, columns: Sequence[Column], places: range, is_row_label: Callable[[str], bool]
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    labels = label_places(columns)
    values = [column.place for column in columns if column.path and column.place not in labels]
    rows: list[Row] = []
    notes: list[str] = []
    section = ""
    has_rows_in_section = True
    for place, cells in _with_merged_labels(grid, labels, places):
        filled = [column for column, cell in enumerate(cells) if cell]
        if not filled:
            continue
        first = cells[filled[0]]
        if _is_note(cells, filled, values):
            notes.append(" ".join(cells[column] for column in filled))
        elif len(filled) == 1 and filled[0] not in values and not is_row_label(first):
            section, has_rows_in_section = first, False
        else:
            has_rows_in_section = True
            # the parts of a municipality end where the next municipality begins
            if is_row_label(section) and any(is_row_label(cells[label]) for label in labels if cells[label]):
                section = ""
            rows.append(Row(place + 1, cells, section))
            if len(filled) == 1 and filled[0] not in values:
                section = first
    if not has_rows_in_section:
        # a label that nothing follows is no group but a line under the table
        notes.append(section)
    return tuple(rows), tuple(notes)


def label_places(columns: Sequence[Column]) -> list[int]:
    """Where the labels of the rows stand: the columns of the vocabulary, else the first column without a header."""
    known = [column.place for column in columns if column.role]
    return known or [column.place for column in columns if not column.path][:1]


def _with_merged_labels(
    grid: Grid, labels: Sequence[int], places: range
) -> Iterator[tuple[int, tuple[str, ...]]]:
    downward = [area for area in grid.merged if area[0] < area[2] and area[1] in labels and area[0] in places]
    for place in places:
        cells = list(grid.rows[place])
        for top, left, bottom, _ in downward:
            if top < place <= bottom:
                cells[left] = cells[left] or grid.rows[top][left]
        yield place, tuple(cells)


def _is_note(cells: Sequence[str], filled: Sequence[int], values: Sequence[int]) -> bool:
    """A row with no figure or mark in a value column that begins as a note, or is a sentence; or explains a mark."""
    first = cells[filled[0]]
    if filled[0] not in values and is_mark(first):
        return True
    if any(cells[place] and read_value(cells[place]) is not None for place in values if place != filled[0]):
        return False
    return bool(_NOTE.fullmatch(first)) or (len(filled) == 1 and len(first) >= LONG_TEXT)


def _with_repeated_headers_joined(tables: list[FoundTable]) -> list[FoundTable]:
    """A header that is printed again further down goes on with the same table."""
    joined: list[FoundTable] = []
    for table in tables:
        before = joined[-1] if joined else None
        if (
            before
            and [c.path for c in before.columns] == [c.path for c in table.columns]
            and not table.titles
        ):
            joined[-1] = FoundTable(
                before.grid, before.titles, before.context, before.header_row, before.columns,
                (*before.rows, *table.rows), (*before.notes, *table.notes), before.pairs,
            )  # fmt: skip
        else:
            joined.append(table)
    return joined
