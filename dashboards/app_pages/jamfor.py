"""Jämför: one municipality and one measure beside the country, its county, its group and municipalities like it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import charts, layout, opened, words

GROUPS = [
    ("country", "Riket"),
    ("county", "Länet"),
    ("skr_group", "Kommungruppen"),
    ("similar", "Liknande kommuner"),
]


def _measures(page: layout.Page) -> dict[str, pd.Series]:
    """Measures that can be compared, by their name and that of the definition where there are several."""
    found = queries.indicators(page.release)
    compared = queries.compared_indicators(page.release)
    found = found.merge(compared, on=["indicator_id", "definition_id"])
    return layout.measures(found)


def _bars(own: pd.Series) -> pd.DataFrame:
    """Own figure first, then the groups', then the mean that is not a group's figure."""
    rows = [(own["geography_name"], own["value"], own["value_status"], True)]
    for group, label in GROUPS:
        status = own[f"{group}_status"]
        if not words.is_missing(status):
            name = label if group == "country" else own[f"{group}_name"]
            rows.append((name, own[f"{group}_value"], status, False))
    mean = own["unweighted_mean"]
    rows.append(
        ("Ovägt medel av kommuner", mean, "missing" if words.is_missing(mean) else "published", False)
    )
    return pd.DataFrame(rows, columns=["label", "value", "value_status", "is_chosen"])


def _members(own: pd.Series) -> pd.DataFrame:
    """How many municipalities stand behind each group, which are missing, and the figure without the largest."""
    rows = []
    for group, label in GROUPS:
        if words.is_missing(own[f"{group}_status"]):
            rows.append((label, "ingen grupp inläst", "", ""))
            continue
        name = label if group == "country" else own[f"{group}_name"]
        missing = "" if group == "country" else own[f"{group}_missing_members"]
        if group == "country" and own["country_members_included"] < own["country_members_total"]:
            missing = "övriga kommuner har inte levererat"
        rest = words.shown(
            own[f"{group}_without_largest_value"],
            own[f"{group}_without_largest_status"],
            own["unit"],
            own["decimals"],
        )
        included = f"{own[f'{group}_members_included']} av {own[f'{group}_members_total']}"
        rows.append((name, included, "" if words.is_missing(missing) else missing, rest))
    return pd.DataFrame(
        rows, columns=["Grupp", "Kommuner som ingår", "Saknas", "Utan den kommun som har flest mottagare"]
    )


page = layout.open_page()
st.title("Hur ser det ut hos oss jämfört med andra?")
municipalities = queries.areas(page.release)
municipalities = municipalities[municipalities["geography_type"] == "municipality"]
if municipalities.empty:
    st.info("Ingen kommun har levererat till registret än; utgåvan har bara officiella uppgifter.")
    raise layout.NothingMore
area = layout.choose_area(page, only_municipalities=True)
measures = _measures(page)
left, right = st.columns([4, 1])
with left:
    # counts follow the size of the municipality: a share says more at first sight
    shares = (label for label, row in measures.items() if row["unit"] == "share")
    first = next(shares, next(iter(measures)))
    definition = layout.choose_measure(page, measures, first)
chosen = layout.measure_name(measures, layout.code_of(definition))
found = queries.comparison(
    page.release, area["geography_id"], definition["indicator_id"], definition["definition_id"]
)
if found.empty:
    st.info("Måttet finns inte för kommunen i den här utgåvan.")
    raise layout.NothingMore
years = [str(year) for year in found["period"]]
with right:
    year = str(layout.choose_year([int(one) for one in years[::-1]], int(years[-1])))
own = found[found["period"] == year].iloc[0].copy()
own["decimals"] = int(definition["decimals"])
unit, decimals = own["unit"], own["decimals"]

st.subheader(
    f"{area['geography_name']} {year}: {words.shown(own['value'], own['value_status'], unit, decimals)}"
)
if unit in ("persons", "households", "sek"):
    st.caption("Antal och summor beror på hur stor kommunen är; jämför hellre andelar.")
layout.show_chart(
    charts.bars(_bars(own), unit, decimals, row_height=32, label_width=44),
    f"{chosen} {year}: kommunen och grupperna",
)

st.subheader("Kommunernas spridning")
spread = queries.municipality_values(
    page.release, definition["indicator_id"], definition["definition_id"], int(year)
)
spread = spread[spread["value_status"] == "published"]
if len(spread) > 1:
    layout.show_chart(
        charts.strip(spread, area["geography_id"], own, unit, decimals),
        f"Varje kommuns värde {year}, {chosen}",
    )
    words_of = {
        name: words.figure(own[name], unit, decimals) for name in ("p10", "p25", "median", "p75", "p90")
    }
    st.html(
        f'<div class="bl-note">Varje streck är en kommun; {layout.escape(area["geography_name"])} är mörkare. Hälften av '
        f"de {own['municipalities_shown']} kommuner som visas ligger mellan {words_of['p25']} och {words_of['p75']}, åtta "
        f"av tio mellan {words_of['p10']} och {words_of['p90']}; medianen är {words_of['median']}. Högt eller lågt är inte "
        "detsamma som bra eller dåligt: skillnader kan bero på befolkning, arbetsmarknad och hur man registrerar.</div>"
    )
else:
    st.info("För få kommuner visar ett värde för att beskriva spridningen.")

st.subheader("Vilka kommuner som ingår")
layout.html_table(_members(own), ["Kommuner som ingår", "Utan den kommun som har flest mottagare"])
layout.caption(
    page,
    definition,
    year,
    also="Grupper räknas ur antal, med varje person en gång. Det ovägda medlet väger alla kommuner lika och är inte "
    "gruppens siffra. Liknande kommuner: Källa: Kolada, grupper för ekonomiskt bistånd.",
)
opened.how_counted(definition, area["geography_id"], [year])
layout.download(
    layout.for_download(found),
    f"jamfor_{area['geography_id']}_{definition['indicator_id']}.csv",
    "jamfor_csv",
)
