"""Barn och unga: children in families with aid and with long-term aid, young adults, and the households they live in."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import blocks, charts, layout, opened, picture, sentences, styles, words

PERSON_WIDE = "longterm:person_wide"
CHILDREN = {
    ("child_recipients_share_population", "default"): "Familjer med bistånd",
    ("longterm_children_share_population", PERSON_WIDE): "Familjer med långvarigt bistånd",
}
COUNTS = [("child_recipients", "default"), ("longterm_children", PERSON_WIDE)]
YOUNG = {"18-24": "18–24 år", "18-29": "18–29 år"}
# what is told of the young, and the measure it stands on
YOUNG_MEASURES = {
    "Har bistånd, andel av åldersgruppen": ("recipients_share_population", "default"),
    "Har bistånd länge, andel av dem med bistånd": ("longterm_adults_share_recipients", PERSON_WIDE),
}


def _young(page: layout.Page, area: pd.Series, heading: str, key: blocks.Key) -> None:
    """A measure of the two bands of young adults over the years; 18–24 lies within 18–29."""
    found = queries.broken_down(page.release, area["geography_id"], *key, "age")
    found = found[found["group_code"].isin(YOUNG)]
    if found.empty:
        return
    definition = layout.definition_of(page, *key)
    unit, decimals = definition["unit"], int(definition["decimals"])
    st.subheader(heading)
    drawn = found.rename(columns={"period_year": "year"}).assign(
        series=[YOUNG[code] for code in found["group_code"]]
    )
    picture.show(
        charts.years_line(drawn.sort_values(["series", "year"]), unit, decimals, height=230),
        f"{heading}, 18–24 och 18–29 år, {area['geography_name']}",
    )
    table = pd.DataFrame({"Ålder": list(YOUNG.values())})
    for year in sorted(found["period_year"].unique()):
        of = found[found["period_year"] == year].set_index("group_code")
        table[str(year)] = [
            words.shown(of.loc[code, "value"], of.loc[code, "value_status"], unit, decimals) for code in YOUNG
        ]
    layout.html_table(table, list(table.columns[1:]))
    layout.caption(
        page, definition, words.years_text(int(drawn["year"].min()), int(drawn["year"].max())),
        layout.coverage_text(page, area), also="De yngsta ingår i båda grupperna.", with_caveats=False,
    )  # fmt: skip


page = layout.open_page()
st.title("Hur många barn och unga berörs?")
area, values, year, years = blocks.choose_area_and_year(page, COUNTS)

st.header(layout.area_heading(page, area, year))
sentences.show(page, area, values, year, [sentences.CHILDREN])
styles.actions()
st.header("Barn i familjer med bistånd, andel av alla barn")
blocks.years(page, area, values, CHILDREN)
blocks.measure_table(page, values, [*COUNTS, *CHILDREN])
layout.reading_help(page)
opened.how_counted(layout.definition_of(page, *COUNTS[0]), area["geography_id"], [str(one) for one in years])
blocks.download(page, area, values, [*COUNTS, *CHILDREN], "barn_och_unga")

st.header("Unga vuxna")
for heading, key in YOUNG_MEASURES.items():
    _young(page, area, heading, key)

st.header(f"Hushåll efter typ, {year}")
blocks.groups(page, area, ("households", "default"), "household_type", year, ["barn_sokande_eller_okand"])
