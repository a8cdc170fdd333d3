"""Kostnader: what is paid, per household and per inhabitant, to which households, and the net cost of the accounts."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import blocks, charts, layout, opened, picture, sentences, styles, words

PAID, PER_HOUSEHOLD = ("paid_sek", "default"), ("paid_sek_per_household", "default")
OTHERS = ["paid_sek_per_inhabitant", "net_cost_per_inhabitant"]
UNKNOWN = ["barn_sokande_eller_okand"]


def _of_others(page: layout.Page, area: pd.Series) -> None:
    """Kronor per inhabitant, which the register cannot give: as others have published them."""
    found = queries.printed_values(page.release, area["geography_id"])
    found = found[found["indicator_id"].isin(OTHERS)]
    if not found["value"].notna().any():
        return
    st.header("Per invånare, enligt andra källor")
    for indicator_id in OTHERS:
        one = found[found["indicator_id"] == indicator_id]
        if not one["value"].notna().any():
            continue
        definition = layout.definition_of(page, indicator_id, "default")
        st.subheader(definition["indicator_name"])
        drawn = one.rename(columns={"period_year": "year"}).assign(series=layout.printed_names(one))
        picture.show(
            charts.years_line(drawn, definition["unit"], 0, height=220),
            f"{definition['indicator_name']}, {area['geography_name']}",
        )
        table = drawn.assign(
            shown=[
                words.shown(row.value, row.value_status, definition["unit"], 0) for row in drawn.itertuples()
            ]
        )
        shown = table.pivot(index="series", columns="year", values="shown").fillna("")
        shown.columns = [str(year) for year in shown.columns]
        layout.html_table(shown.reset_index(names="Källa"), list(shown.columns))
        st.html(
            f'<div class="bl-caption"><b>Definition:</b> {layout.escape(definition["definition_text"])}</div>'
        )


def _in_fixed_prices(page: layout.Page, area: pd.Series) -> None:
    """The same money without the rise of prices, where the index is known; a municipality's own figures."""
    found = queries.fixed_prices(page.release, area["geography_id"])
    if not found["value"].notna().any():
        return
    st.header("I fasta priser")
    found = found.assign(
        shown=[words.shown(row.value, row.value_status, row.unit, 0) for row in found.itertuples()],
        # a figure that several have printed stands once for each of them
        name=[
            row.measure_name
            if row.value_origin == "register"
            else f"{row.measure_name} ({words.table_name(row.value_origin)})"
            for row in found.itertuples()
        ],
    )
    table = found.pivot(index="name", columns="period_year", values="shown").fillna("")
    table.columns = [str(year) for year in table.columns]
    layout.html_table(table.reset_index(names="Mått"), list(table.columns))
    st.html(
        '<div class="bl-caption">Omräknat med SCB:s konsumentprisindex till priserna för indexets senaste år.</div>'
    )


page = layout.open_page()
st.title("Vad kostar biståndet?")
area, values, year, years = blocks.choose_area_and_year(page, [PAID])

st.header(layout.area_heading(page, area, year))
sentences.show(page, area, values, year, [sentences.COSTS])
st.caption("Löpande priser.")
styles.actions()
st.header("Utbetalt ekonomiskt bistånd")
blocks.years(page, area, values, {PAID: "Utbetalt"})
st.header("Utbetalt per hushåll")
blocks.years(page, area, values, {PER_HOUSEHOLD: "Per hushåll"})
blocks.measure_table(
    page, values, [PAID, PER_HOUSEHOLD, ("households", "default"), ("months_per_household_mean", "default")]
)
layout.reading_help(page)
opened.how_counted(layout.definition_of(page, *PAID), area["geography_id"], [str(one) for one in years])
blocks.download(page, area, values, [PAID, PER_HOUSEHOLD], "kostnader")

st.header(f"Efter hushållstyp, {year}")
for key in (("paid_share", "default"), PER_HOUSEHOLD):
    st.subheader(layout.definition_of(page, *key)["indicator_name"])
    blocks.groups(page, area, key, "household_type", year, UNKNOWN)
_of_others(page, area)
_in_fixed_prices(page, area)
