"""A chart on a page: what it shows in words for those who do not see it, and its table and a file of it for those who ask."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboards.components import layout
from dashboards.components.charts import Chart
from orchestration.release import pictures

# more rows than this are read in the table; of them the first and the last are said
MOST_SAID = 12


def show(chart: Chart, title: str) -> None:
    """The chart across the page, and under it its table and picture, made when the reader opens them. No two charts of a page
    have the same title."""
    st.vega_lite_chart(spec=chart.spec, width="stretch", theme=None, alt=f"{title}. {in_words(chart.rows)}")
    key = f"diagram {title}"
    with st.expander("Tabell och bild", key=key, on_change="rerun", type="compact") as opened:
        if not opened.open:
            return
        table = pd.DataFrame(chart.rows)
        layout.html_table(table, list(table.columns[1:]))
        with st.container(horizontal=True):
            for form, mime, content in (
                ("png", "image/png", partial(_picture, chart, title, "png")),
                ("svg", "image/svg+xml", partial(_picture, chart, title, "svg")),
            ):
                st.download_button(
                    form.upper(),
                    content,
                    file_name=f"{_file_name(title)}.{form}",
                    mime=mime,
                    key=f"{key} {form}",
                    icon=":material/download:",
                    on_click="ignore",
                )


def in_words(rows: list[dict[str, str]]) -> str:
    """`2018 21,7 %, 2019 29,0 %`: the content of a chart, a sentence per series."""
    if not rows:
        return ""
    name, *series = rows[0]
    told = rows if len(rows) <= MOST_SAID else [rows[0], rows[-1]]
    sentences = []
    for one in series:
        lead = f"{one}: " if len(series) > 1 else ""
        parts = [f"{row[name]} {row[one]}" for row in told if row[one]]
        if parts:
            sentences.append(f"{lead}{(', ' if told is rows else ' … ').join(parts)}.")
    return " ".join(sentences)


def _picture(chart: Chart, title: str, form: str) -> bytes:
    """The chart as `png` or `svg`, with title, source, release and day in the picture."""
    info = layout.open_page().info
    source = (
        f"Källa: {info['source_label']}. Biståndslagret, utgåva {info['release_id']}, uppgifter per {info['as_of']}."
        f"{' Påhittade uppgifter.' if info['is_synthetic'] else ''}"
    )
    signed = pictures.signed(chart.spec, title, source)
    return pictures.png(signed) if form == "png" else pictures.svg(signed).encode()


def _file_name(title: str) -> str:
    return "_".join("".join(sign if sign.isalnum() else " " for sign in title.lower()).split())[:80]
