"""What the figures say, in a sentence each: only values that are shown, set beside each other."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd

from dashboards.components import words
from dashboards.components.layout import escape

_TIMES = {1: "ett år", 2: "två år i rad", 3: "tre år i rad", 4: "fyra år i rad", 5: "fem år i rad"}


def _row(values: pd.DataFrame, indicator_id: str, definition_id: str, year: int) -> Any:
    """The row of a measure and year, or None."""
    found = values[
        (values["indicator_id"] == indicator_id)
        & (values["definition_id"] == definition_id)
        & (values["period_year"] == year)
    ]
    return None if found.empty else found.iloc[0]


def _is_shown(row: Any) -> bool:
    return row is not None and row["value_status"] == "published" and not words.is_missing(row["value"])


def _why(row: Any, unit: str) -> str:
    """`visas inte (högst 7)`, `är ej rapporterat`: how a sentence goes on where there is no figure."""
    status = "missing" if row is None else row["value_status"]
    word = words.status_word(status, unit)
    if status == "suppressed":
        return f"visas inte ({word})"
    return {
        "not_yet": "kan inte räknas än: månaderna efter har inte varit",
        "before_register": "kan inte räknas: det behövs månader från tiden före registret",
    }.get(status, f"är {word}")


def run_of_years(values: pd.DataFrame, unit: str, decimals: int) -> str:
    """`har stigit två år i rad från 21,7 % 2017`; `values` are the years of one measure up to the one that is told.

    Compared as they are shown. Empty where the year before has no value.
    """
    rows = list(values.sort_values("period_year").itertuples())[::-1]
    shown = []
    for place, row in enumerate(rows):
        if row.value_status != "published" or row.period_year != rows[0].period_year - place:
            break
        shown.append((row.period_year, round(row.value, decimals + 2 if unit == "share" else decimals)))
    if len(shown) < 2:
        return ""
    steps = [now - before for (_, now), (_, before) in pairwise(shown)]
    if steps[0] == 0:
        return f"är oförändrad mot {shown[1][0]}"
    same = next((place for place, step in enumerate(steps) if step * steps[0] <= 0), len(steps))
    year, value = shown[same]
    direction = "stigit" if steps[0] > 0 else "sjunkit"
    times = "sedan året före" if same == 1 else _TIMES.get(same, f"{same} år i rad")
    return f"har {direction} {times}, från {words.figure(value, unit, decimals)} {year}"


def recipients(values: pd.DataFrame, year: int) -> str:
    """How many had aid, what share that is, and the step."""
    row = _row(values, "recipients", "default", year)
    if not _is_shown(row):
        return f"Hur många som hade ekonomiskt bistånd {year} {_why(row, 'persons')}."
    share = _row(values, "recipients_share_population", "default", year)
    of = f", {words.figure(share['value'], 'share', 1)} av invånarna" if _is_shown(share) else ""
    step = ""
    if not words.is_missing(row["change"]):
        count = abs(row["change"])
        step = (
            f"; {words.number(count)} {'fler' if row['change'] > 0 else 'färre'} än {year - 1}"
            if count
            else ""
        )
    return f"<b>{words.number(row['value'])} personer</b> hade ekonomiskt bistånd {year}{of}{step}."


def _which_way(values: pd.DataFrame, key: tuple[str, str], year: int) -> str:
    """The words after a share for how it has moved up to the year; empty when there is nothing to say."""
    of_measure = (values["indicator_id"] == key[0]) & (values["definition_id"] == key[1])
    run = run_of_years(values[of_measure & (values["period_year"] <= year)], "share", 1)
    return f"; andelen {run}" if run else ""


def longterm(values: pd.DataFrame, year: int) -> str:
    """How many of the adults had aid long, and which way it goes."""
    key = ("longterm_adults_share_recipients", "longterm:person_wide")
    row = _row(values, *key, year)
    if not _is_shown(row):
        return f"Andelen vuxna med långvarigt bistånd {year} {_why(row, 'share')}."
    return (
        f"Av {words.number(row['denominator'])} vuxna hade <b>{words.number(row['numerator'])} "
        f"({words.figure(row['value'], 'share', 1)})</b> bistånd länge, minst tio av årets månader"
        f"{_which_way(values, key, year)}."
    )


def very_longterm(values: pd.DataFrame, year: int) -> str:
    """How many of the adults had aid for most of three years, and which way it goes."""
    key = ("very_longterm_adults_share_recipients", "very_longterm:interior")
    row = _row(values, *key, year)
    if not _is_shown(row):
        return f"Andelen vuxna med mycket långvarigt bistånd {year} {_why(row, 'share')}."
    return (
        f"<b>{words.number(row['numerator'])} ({words.figure(row['value'], 'share', 1)})</b> hade det mycket länge, minst 27 av "
        f"tre års månader{_which_way(values, key, year)}."
    )


def children(values: pd.DataFrame, year: int) -> str:
    """How many children lived in families with aid, and with long-term aid."""
    row = _row(values, "child_recipients", "default", year)
    if not _is_shown(row):
        return f"Hur många barn som bodde i familjer med bistånd {year} {_why(row, 'persons')}."
    share = _row(values, "child_recipients_share_population", "default", year)
    of = f", {words.figure(share['value'], 'share', 1)} av alla barn" if _is_shown(share) else ""
    long = _row(values, "longterm_children", "longterm:person_wide", year)
    count = words.number(long["value"]) if _is_shown(long) else None
    also = (
        f"; {count} av dem i familjer med långvarigt bistånd"
        if count
        else f"; hur många av dem länge {_why(long, 'persons')}"
    )
    return f"<b>{words.number(row['value'])} barn</b> bodde i familjer med bistånd{of}{also}."


def flow(values: pd.DataFrame, year: int) -> str:
    """How many came and went, and how many came back."""
    came, went = (_row(values, name, "default", year) for name in ("entries", "exits"))
    first = f"<b>{words.number(came['value'])}</b> personer började få bistånd {year}" if _is_shown(came) else (
        f"Hur många som började få bistånd {year} {_why(came, 'persons')}"
    )  # fmt: skip
    second = (
        f"<b>{words.number(went['value'])}</b> slutade"
        if _is_shown(went)
        else f"hur många som slutade {_why(went, 'persons')}"
    )
    back = _row(values, "return_share_12m", "default", year)
    third = ""
    if _is_shown(back):
        third = (
            f" Av {words.number(back['denominator'])} vuxna som slutade i början av {year - 1} var "
            f"{words.figure(back['value'], 'share', 0)} tillbaka inom ett år."
        )
    return f"{first}, och {second}.{third}"


def reason(reasons: pd.DataFrame, year: int) -> str:
    """The most common reason, and the next."""
    found = largest_reasons(reasons, year)
    if len(found) < 2:
        return f"Vilket försörjningshinder som var vanligast {year} visas inte: för få vuxna, eller ej rapporterat."
    first, second = found.iloc[0], found.iloc[1]
    return (
        f"Vanligaste försörjningshindret var <b>{escape(first['reason_name'].lower())} "
        f"({words.figure(first['reason_share'], 'share', 0)})</b>, därefter {escape(second['reason_name'].lower())} "
        f"({words.figure(second['reason_share'], 'share', 0)})."
    )


def largest_reasons(reasons: pd.DataFrame, year: int) -> pd.DataFrame:
    """The reasons of all adults in the year that are shown, the most common first; a reason that is not known is none."""
    found = reasons[
        (reasons["period_year"] == year) & (reasons["sex"] == "all") & (reasons["duration"] == "all")
        & (reasons["value_status"] == "published") & (reasons["reason"] != "uppgift_saknas")
    ]  # fmt: skip
    return found.dropna(subset=["reason_share"]).sort_values("reason_share", ascending=False, kind="stable")
