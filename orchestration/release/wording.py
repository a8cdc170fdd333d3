"""How a figure of a release is said in Swedish: the same words in the terminal, on the pages and in the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
STATE_WORDS = {
    "accepted": "Godkänd",
    "partly_rejected": "Delvis underkänd",
    "rejected": "Underkänd",
    "duplicate": "Redan mottagen",
    "held": "Väntar på beslut",
    "superseded": "Ersatt",
    "forgotten": "Gallrad",
    "missing": "Saknas",
}
VERDICT_WORDS = {
    "agrees": "Stämmer",
    "differs": "Skiljer",
    "not_comparable": "Går inte att jämföra",
    "own_missing": "Egen siffra saknas",
    "own_suppressed": "Egen siffra visas inte",
    "published_missing": "Publicerad siffra saknas",
    "both_missing": "Saknas på båda håll",
}
UNIT_WORDS = {
    "persons": "personer",
    "households": "hushåll",
    "share": "andel",
    "percent": "procent",
    "sek": "kronor",
    "sek_per_household": "kronor per hushåll",
    "sek_per_inhabitant": "kronor per invånare",
    "months": "månader",
    "ratio": "kvot",
    "group": "grupp",
    "respondents": "svarande",
}
COUNTS = ("persons", "households")
QUARTERS = ("första", "andra", "tredje", "fjärde")
# how Vega writes numbers in a chart
VEGA_NUMBERS = {
    "decimal": ",", "thousands": THIN_SPACE, "grouping": [3], "currency": ["", f"{SPACE}kr"], "minus": MINUS,
    "percent": f"{SPACE}%",
}  # fmt: skip
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
    "december",
)  # fmt: skip


def is_missing(value: Any) -> bool:
    """True for None, NaN and pandas' NA."""
    # pandas' NA refuses to be compared, so it is asked for first
    return value is None or str(value) in ("<NA>", "NaT") or value != value


def number(value: float, decimals: int = 0) -> str:
    """`12 345,6` with a thin no-break space and a real minus sign."""
    text = f"{abs(float(value)):,.{decimals}f}".replace(",", THIN_SPACE).replace(".", ",")
    return text if value >= 0 or reads_as_zero(text) else MINUS + text


def reads_as_zero(text: str) -> bool:
    """Whether a number, as it is written with its decimals, is nothing."""
    return not any(digit in text for digit in "123456789")


def signed(text: str) -> str:
    """A written number with its sign, `+8 %` or `−5 %`; one that reads as zero has none."""
    return text if reads_as_zero(text) or text.startswith(MINUS) else f"+{text}"


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


def small_count(band_to: int) -> str:
    """`högst 7`: what stands for a count of 0 to `band_to` in a protected release."""
    return f"högst{SPACE}{band_to}"


def status_word(status: str, unit: str, band_to: int) -> str:
    """The word that stands for a figure of that unit that is not there."""
    if status == "suppressed" and unit in COUNTS:
        return small_count(band_to)
    return STATUS_WORDS.get(status, "saknas")


def shown(value: Any, status: str, unit: str, decimals: int, band_to: int) -> str:
    """The value, or the word that says why there is none. Never 0 for a value that is not there."""
    if status == "published" and not is_missing(value):
        return figure(value, unit, decimals)
    return status_word(status if status != "published" else "missing", unit, band_to)


def change(value: Any, unit: str, decimals: int) -> str:
    """The step from the year before: `+0,4 procentenheter`, `−12 personer`, `oförändrat`; empty where there is none."""
    if is_missing(value):
        return ""
    if unit == "share":
        text, word = number(100 * value, decimals), "procentenheter"
    elif unit == "sek" and abs(value) >= 1_000_000:
        text, word = number(value / 1_000_000, 1), "miljoner kr"
    else:
        words = {"persons": "personer", "households": "hushåll", "months": "månader"}
        text, word = number(value, decimals), words.get(unit, "kr")
    return "oförändrat" if reads_as_zero(text) else f"{signed(text)}{SPACE}{word}"


def municipalities(count: float) -> str:
    """`1 kommun`, `27 kommuner`."""
    return f"{number(count)}{SPACE}{'kommun' if count == 1 else 'kommuner'}"


def protection(info: Mapping[str, Any]) -> str:
    """How the protected release that `info` (a row of release_info) describes is protected."""
    return (
        f"Antal från 0 till {info['band_to']} skiljs inte åt utan visas som {small_count(info['band_to'])}, och andra antal "
        f"avrundas till närmaste {info['rounding_base']}. Delar behöver därför inte bli summan. Hela visas bara de huvudantal "
        f"som den officiella statistiken också visar, i kommuner och år där alla är större än {info['band_to']}. Andelar, "
        f"medelvärden och jämförelser räknas på de skyddade antalen och kräver minst {info['least_denominator']} i nämnaren; "
        f"kronor avrundas till {number(info['money_base'])}. Det som inte kan visas enligt de reglerna står som för få."
    )


def month_text(period: str) -> str:
    """`juli 2017` for `2017-07`, `fjärde kvartalet 2026` for `2026-Q4`; a year is as it is."""
    year, _, month = period.partition("-")
    if month.startswith("Q"):
        return f"{QUARTERS[int(month[1:]) - 1]} kvartalet {year}"
    return f"{MONTHS[int(month) - 1]} {year}" if month else year


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


def table_name(published_table_id: str) -> str:
    """`Tabell 5` for `tabell5`; of a figure from elsewhere the source and its own name: `Kolada N31807`."""
    source, _, name = published_table_id.partition(":")
    if name:
        return f"{source.capitalize()}{SPACE}{name.rpartition(':')[2].replace('_', ' ')}"
    words = published_table_id.replace("tabell", "tabell_").replace("__", "_").split("_")
    text = SPACE.join(word for word in words if word)
    return text[:1].upper() + text[1:]
