"""Tables on a page, and the same as a file."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from dashboards.components import words

# of a table that is read at full size
MOST_ROWS, MOST_COLUMNS = 1000, 7


def html_table(frame: pd.DataFrame, number_columns: list[str] | None = None) -> None:
    """A table of ready-made text; figures to the right, words that stand for a missing value in italics.

    A long table scrolls under its header, and is cut at MOST_ROWS with a sentence that says so.
    """
    if len(frame) > MOST_ROWS:
        st.caption(
            f"Visar de första {words.number(MOST_ROWS)} av {words.number(len(frame))} rader; välj snävare."
        )
        frame = frame.head(MOST_ROWS)
    numeric = set(number_columns or [])
    status_words = words.status_words()
    head = "".join(
        f'<th scope="col"{" class=n" if column in numeric else ""}>{escape(str(column))}</th>'
        for column in frame
    )
    rows = []
    for row in frame.itertuples(index=False):
        cells = []
        for column, value in zip(frame.columns, row, strict=True):
            text = "" if words.is_missing(value) else str(value)
            kind = " class=s" if len(text) < 20 else " class=m" if len(text) < 50 else " class=l"
            if column in numeric:
                kind = " class=w" if text in status_words else " class=n"
            cells.append(f'<td{kind} data-name="{escape(str(column))}">{escape(text)}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    long = (" bl-long" if len(rows) > 40 else "") + (" bl-wide" if len(frame.columns) > MOST_COLUMNS else "")
    st.html(
        f'<div class="bl-table{long}"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def html_list(items: list[tuple[str, str]]) -> None:
    """Names and what they mean, one line each."""
    lines = "".join(f"<li><b>{escape(name)}.</b> {escape(text)}</li>" for name, text in items)
    st.html(f'<ul class="bl-note">{lines}</ul>')


def download(frame: pd.DataFrame, file_name: str, key: str) -> None:
    """A button for the table as CSV."""
    st.download_button(
        "Ladda ner tabellen (CSV)",
        as_csv(frame),
        file_name=file_name,
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )


def as_csv(frame: pd.DataFrame) -> bytes:
    """The table as Swedish spreadsheets read it: semicolon, decimal comma, UTF-8 with BOM."""
    written = frame.copy()
    for column in written.columns[[kind.kind == "f" for kind in written.dtypes]]:
        written[column] = [
            "" if words.is_missing(value) else words.plain_number(value) for value in written[column]
        ]
    return written.to_csv(index=False, sep=";").encode("utf-8-sig")


def for_download(frame: pd.DataFrame) -> pd.DataFrame:
    """Statuses in words, so that an empty cell in the file always has its reason beside it."""
    found = frame.copy()
    for column in [name for name in found.columns if name.endswith("status")]:
        found[column] = [words.STATUS_WORDS.get(status, status) for status in found[column]]
    return found
