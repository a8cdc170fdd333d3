"""Which months ought to have come by now, and from whom."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from orchestration.operation.limits import limit
from orchestration.settings import Settings


@dataclass(frozen=True)
class Late:
    """A municipality whose month has not come. `month` is the first one that is missing at the end of its series, `due` the last
    one that ought to be here, both `ÅÅÅÅ-MM`; `arrived` the last one that is, or None."""

    municipality_code: str
    municipality_name: str
    month: str
    due: str
    arrived: str | None


def late_municipalities(settings: Settings, arrived: Mapping[str, str], today: date) -> list[Late]:
    """Those that deliver here and whose last month ought to have come. `arrived` is the last month by municipality code.

    Expected are those of BISTAND_MUNICIPALITIES, and those that have delivered lately. A hole before the last month is no
    lateness: the release shows it as a missing month.
    """
    due = last_due_month(today, int(limit(settings, "late_day")))
    patience = int(limit(settings, "forgotten_after_months"))
    names = municipality_names(settings.reference_seeds)
    found = []
    for code in sorted({*settings.municipalities, *_lately(arrived, due, patience)}):
        last = arrived.get(code)
        if last is None or _number(last) < due:
            first = due if last is None else _number(last) + 1
            found.append(Late(code, names.get(code, code), _text(first), _text(due), last))
    return found


def last_due_month(today: date, late_day: int) -> int:
    """The last month that ought to be here, as year × 12 + month − 1: the one before this once `late_day` has passed."""
    this = today.year * 12 + today.month - 1
    return this - 1 if today.day > late_day else this - 2


def _lately(arrived: Mapping[str, str], due: int, patience: int) -> Iterable[str]:
    return (code for code, month in arrived.items() if _number(month) > due - patience)


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _text(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


@cache
def municipality_names(seeds: Path) -> dict[str, str]:
    """The name of every municipality by its code."""
    with (seeds / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return {row["municipality_code"]: row["municipality_name"] for row in csv.DictReader(file)}
