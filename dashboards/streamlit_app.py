"""Biståndslagret's pages: the router. Every page runs through this file, so none can be reached past it."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from dashboards import access, queries
from dashboards.components import address, layout, styles
from orchestration.errors import PlainError

# drawn here: an icon by name would be fetched from outside
ICON = (
    "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='%231f5a8c'>"
    "<rect x='1' y='9' width='3.5' height='6'/><rect x='6.2' y='5' width='3.5' height='10'/>"
    "<rect x='11.4' y='1' width='3.5' height='14'/></svg>"
)
# the file of a page, its word in the menu, and the one before its name was changed
FOR_MANAGERS: list[tuple[str, str, str | None]] = [
    ("var_kommun", "Vår kommun", "oversikt"),
    ("langvarigt", "Långvarigt", None),
    ("varfor", "Varför", "forsorjningshinder"),
    ("in_och_ut", "In och ut", None),
    ("barn_och_unga", "Barn och unga", None),
    ("jamfor", "Jämför", None),
    ("forbattringsarbete", "Förbättringsarbete", "variation"),
    ("aktivitetskravet", "Aktivitetskravet", None),
    ("vagen_vidare", "Vägen vidare", None),
]
FOR_ANALYSTS: list[tuple[str, str, str | None]] = [
    ("kostnader", "Kostnader", None),
    ("arbetssatt", "Arbetssätt", "oppna-jamforelser"),
    ("definitioner", "Definitioner", "indikator"),
    ("tillforlitlighet", "Går siffrorna att lita på", "om-data"),
    ("ladda_ner", "Ladda ner", None),
]
# what a page cannot do without, and a release of an earlier version may lack
NEEDED = {"arbetssatt": "oj_answers", "vagen_vidare": "change_comparison"}
GROUPS = {"": FOR_MANAGERS, "För analytiker": FOR_ANALYSTS}


def _page(file: str, title: str, path: str, is_visible: bool = True) -> st.Page:
    return st.Page(
        f"app_pages/{file}.py",
        title=title,
        url_path=path,
        default=is_visible and file == "var_kommun",
        visibility="visible" if is_visible else "hidden",
    )


def _menu(hidden: set[str]) -> dict[str, list]:
    """The pages under their groups; one that has nothing to show stands in the menu no more than the old addresses do."""
    menu = {
        group: [_page(file, title, file.replace("_", "-"), file not in hidden) for file, title, _ in pages]
        for group, pages in GROUPS.items()
    }
    menu[""] += [
        _page(file, title, old, False) for pages in GROUPS.values() for file, title, old in pages if old
    ]
    return menu


try:
    access.sign_in_row()
    release = queries.current_release(access.settings())
    info = queries.release_info(release).iloc[0]
    lacking = {page for page, table in NEEDED.items() if not queries.has_table(release, table)}
    is_without_answers = "arbetssatt" in lacking or queries.oj_respondents(release).empty
except (queries.NoRelease, PlainError) as problem:
    st.navigation(_menu(set()), position="top")
    st.set_page_config(page_title="Biståndslagret", page_icon=ICON, layout="wide")
    st.title("Biståndslagret")
    st.warning(str(problem))
    st.stop()

navigation = st.navigation(_menu(lacking | ({"arbetssatt"} if is_without_answers else set())), position="top")
st.set_page_config(page_title=f"{navigation.title} – Biståndslagret", page_icon=ICON, layout="wide")
styles.styles()
address.read(info["release_id"])
layout.banner(layout.Page(release, info))
told = st.container()
with suppress(layout.NothingMore):
    if navigation.url_path.replace("-", "_") in lacking:
        st.title(navigation.title)
        st.info(
            "Utgåvan är gjord av en tidigare version och har inte det som sidan visar; kör `bistand run` för en ny."
        )
    else:
        navigation.run()
for sentence in address.write(layout.defaults(info)):
    told.warning(sentence)
styles.remember(may_choose="kommun" not in st.query_params)
layout.foot(info)
