"""A figure opened where it is shown, and the workbook of its municipality: said as the commands say it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboards import access
from dashboards.components import layout, words
from orchestration.errors import PlainError
from orchestration.release import store
from orchestration.release.explain import Section, explain
from orchestration.release.figure import Question
from orchestration.release.workbook import workbook_name, write_workbook

_ONLY_TOTAL = {"Alla tillsammans": "total"}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def how_counted(
    definition: pd.Series,
    geography_id: str,
    periods: Sequence[str],
    groups: Mapping[str, str] = _ONLY_TOTAL,
    key: str = "",
) -> None:
    """`Så räknades siffran`: nothing is asked before the reader opens it, and then chooses among `periods` and `groups`.

    `periods` are years or months, the first chosen to begin with; `groups` are breakdowns by their name. `key` tells two of
    the same measure on a page apart.
    """
    name = f"oppna_{definition['indicator_id']}_{definition['definition_id']}{key}"
    with st.expander("Så räknades siffran", key=name, on_change="rerun") as opened:
        if not opened.open or not periods or not groups:
            return
        left, right = st.columns(2)
        period, group = periods[0], next(iter(groups))
        if len(periods) > 1:
            with left:
                period = st.selectbox("Tid", periods, format_func=words.month_text, key=f"{name}_tid")
        if len(groups) > 1:
            with right:
                group = st.selectbox("Grupp", list(groups), key=f"{name}_grupp")
        question = Question(
            definition["indicator_id"], geography_id, period, groups[group], definition["definition_id"]
        )
        try:
            sections = _sections(question)
        except PlainError as error:
            st.info(str(error))
            return
        st.html("".join(_as_html(section) for section in sections))


def _sections(question: Question) -> list[Section]:
    settings = access.settings()
    release = store.current_release(settings)
    if release is None:
        return []
    others = [one for one in store.list_releases(settings) if one.release_id != release.release_id]
    return explain(release, question, others)


def _as_html(section: Section) -> str:
    heading, lines = section
    return f'<div class="bl-caption"><b>{layout.escape(heading)}</b><br>{"<br>".join(map(layout.escape, lines))}</div>'


def workbook_button(area: pd.Series) -> None:
    """A button for the area's workbook, which is written when the reader asks for it."""
    release = store.current_release(access.settings())
    if release is None:
        return
    geography_id = area["geography_id"]

    def content() -> bytes:
        book = io.BytesIO()
        write_workbook(release, geography_id, book)
        return book.getvalue()

    st.download_button(
        f"Ladda ner Excelboken om {area['geography_name']}",
        content,
        file_name=workbook_name(release, geography_id),
        mime=_XLSX,
        key="ladda_bok",
        icon=":material/download:",
        on_click="ignore",
    )
