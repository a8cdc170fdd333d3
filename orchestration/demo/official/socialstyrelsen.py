"""Socialstyrelsen's monthly web tool in its three layouts: long, wide and CSV, of the last year of the demo."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from orchestration.demo.official.figures import Official
from orchestration.demo.official.workbooks import Cell, workbook_bytes

MONTHS = (
    "Januari", "Februari", "Mars", "April", "Maj", "Juni", "Juli", "Augusti", "September", "Oktober", "November",
    "December",
)  # fmt: skip
_NOT_OUT = "--"


def files(official: Official, config: dict, newest: bool) -> dict[str, bytes]:
    """The exports saved at the second time when `newest`, else at the first, by file name."""
    tool = config["socialstyrelsen"]
    saved = datetime.fromisoformat(tool["retrieved"][1 if newest else 0])
    households = official.money.households_by_month[:, -1]
    paid = official.money.paid_by_month[:, -1] / 1000
    last = 12 if newest else tool["unpublished_first"] - 1
    if not newest:
        late = tool["late_report"]
        households = households.copy()
        at = official.codes.index(late["municipality_code"]), late["month"] - 1
        households[at] = round(households[at] * late["share"])
    day, year = f"{saved:%Y-%m-%d}", official.years[-1]
    found = {
        f"paahittat_ekonomiskt_bistand_hushall_{day}.xlsx": _wide(official, year, households, last, saved),
        f"paahittat_ekonomiskt_bistand_utbetalt_{day}.csv": _csv(official, year, paid, last),
    }
    for code in tool["long_areas"]:
        place = official.codes.index(code)
        name = f"paahittat_ekonomiskt_bistand_{code}_{day}.xlsx"
        found[name] = _long(official.names[code], year, households[place], paid[place], last, saved)
    return found


def _long(
    name: str, year: int, households: np.ndarray, paid: np.ndarray, last: int, saved: datetime
) -> bytes:
    rows: list[list[Cell]] = [
        [f"Ekonomiskt bistånd, {name}"],
        ["År", "Månad", "Antal hushåll", "Utbetalt ekonomiskt bistånd tkr"],
    ]
    for number, month in enumerate(MONTHS):
        is_out = number < last
        rows.append(
            [
                str(year), month,
                int(households[number]) if is_out else _NOT_OUT, round(float(paid[number])) if is_out else _NOT_OUT,
            ]
        )  # fmt: skip
    return workbook_bytes({"Tabell": rows}, saved)


def _wide(official: Official, year: int, households: np.ndarray, last: int, saved: datetime) -> bytes:
    rows: list[list[Cell]] = [["Antal hushåll med ekonomiskt bistånd"], ["Region", "År", *MONTHS]]
    for place, code in enumerate(official.codes):
        months = [int(count) if number < last else _NOT_OUT for number, count in enumerate(households[place])]
        rows.append([official.names[code], str(year), *months])
    notes: list[list[Cell]] = [[], ["Källa: påhittat uttag för demonstration; siffrorna är inte verkliga"]]
    return workbook_bytes({"Tabell": [*rows, *notes]}, saved)


def _csv(official: Official, year: int, paid: np.ndarray, last: int) -> bytes:
    """Title first, two header rows, thousands set apart by a blank, a blank for what is not out."""
    lines = [
        "Utbetalt ekonomiskt bistånd, tkr",
        ";" + ";".join([str(year)] * 12),
        "Region;" + ";".join(MONTHS),
    ]
    for place, code in enumerate(official.codes):
        cells = [
            f"{round(float(value)):,}".replace(",", " ") if number < last else ""
            for number, value in enumerate(paid[place])
        ]
        lines.append(";".join([official.names[code], *cells]))
    return ("\n".join(lines) + "\n").encode("cp1252")
