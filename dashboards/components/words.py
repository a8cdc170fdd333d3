"""Swedish words and numbers: statuses, trends, changes and figures, written the same way on every page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from orchestration.catalog.loader import protection_rules
from orchestration.settings import load_settings

THIN_SPACE = "\u202f"
SPACE = "\u00a0"
MINUS = "\u2212"

STATUS_WORDS = {
    "published": "redovisad",
    "suppressed": "för få",
    "not_reported": "ej rapporterat",
    "not_applicable": "ej tillämpligt",
    "not_comparable": "ej jämförbart",
    "missing": "saknas",
}
STATUS_EXPLANATIONS = {
    "suppressed": "Så få personer eller hushåll att siffran inte visas: ingen ska kunna kännas igen.",
    "not_reported": "Minst en månad som behövs är inte levererad, eller registret börjar senare.",
    "not_applicable": "Det finns inget att räkna på.",
    "not_comparable": "Siffrorna går inte att jämföra.",
    "missing": "Uppgift som behövs för att räkna saknas, till exempel folkmängd.",
}
TREND_WORDS = {
    "up": ("↗", "ökar"),
    "down": ("↘", "minskar"),
    "none": ("→", "ingen tydlig riktning"),
    "too_short": ("·", "färre än tre år i följd"),
    "hidden": ("·", "riktningen är dold"),
}
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
    "december",
)  # fmt: skip
SEX_WORDS = {"K": "Kvinnor", "M": "Män"}


@cache
def small_count() -> str:
    """`högst 7`: what stands for a count in the band of the public profile."""
    return f"högst{SPACE}{protection_rules(load_settings())['public']['band_to']}"


def protection(info: Mapping[str, Any]) -> str:
    """How the release that `info` (a row of release_info) describes is protected."""
    return (
        f"Antal från 0 till {info['band_to']} skiljs inte åt utan visas som {small_count()}, och andra antal avrundas till "
        f"närmaste {info['rounding_base']}. Delar behöver därför inte bli summan. Hela visas bara de huvudantal som den "
        f"officiella statistiken också visar, i kommuner och år där alla är större än {info['band_to']}. Andelar, medelvärden "
        f"och jämförelser räknas på de skyddade antalen och kräver minst {info['least_denominator']} i nämnaren; kronor "
        f"avrundas till {number(info['money_base'])}. Det som inte kan visas enligt de reglerna står som för få."
    )


def status_words() -> set[str]:
    """Every word that can stand where a figure is missing."""
    return {*STATUS_WORDS.values(), small_count()}


def is_missing(value: Any) -> bool:
    """True for None, NaN and pandas' NA."""
    # pandas' NA refuses to be compared, so it is asked for first
    return value is None or str(value) in ("<NA>", "NaT") or value != value


def number(value: float, decimals: int = 0) -> str:
    """`12 345,6` with a thin no-break space and a real minus sign."""
    text = f"{abs(float(value)):,.{decimals}f}".replace(",", THIN_SPACE).replace(".", ",")
    is_zero = not any(sign in text for sign in "123456789")
    return text if value >= 0 or is_zero else MINUS + text


def plain_number(value: float) -> str:
    """A number for a file: decimal comma, no thousands separator, no decimals that are not there."""
    return f"{value:.12g}".replace(".", ",")


def figure(value: float, unit: str, decimals: int) -> str:
    """A published value with its unit; `value` of a share is 0–1."""
    if unit == "share":
        return f"{number(100 * value, decimals)}{SPACE}%"
    if unit == "percent":
        return f"{number(value, decimals)}{SPACE}%"
    if unit == "sek" and abs(value) >= 1_000_000:
        return f"{number(value / 1_000_000, 1)}{SPACE}miljoner{SPACE}kr"
    if unit in ("sek", "sek_per_household", "sek_per_inhabitant"):
        return f"{number(value, decimals)}{SPACE}kr"
    if unit == "months":
        return f"{number(value, decimals)}{SPACE}månader"
    return number(value, decimals)


def shown(value: Any, status: str, unit: str, decimals: int) -> str:
    """The value, or the word that says why there is none. Never 0 for a value that is not there."""
    if status == "published" and not is_missing(value):
        return figure(value, unit, decimals)
    return status_word(status if status != "published" else "missing", unit)


def status_word(status: str, unit: str) -> str:
    """The word that stands for a figure of that unit that is not there."""
    if status == "suppressed" and unit in ("persons", "households"):
        return small_count()
    return STATUS_WORDS.get(status, "saknas")


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


def table_name(published_table_id: str) -> str:
    """`Tabell 5` for `tabell5`; of a figure from elsewhere the source and its own name: `Kolada N31807`."""
    source, _, name = published_table_id.partition(":")
    if name:
        return f"{source.capitalize()}{SPACE}{name.rpartition(':')[2].replace('_', ' ')}"
    digits = "".join(sign for sign in published_table_id if sign.isdigit())
    return f"Tabell{SPACE}{digits}" if digits else published_table_id


def municipalities(count: float) -> str:
    """`1 kommun`, `27 kommuner`."""
    return f"{number(count)}{SPACE}{'kommun' if count == 1 else 'kommuner'}"


def years_text(first: int, last: int) -> str:
    """`2015–2019`, or one year."""
    return str(first) if first == last else f"{first}–{last}"


def month_text(period: str) -> str:
    """`juli 2017` for `2017-07`."""
    year, month = period.split("-")
    return f"{MONTHS[int(month) - 1]} {year}"


def months_text(first: str, last: str) -> str:
    """`mars–maj 2018`, `mars 2018–januari 2019`, or one month."""
    if first == last:
        return month_text(first)
    start = MONTHS[int(first[5:]) - 1] if first[:4] == last[:4] else month_text(first)
    return f"{start}–{month_text(last)}"


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
