"""Small workbooks for the demo's made-up files: the same rows give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

Cell = str | int | float | None


def workbook_bytes(sheets: Mapping[str, Sequence[Sequence[Cell]]], saved: datetime) -> bytes:
    """A workbook with these sheets in order, said to be saved at `saved`."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    )
    book.set_properties({"created": saved, "title": "Påhittat för demonstration"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if cell is not None:
                    sheet.write(number, place, cell)
    book.close()
    return target.getvalue()
