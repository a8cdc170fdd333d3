"""The yearly report, which a reader takes away from a page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import access
from orchestration.errors import PlainError
from orchestration.release import store
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
