"""What may be shown of a row on a screen: never a personnummer, in whatever column it stands."""

from __future__ import annotations

import re

from orchestration.intake.scrubbing import HIDDEN, scrub_text

# a cell with more digits than this is not shown, whatever column it stands in
_SHOWN_DIGITS_MAX = 7
_CELL_WIDTH = 24
# columns of dates in the optional kinds of files, and a day as it may stand in them
_DATES = (
    "anvisad_datum",
    "beslutsdatum",
    "planerad_slut",
    "planerad_start",
    "slut_datum",
    "start_datum",
)
_DAY = "20[0-9]{2}-?(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])"
# what cells of a row without a right personnummer may be shown
_FORMS = {"kommunkod": "[0-9]{4}", "period": "(19|20)[0-9]{2}-?(0[1-9]|1[0-2])", "roll": "RL|MS|BARN"}


def masked_personnummer(text: str) -> str:
    """The birth year and nothing more: `1980****-****`, `80****-****`; `****` for what has no such form."""
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) == 12 and digits[:2] in ("18", "19", "20"):
        return f"{digits[:4]}****-****"
    return f"{digits[:2]}****-****" if len(digits) == 10 else "****"


def shown_cell(column: str, text: str | None) -> str:
    """A cell of a canonical column as it may be shown: no personnummer, in whatever column it stands."""
    if not text:
        return ""
    if column == "personnummer":
        return masked_personnummer(text)
    if column in _DATES and re.fullmatch(_DAY, text):
        return text
    if sum(character.isdigit() for character in text) > _SHOWN_DIGITS_MAX:
        return HIDDEN
    return scrub_text(text, _CELL_WIDTH)


def shown_row(row: dict[str, str | None]) -> dict[str, str]:
    """The cells of a row as they may be shown together.

    Where the personnummer stands wrong the row may be shifted or its number spread out: only cells that have the
    form of their column are shown then. A kind without persons has no such column.
    """
    shown = {name: shown_cell(name, cell) for name, cell in row.items()}
    if "personnummer" not in row:
        return shown
    digits = re.sub(r"[^0-9]", "", row["personnummer"] or "")
    for name, cell in shown.items():
        part = re.sub(r"[^0-9]", "", cell)
        is_odd = shown["personnummer"] in ("", masked_personnummer("")) and not (
            name in _FORMS and re.fullmatch(_FORMS[name], cell)
        )
        is_part = (
            name in ("hushalls_id", "distrikt", "avslutsorsak", *_DATES) and len(part) > 3 and part in digits
        )
        if cell and name != "personnummer" and (is_odd or is_part):
            shown[name] = HIDDEN
    return shown
