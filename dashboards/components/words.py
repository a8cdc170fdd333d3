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
    change,
    figure,
    is_missing,
    month_text,
    months_text,
    municipalities,
    not_computable,
    number,
    protection,
    reads_as_zero,
    signed,
    table_name,
)
from orchestration.settings import load_settings

# what the pages say as the command and the workbook do
__all__ = [
    "MINUS", "SPACE", "STATUS_EXPLANATIONS", "STATUS_WORDS", "THIN_SPACE", "change", "figure", "is_missing",
    "month_text", "months_text", "municipalities", "not_computable",
    "number", "protection", "reads_as_zero", "signed", "table_name",
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


def trend(trend_class: Any) -> tuple[str, str]:
    """Symbol and word of a trend class; a class that is not there is hidden."""
    return TREND_WORDS["hidden" if is_missing(trend_class) else trend_class]


def trend_tone(trend_class: Any, direction: str) -> str:
    """Which colours a trend gets: `unwanted`, `wanted`, `still` or `neutral`. A rise in long-term aid is unwanted."""
    if is_missing(trend_class) or trend_class == "too_short" or direction == "neutral":
        return "neutral"
    return {"up": "unwanted", "down": "wanted"}.get(trend_class, "still")


def years_text(first: int, last: int) -> str:
    """`2015–2019`, or one year."""
    return str(first) if first == last else f"{first}–{last}"


def rounded_axis_top(values: list[float]) -> float:
    """A little room above the highest value, so that labels fit."""
    found = [value for value in values if not is_missing(value) and math.isfinite(value)]
    return max(found) * 1.18 if found and max(found) > 0 else 1.0
