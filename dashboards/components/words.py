"""Swedish words and numbers: statuses, trends, changes and figures, written the same way on every page."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from orchestration.catalog.loader import protection_rules
from orchestration.release import wording
from orchestration.release.wording import (
    MINUS,
    SPACE,
    THIN_SPACE,
    figure,
    is_missing,
    month_text,
    months_text,
    number,
    protection,
    table_name,
)
from orchestration.settings import load_settings

# what the pages say as the command and the workbook do
__all__ = [
    "MINUS", "SPACE", "STATUS_EXPLANATIONS", "STATUS_WORDS", "THIN_SPACE", "figure", "is_missing", "month_text",
    "months_text", "number", "protection", "table_name",
]  # fmt: skip

# of the pages alone: a figure that could not have come is not "ej rapporterat"
STATUS_WORDS = {**wording.STATUS_WORDS, "before_register": "före registret", "not_yet": "inte ännu"}
STATUS_EXPLANATIONS = {
    **wording.STATUS_EXPLANATIONS,
    "not_reported": "Minst en månad som behövs är inte levererad.",
    "before_register": "Siffran behöver månader från tiden före registret.",
    "not_yet": "Siffran behöver månader som inte har varit än.",
}
TREND_WORDS = {
    "up": ("↗", "ökar"),
    "down": ("↘", "minskar"),
    "none": ("→", "ingen tydlig riktning"),
    "too_short": ("·", "färre än tre år i följd"),
    "hidden": ("·", "riktningen är dold"),
}
SEX_WORDS = {"K": "Kvinnor", "M": "Män"}


@cache
def _band_to() -> int:
    """The largest count that a public release does not tell from others; no other status hides a count."""
    return int(protection_rules(load_settings())["public"]["band_to"])


def small_count() -> str:
    """`högst 7`: what stands for a count in the band of the public profile."""
    return wording.small_count(_band_to())


def status_words() -> set[str]:
    """Every word that can stand where a figure is missing."""
    return {*STATUS_WORDS.values(), small_count()}


def plain_number(value: float) -> str:
    """A number for a file: decimal comma, no thousands separator, no decimals that are not there."""
    return f"{value:.12g}".replace(".", ",")


def shown(value: Any, status: str, unit: str, decimals: int) -> str:
    """The value, or the word that says why there is none. Never 0 for a value that is not there."""
    if status in ("before_register", "not_yet"):
        return STATUS_WORDS[status]
    return wording.shown(value, status, unit, decimals, _band_to())


def status_word(status: str, unit: str) -> str:
    """The word that stands for a figure of that unit that is not there."""
    if status in ("before_register", "not_yet"):
        return STATUS_WORDS[status]
    return wording.status_word(status, unit, _band_to())


def change(value: Any, unit: str, decimals: int) -> str:
    """The step from the year before: `+0,4 procentenheter`, `−12 personer`, `oförändrat`."""
    if is_missing(value):
        return ""
    if unit == "share":
        text, word = number(100 * value, decimals), "procentenheter"
    elif unit == "sek" and abs(value) >= 1_000_000:
        text, word = number(value / 1_000_000, 1), "miljoner kr"
    else:
        words = {"persons": "personer", "households": "hushåll", "months": "månader"}
        text, word = number(value, decimals), words.get(unit, "kr")
    if not any(sign in text for sign in "123456789"):
        return "oförändrat"
    return f"{'' if text.startswith(MINUS) else '+'}{text}{SPACE}{word}"


def trend(trend_class: Any) -> tuple[str, str]:
    """Symbol and word of a trend class; a class that is not there is hidden."""
    return TREND_WORDS["hidden" if is_missing(trend_class) else trend_class]


def trend_tone(trend_class: Any, direction: str) -> str:
    """Which colours a trend gets: `unwanted`, `wanted`, `still` or `neutral`. A rise in long-term aid is unwanted."""
    if is_missing(trend_class) or trend_class == "too_short" or direction == "neutral":
        return "neutral"
    return {"up": "unwanted", "down": "wanted"}.get(trend_class, "still")


def municipalities(count: float) -> str:
    """`1 kommun`, `27 kommuner`."""
    return f"{number(count)}{SPACE}{'kommun' if count == 1 else 'kommuner'}"


def years_text(first: int, last: int) -> str:
    """`2015–2019`, or one year."""
    return str(first) if first == last else f"{first}–{last}"


def not_computable(
    missing_months: Any, missing_municipalities: Any, register_begins: str, window_begins: str
) -> str:
    """Why there is no figure: `Kan inte räknas: juli 2017 är inte levererad.`

    `missing_months` is as in the release (`2017-06, 2018-01–2018-12`), or null for an area with municipalities. Months
    before the register's first (`2015-01`) are not missing: the register begins then.
    """
    if is_missing(missing_months):
        if window_begins < register_begins:
            return f"Kan inte räknas: registret börjar i {month_text(register_begins)}."
        names = str(missing_municipalities)
        return f"Kan inte räknas: ingen kommun har levererat alla månader som behövs ({names})."
    runs = [(run[:7], run[-7:]) for run in str(missing_months).split(", ")]
    later = [run for run in runs if run[1] >= register_begins]
    reasons = [] if later == runs else [f"registret börjar i {month_text(register_begins)} för kommunen"]
    if later:
        is_one = len(later) == 1 and later[0][0] == later[0][1]
        texts = ", ".join(months_text(*run) for run in later)
        reasons.append(f"{texts} är inte {'levererad' if is_one else 'levererade'}")
    return f"Kan inte räknas: {', och '.join(reasons)}."


def rounded_axis_top(values: list[float]) -> float:
    """A little room above the highest value, so that labels fit."""
    found = [value for value in values if not is_missing(value) and math.isfinite(value)]
    return max(found) * 1.18 if found and max(found) > 0 else 1.0
