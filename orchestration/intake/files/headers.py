"""Finding the header row by content, and the lines around a table that are no rows: titles, sums, source notes.

Works on cells that are split already, so it serves text files and spreadsheets alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

# how many filled lines at the top are searched
SEARCHED_LINES = 40
_SEVERAL = -1
_FOOTER_WORDS = (
    "summa|delsumma|totalt|total|antal rader|antal hushåll|antal personer|källa|anm|anmärkning|obs|not|"
    "uttag gjort|utskrivet|utskriven|utskrift|rapport skapad|skapad|sida"
)
# the first filled cell of a line that is a sum or a note
FOOTER_START = rf"(?i)^({_FOOTER_WORDS})([ .:(0-9]|$)"
# at least a word: what a line with a single filled cell holds when it is a note
NOTE_TEXT = r"\pL{2,}"
# a line that holds this is never left out: it may be a person's row, however broken
NUMBER_LIKE = r"[0-9]{6,8} ?[-+]? ?[0-9]{4}"


def normalised_name(name: str) -> str:
    """Column names are compared without case, blanks, marks, and å/ä/ö read as a/a/o."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


@dataclass(frozen=True)
class FoundHeader:
    """The header of a table. `names` are the columns from the left; `first` and `last` index the searched lines.

    Of a header in two rows, `names` holds both words of each column and `other_names` each of them alone.
    """

    names: tuple[str, ...]
    other_names: tuple[tuple[str, ...], ...]
    first: int
    last: int

    @cached_property
    def _positions(self) -> dict[str, int]:
        positions: dict[str, int] = {}
        for place, name in enumerate(self.names):
            key = normalised_name(name)
            if key:
                positions[key] = _SEVERAL if key in positions else place
        others: dict[str, int] = {}
        for place, names in enumerate(self.other_names):
            for key in {normalised_name(name) for name in names} - {""}:
                others[key] = _SEVERAL if key in others else place
        return {**{key: place for key, place in others.items() if place != _SEVERAL}, **positions}

    def position(self, name: str) -> int | None:
        """Where the column stands (0-based), or None. Raises LookupError when it stands twice."""
        place = self._positions.get(normalised_name(name))
        if place == _SEVERAL:
            raise LookupError(name)
        return place

    def holds(self, name: str) -> bool:
        """Whether the column is there, once or more."""
        return normalised_name(name) in self._positions

    def known(self, names: Collection[str]) -> int:
        """How many columns have one of these normalised names."""
        return len({place for key, place in self._positions.items() if key in names})

    @property
    def filled_width(self) -> int:
        """The number of columns up to the last one with a name."""
        return max((place + 1 for place, name in enumerate(self.names) if name.strip()), default=0)


def find_header(rows: Sequence[Sequence[str]], known: Collection[str]) -> tuple[FoundHeader, int]:
    """The header among the first filled rows, and how many of its columns have a `known` normalised name.

    Where no row has two known names, the first row of words as wide as the table is taken, else the first row.
    """
    rows = rows[:SEARCHED_LINES]
    candidates = [candidate for place in range(len(rows)) for candidate in _candidates(rows, place, known)]
    best = max(candidates, key=lambda candidate: candidate[1:], default=None)
    if best is None or best[1] < 2:
        header = _header_by_shape(rows)
        return header, header.known(known)
    return best[:2]


def _candidates(
    rows: Sequence[Sequence[str]], place: int, known: Collection[str]
) -> list[tuple[FoundHeader, int, int]]:
    """The row alone and with the one below: (header, known columns, what wins among equals)."""
    single = _single(rows, place)
    found = [(single, single.known(known), 1)]
    lower = rows[place + 1] if place + 1 < len(rows) else ()
    if sum(bool(cell.strip()) for cell in lower) >= 2 and all(
        len(re.findall("[0-9]", cell)) < 6 for cell in lower
    ):
        pair = _pair(rows[place], lower, place)
        # below a header stands a person's row, which has digits: a row without any belongs to the header
        explains = found[0][1] >= 2 and not any(re.search("[0-9]", cell) for cell in lower)
        found.append((pair, pair.known(known), 2 if explains else 0))
    return found


def _single(rows: Sequence[Sequence[str]], place: int) -> FoundHeader:
    names = tuple(cell.replace("\n", " ").strip() for cell in rows[place])
    return FoundHeader(names, tuple(() for _ in names), place, place)


def _pair(upper: Sequence[str], lower: Sequence[str], place: int) -> FoundHeader:
    width = max(len(upper), len(lower))
    tops = [cell.strip() for cell in upper] + [""] * (width - len(upper))
    bottoms = [cell.strip() for cell in lower] + [""] * (width - len(lower))
    names, others, group = [], [], ""
    for top, bottom in zip(tops, bottoms, strict=True):
        # a heading over several columns stands over the first of them only
        group = top or (group if bottom else "")
        names.append(f"{group} {bottom}".strip())
        others.append(tuple(name for name in (top, bottom) if name))
    return FoundHeader(tuple(names), tuple(others), place, place + 1)


def _header_by_shape(rows: Sequence[Sequence[str]]) -> FoundHeader:
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    widest = max(filled, default=0)
    for place, row in enumerate(rows):
        if filled[place] >= max(2, 0.6 * widest) and not any(re.match(r"\s*[0-9]", cell) for cell in row):
            return _single(rows, place)
    return _single(rows, 0)


def text_line_footer(delimiter: str) -> tuple[str, str]:
    """Two patterns (RE2) over a whole line: a sum or note by its first word, a note as the only filled field."""
    mark = re.escape(delimiter) if delimiter != "\t" else r"\t"
    start = rf'(?i)^[\s"{mark}]*({_FOOTER_WORDS})([ .:("0-9{mark}]|\s*$)'
    note = rf'^[\s"{mark}]*[^0-9\s"{mark}][^{mark}]*\pL{{2}}[^{mark}]*[\s"{mark}]*$'
    return start, note
