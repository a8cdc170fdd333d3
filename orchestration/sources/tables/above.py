"""What stands above a published table: whether its title, its other lines and the sheet's name limit it to a group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orchestration.sources.tables.cells import read_month, read_period, read_year, without_stars
from orchestration.sources.tables.measures import BREAKDOWN_ORDER, Definitions
from orchestration.sources.tables.places import find_place

_BETWEEN_PARTS = re.compile(r"[,:;|()\n]|\s[–-]\s|\.\s|/(?=[A-ZÅÄÖ])")
YEAR_IN_TEXT = re.compile(r"[,(]?\s*\b(?:år\s+)?((?:19|20)\d\d)\b(?!\s*[-–])\*{0,3}\)?")


@dataclass(frozen=True)
class Above:
    """`groups` are parts of known breakdowns, `unknown` the printed words of groups that the catalogue does not know.

    `measure` is the part of the title that names what the figures measure; empty where the title is read whole.
    """

    groups: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    measure: str


def read_above(title: str, others: Sequence[str], columns: Sequence[str], words: Definitions) -> Above:
    """`title` and `others` (lines, pairs, the sheet's name) as they stand above a table whose columns are called `columns`.

    Every part of the title that is no measure, area or time names a group; of the other texts only what is known as a
    group, or holds a word that limits.
    """
    columns_tell = any(words.says_something(text) for text in columns)
    parts = list(_parts(title, words))
    measure = ""
    if not columns_tell and not words.names_measure(title):
        measure = ", ".join(part for part in parts if words.names_measure(part))
    explained = words.explained_words([*columns, measure or ("" if columns_tell else title)])
    groups: list[tuple[str, str]] = []
    unknown: list[str] = []
    for place, part in enumerate(parts):
        if group := _group(part, words):
            groups.append(group)
        elif not columns_tell and not measure:
            # a title that says what is measured in words of its own is read whole; it may still limit, after its first part
            if place and words.limits(part) and _rest(part, explained, words):
                unknown.append(part)
        elif _rest(part, explained, words):
            unknown.append(part)
    for part in (part for text in others for part in _parts(text, words)):
        if group := _group(part, words):
            groups.append(group)
        elif words.limits(part) and _rest(part, explained, words):
            unknown.append(part)
    known = [group for group in dict.fromkeys(groups) if group[0] != "total"]
    return Above(tuple(known), tuple(dict.fromkeys(unknown)), measure)


def area_in_title(title: str) -> str | None:
    """The area a title ends with (`Ekonomiskt bistånd, Dalarnas län`), known or not."""
    plain = re.sub(r"\b(?:19|20)\d\d\b.*$", "", without_stars(title.replace("\n", ", "))).strip(" ,.-–(|")
    parts = [part.strip() for part in re.split(rf"{_BETWEEN_PARTS.pattern}| i (?=[A-ZÅÄÖ])", plain)]
    known = [part for part in parts if part and not part[0].isdigit() and find_place(part)]
    unknown = [part for part in parts[1:] if re.search(r"\b(län|kommun|stad)$", part)]
    return (known or unknown or [None])[-1]


def _parts(text: str, words: Definitions) -> Iterator[str]:
    """The parts of a text that are neither an area nor a time, nor the name of a column."""
    for part in _BETWEEN_PARTS.split(text):
        plain = without_stars(YEAR_IN_TEXT.sub("", part)).strip(" .–-")
        if plain and not find_place(plain) and not _is_time(plain) and not words.words.role(plain):
            yield plain


def _is_time(text: str) -> bool:
    """A month, a year and month, or several: `januari–mars`."""
    if read_month(text) or read_period(text):
        return True
    return all(read_month(word) or read_year(word) for word in re.split(r"\s*[–-]\s*|\s+", text))


def _group(part: str, words: Definitions) -> tuple[str, str] | None:
    """The group that a part names, also behind the name of its breakdown: `Kön Kvinnor`."""
    first, _, rest = part.partition(" ")
    role = words.words.role(first)
    return words.group(part) or (words.group(rest, role) if role in BREAKDOWN_ORDER and rest else None)


def _rest(part: str, explained: frozenset[str], words: Definitions) -> bool:
    """Whether a part says more than what is measured and where."""
    area = area_in_title(part)
    known = explained | words.title_words | (words.words_of(area) if area else frozenset())
    return bool(words.words_of(part) - known) or words.has_age(part)
