"""The words of data/catalog/socialstyrelsen.yml: what a header or a title measures, in which unit, for which group."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from orchestration.settings import PROJECT_ROOT
from orchestration.sources.tables.cells import without_stars
from orchestration.sources.tables.finding import Words, header_word
from orchestration.yaml_files import read_yaml

_FILE = PROJECT_ROOT / "data" / "catalog" / "socialstyrelsen.yml"
_SEEDS = PROJECT_ROOT / "dbt_project" / "seeds" / "reference"
_UNIT_WORDS = {
    "tkr",
    "kr",
    "kronor",
    "mnkr",
    "mkr",
    "miljoner",
    "tusental",
    "tusentals",
    "1000",
    "procent",
    "inv",
}
# the order in which our own breakdowns name their parts
BREAKDOWN_ORDER = ("sex", "age", "origin", "household_type", "reason")
# what comes after these words says how the table is divided, and nothing of what it measures
_DIVISION = re.compile(r"(?i)\b(efter|fördela\w+|uppdela\w+)\b.*| / .*", re.DOTALL)
# an age wherever it stands, but no date and no range of years
_SOME_AGE = re.compile(r"(?i)(?<![\d-])\d{1,3}\s*(?:[-–w]\s*\d{1,3}(?![\d-])|\+|-?år(?:ing\w*)?\b)")
_AGE = re.compile(r"(\d{1,2})\s*(?:-\s*(\d{1,2})|\+|-|\s*år och äldre)?\s*(?:år)?(?: och äldre)?")


@dataclass(frozen=True)
class Measure:
    """What a text measures. The indicator is null where the text says more than the catalogue knows."""

    unit: str
    indicator_id: str | None
    definition_id: str | None


class Definitions:
    """The catalogue file, with the names of seeds as words for the groups they stand for."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content
        self.words = Words(content["columns"])
        self.text_sheets = [header_word(name) for name in content["text_sheets"]]
        self._noise = set(content["noise_words"]) | _UNIT_WORDS
        self._units = [(one["unit"], re.compile(one["pattern"], re.IGNORECASE)) for one in content["units"]]
        self.totals = {header_word(word) for word in content["totals"]}
        self.title_words = frozenset(content["title_words"])
        self._limits = re.compile(content["limits"], re.IGNORECASE)

    def unit(self, *texts: str) -> str:
        """The unit of the first text that names one; `unknown` when none does."""
        for text in texts:
            for unit, pattern in self._units:
                if pattern.search(text):
                    return unit
        return "unknown"

    def measure(self, text: str, unit: str) -> Measure:
        """The indicator that the text, and nothing more, names in this unit."""
        entry = self._names.get((self._key(text), unit))
        if entry is None:
            return Measure(unit, None, None)
        return Measure(unit, entry["indicator_id"], entry.get("definition_id", "default"))

    def says_something(self, text: str) -> bool:
        """Whether the text holds more than words that go with every measure (Antal, Totalt)."""
        return bool(self._key(text))

    def names_measure(self, text: str) -> bool:
        """Whether the text, and nothing more, names a measure of the catalogue in any unit."""
        key = self._key(text)
        return any(known == key for known, _ in self._names)

    def limits(self, text: str) -> bool:
        """Whether the text holds a word or an age that limits a table to a group, known or not."""
        return bool(self._limits.search(text) or self.has_age(text))

    def has_age(self, text: str) -> bool:
        """Whether an age stands in the text, as `25+` or `18–24`."""
        return _SOME_AGE.search(text) is not None

    def group(self, text: str, dimension: str | None = None) -> tuple[str, str] | None:
        """The part of a breakdown that a text means: ("sex", "K"); ("total", "") for the whole; None when unknown."""
        word = header_word(text)
        if word in self.totals:
            return "total", ""
        if dimension in (None, "age") and (band := _age_band(word, dimension is not None)):
            return "age", band
        found = [(key, value) for key, value in self._groups.get(word, ()) if dimension in (None, key)]
        return found[0] if len(found) == 1 else None

    def count_unit(self, *texts: str) -> str:
        """What is counted, told by the first text that names it: households or persons, else `count`."""
        for text in texts:
            for unit, pattern in self._units:
                if unit in ("households", "persons") and pattern.search(text):
                    return unit
        return "count"

    def explained_words(self, texts: Iterable[str]) -> frozenset[str]:
        """The words of what these texts measure, and those of every other name of the same measures."""
        keys = [self._key(text) for text in texts]
        entries = [entry for (key, _), entry in self._names.items() for mine in keys if key and key <= mine]
        names = [self._key(name) for entry in entries for name in entry["names"]]
        return frozenset().union(*keys, *names)

    def words_of(self, text: str) -> frozenset[str]:
        """The words of a text that tell one measure or group from another."""
        return self._key(text)

    def _key(self, text: str) -> frozenset[str]:
        """A header over two lines is one in Swedish, or a Swedish line with its translation below."""
        whole = self._words(text.replace("\n", " "))
        if "\n" not in text or any(key == whole for key, _ in self._names):
            return whole
        return self._words(text.partition("\n")[0]) or whole

    def _words(self, text: str) -> frozenset[str]:
        text = _DIVISION.sub("", text)
        words = re.findall(r"[^\W_]+", without_stars(text).casefold())
        return frozenset(word for word in words if word not in self._noise and not re.fullmatch(r"\d+", word))

    @cached_property
    def _names(self) -> dict[tuple[frozenset[str], str], dict[str, Any]]:
        return {
            (self._words(name), entry["unit"]): entry
            for entry in self._content["measures"]
            for name in entry["names"]
        }

    @cached_property
    def _groups(self) -> dict[str, set[tuple[str, str]]]:
        groups: dict[str, set[tuple[str, str]]] = {}
        for dimension, values in self._content["groups"].items():
            for value, names in values.items():
                for name in names:
                    groups.setdefault(header_word(name), set()).add((dimension, value))
        for dimension, file, key, name in (
            ("household_type", "household_types.csv", "household_type", "household_type_name"),
            ("reason", "publication_categories.csv", "publication_category", "publication_category_name"),
        ):
            for row in _seed(file):
                groups.setdefault(header_word(row[name]), set()).add((dimension, row[key]))
        return groups


@cache
def definitions() -> Definitions:
    """The catalogue file as it lies in the project."""
    return Definitions(read_yaml(_FILE))


def _age_band(word: str, is_age_column: bool) -> str | None:
    plain = word.replace("–", "-").replace("w", "-")
    found = _AGE.fullmatch(plain)
    if not found or not (is_age_column or "år" in plain):
        return None
    low, high = int(found[1]), found[2]
    for row in _seed("age_bands.csv"):
        top = int(row["age_to"])
        if int(row["age_from"]) == low and (top == int(high) if high else top > 120):
            return row["age_band"]
    return None


@cache
def _seed(name: str) -> tuple[dict[str, str], ...]:
    with (_SEEDS / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
