"""What a reader takes away from a page: the yearly report, and one chart as a picture that says where it comes from."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import access
from dashboards.components import layout
from orchestration.errors import PlainError
from orchestration.release import pictures, store
from orchestration.release.report import questions, writing


def report_button(area: pd.Series, year: int) -> None:
    """A button for the area's report of a year as PDF, which is written when the reader asks for it; with the municipality's own
    questions where the home has them."""
    release = store.current_release(access.settings())
    if release is None:
        return
    geography_id, home = area["geography_id"], access.home()

    def content() -> bytes:
        try:
            own = questions.own_questions(home, release, geography_id)
            return writing.report_bytes(release, geography_id, year, questions=own)
        except PlainError as problem:
            # the button cannot say it: the file does
            return str(problem).encode()

    st.download_button(
        f"Rapport {year} (PDF)",
        content,
        file_name=writing.report_name(geography_id, year, release),
        mime="application/pdf",
        key="ladda_rapport",
        icon=":material/description:",
        on_click="ignore",
    )


def picture(page: layout.Page, chart: Any, title: str, form: str) -> bytes:
    """A chart (Altair) as `png` or `svg`, with title, source, release and day in the picture."""
    made_up = " Påhittade uppgifter." if page.info["is_synthetic"] else ""
    source = (
        f"Källa: {page.info['source_label']}. Biståndslagret, utgåva {page.info['release_id']}, uppgifter per "
        f"{page.info['as_of']}.{made_up}"
    )
    signed = pictures.signed(chart.to_dict(), title, source)
    return pictures.png(signed) if form == "png" else pictures.svg(signed).encode()


def picture_buttons(page: layout.Page, chart: Any, title: str, name: str) -> None:
    """Two small buttons that give the chart as PNG and as SVG, drawn when the reader asks for it. `name` is the file's, and no other
    chart's on the page."""
    with st.container(horizontal=True):
        for form, mime in (("png", "image/png"), ("svg", "image/svg+xml")):
            st.download_button(
                f"Bild ({form.upper()})",
                partial(picture, page, chart, title, form),
                file_name=f"{name}.{form}",
                mime=mime,
                key=f"bild_{name}_{form}",
                icon=":material/image:",
                on_click="ignore",
                type="tertiary",
            )
