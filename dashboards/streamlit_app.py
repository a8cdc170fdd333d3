"""Biståndslagret's pages: the router. Every page runs through this file, so none can be reached past it."""

from __future__ import annotations

import streamlit as st

from dashboards import access, queries
from dashboards.components import layout
from orchestration.errors import PlainError

# drawn here: an icon by name would be fetched from outside
ICON = (
    "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='%231f5a8c'>"
    "<rect x='1' y='9' width='3.5' height='6'/><rect x='6.2' y='5' width='3.5' height='10'/>"
    "<rect x='11.4' y='1' width='3.5' height='14'/></svg>"
)

st.set_page_config(page_title="Biståndslagret", page_icon=ICON, layout="wide")
layout.styles()

navigation = st.navigation(
    [
        st.Page("app_pages/oversikt.py", title="Översikt", url_path="oversikt", default=True),
        st.Page("app_pages/langvarigt.py", title="Långvarigt bistånd", url_path="langvarigt"),
        st.Page("app_pages/forsorjningshinder.py", title="Försörjningshinder", url_path="forsorjningshinder"),
        st.Page("app_pages/aktivitetskravet.py", title="Aktivitetskravet", url_path="aktivitetskravet"),
        st.Page("app_pages/variation.py", title="Variation", url_path="variation"),
        st.Page("app_pages/jamfor.py", title="Jämför", url_path="jamfor"),
        st.Page("app_pages/indikator.py", title="Alla mått", url_path="indikator"),
        st.Page("app_pages/oppna_jamforelser.py", title="Öppna jämförelser", url_path="oppna-jamforelser"),
        st.Page("app_pages/avstamning.py", title="Avstämning", url_path="avstamning"),
        st.Page("app_pages/om_data.py", title="Om data", url_path="om-data"),
    ],
    position="top",
)

try:
    access.sign_in_row()
    release = queries.current_release(access.settings())
    info = queries.release_info(release).iloc[0]
except (queries.NoRelease, PlainError) as problem:
    st.title("Biståndslagret")
    st.warning(str(problem))
    st.stop()

layout.banner(layout.Page(release, info))
navigation.run()
layout.foot(info)
