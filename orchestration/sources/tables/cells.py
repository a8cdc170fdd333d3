"""What stands in one cell of a published table: a figure, a mark in place of one, a year or a month.

A mark's meaning comes from the seed value_marks.csv and nowhere else; what was printed is always kept beside it.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from orchestration.settings import PROJECT_ROOT

_SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "reference" / "value_marks.csv"
_DASHES = re.compile("[‐‑‒–—−]")
_NUMBER = re.compile(
    r"(?P<sign>[-+])?(?P<whole>\d{1,3}(?:[ '’\s]\d{3})+|\d+)(?:[.,](?P<decimals>\d+))?\s*%?\s*"
    r"(?P<stars>(?:\*{1,3}(?:\s*,?\s*\*{1,3})*)?(?:\s\d\)(?:\s*,?\s*\d\))*)?)"
    r"(?:\s*(?P<remark>\([^()]*[^\W\d_][^()]*\)))?"
)
_YEAR = re.compile(r"(?:år(?:et)?\s*)?(?P<year>(?:19|20)\d\d)(?P<stars>\s*\*{1,3}|\s*p\b)?", re.IGNORECASE)
_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
    "december",
)  # fmt: skip
# `*`, a figure with a bracket (`hushåll1)`, `Riket 1)`) or a raised figure
_STARS = re.compile(
    r"\s*\*{1,3}(?=\s|$|\(|,\s*\*)|(?<=[^\W\d])\d\)|(?<=\d\))[,\s]*\d\)|\s\d\)(?=$|[\s,]*\d\))|[¹²³⁴⁵]"
    r"|(?<=\*),(?=\s*\*)"
)


@dataclass(frozen=True)
class Value:
    """A figure with its status; `value` is null unless the status is published.

    `stars` point to a footnote, `remark` is what was printed in parentheses after the figure.
    """

    value: float | None
    status: str
    decimals: int = 0
    stars: str = ""
    remark: str = ""


@cache
def value_marks() -> dict[str, str]:
    """Marks in lower case, with every kind of dash as a hyphen, and the status they mean."""
    with _SEED.open(encoding="utf-8", newline="") as file:
        return {_mark(row["value_mark"]): row["value_status"] for row in csv.DictReader(file)}


def read_value(text: str) -> Value | None:
    """The figure or mark in a cell; None when it is neither."""
    whole, comma, decimals = text.partition(",")
    if text.isascii() and whole.isdigit() and (not comma or decimals.isdigit()):
        # what nearly every cell of a large file holds
        return Value(float(f"{whole}.{decimals or '0'}"), "published", len(decimals))
    status = value_marks().get(_mark(text))
    if status is not None:
        return Value(None, status)
    found = _NUMBER.fullmatch(_DASHES.sub("-", text.strip()))
    if found is None:
        return None
    decimals = found["decimals"] or ""
    whole = re.sub(r"[^0-9]", "", found["whole"])
    value = float(f"{found['sign'] or ''}{whole}.{decimals or '0'}")
    return Value(value, "published", len(decimals), found["stars"], (found["remark"] or "").strip("()"))


def is_error_cell(text: str) -> bool:
    """Whether a spreadsheet could not work out the cell: `#DIV/0!`, `#SAKNAS!`, or what stands for one that has no text."""
    return re.fullmatch(r"#[A-ZÅÄÖ/0-9 ]+[!?]?", text) is not None


def is_mark(text: str) -> bool:
    """Whether the cell holds a mark in place of a figure (a blank cell is one, too)."""
    return _mark(text) in value_marks()


def read_year(text: str) -> tuple[int, str] | None:
    """A year and the stars on it: `2023**` gives (2023, "**")."""
    raised = "".join(re.findall("[¹²³⁴⁵]", text))
    found = _YEAR.fullmatch(text.strip().removesuffix(raised))
    return (int(found["year"]), (found["stars"] or raised).strip()) if found else None


def read_month(text: str) -> int | None:
    """The number of a month that is written as a Swedish name, short or whole."""
    word = without_stars(text).casefold().rstrip(".")
    if len(word) < 3:
        return None
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(word)), None)


def read_period(text: str) -> str | None:
    """A year and month written in one cell, as `ÅÅÅÅ-MM`; None when the cell holds anything else."""
    plain = without_stars(text)
    if found := re.fullmatch(r"((?:19|20)\d\d)(?:[-M/ ]?)(0[1-9]|1[0-2])(?:-01)?", plain):
        return f"{found[1]}-{found[2]}"
    words = plain.split()
    if len(words) == 2:
        for year_word, month_word in (words, words[::-1]):
            year, month = read_year(year_word), read_month(month_word)
            if year and month:
                return f"{year[0]}-{month:02}"
    return None


def without_stars(text: str) -> str:
    """The text without the marks that point to footnotes: `RIKET*` becomes `RIKET`."""
    return " ".join(_STARS.sub("", text).split()).rstrip(",")


def stars_of(text: str) -> set[str]:
    """The marks in a text that point to footnotes."""
    return {mark for found in _STARS.findall(text) if (mark := found.strip(" ,"))}


def _mark(text: str) -> str:
    return " ".join(_DASHES.sub("-", text).split()).casefold()
