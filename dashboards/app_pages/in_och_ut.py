"""In och ut: how many begin and end, why aid ends, who comes back, and how long it lasts."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import charts, flow_charts, layout, opened, picture, sentences, styles, words

# the months after which it is told who still has aid
AFTER = (3, 6, 10)
YEARLY = [
    ("entries", "Började"),
    ("exits", "Slutade"),
    ("return_share_12m", "Tillbaka inom ett år"),
    ("month10_share", "Nya som når månad tio"),
]
MOST_YEARS, MOST_STEPS = 4, 12


def _yearly(page: layout.Page, values: pd.DataFrame) -> None:
    """The flows of every year."""
    table = pd.DataFrame({"År": [str(year) for year in sorted(values["period_year"].unique(), reverse=True)]})
    for indicator_id, name in YEARLY:
        definition = layout.definition_of(page, indicator_id, "default")
        of = values[values["indicator_id"] == indicator_id].set_index("period_year")
        table[name] = [
            words.shown(
                of.loc[int(year), "value"], of.loc[int(year), "value_status"], definition["unit"], int(definition["decimals"])
            )
            if int(year) in of.index
            else words.STATUS_WORDS["missing"]
            for year in table["År"]
        ]  # fmt: skip
    layout.html_table(table, list(table.columns[1:]))


def _months(page: layout.Page, area: pd.Series) -> None:
    """In, out and the difference, month by month."""
    st.header("Månad för månad")
    found = queries.flow_months(page.release, area["geography_id"])
    if not found["entries_value"].notna().any() and not found["exits_value"].notna().any():
        st.html(
            f'<div class="bl-note">Ingen månad har ett tal som visas: {words.small_count()} varje månad, eller inte levererat.</div>'
        )
    else:
        picture.show(
            flow_charts.months(found),
            f"Hur många som började och slutade få bistånd månad för månad, {area['geography_name']}: staplar uppåt för dem "
            "som började, nedåt för dem som slutade, och en linje för skillnaden",
        )
        st.html(
            '<div class="bl-note">En månad utan stapel är inte noll; vad som står i stället säger tabellen.</div>'
        )
    entries = layout.definition_of(page, "entries", "default")
    exits = layout.definition_of(page, "exits", "default")
    months = list(found["period"])
    layout.caption(
        page, entries, words.months_text(months[0], months[-1]), layout.coverage_text(page, area),
        also=f"Slutade: {exits['definition_text']} Skillnaden är mellan de två tal som visas och är "
        "inte förändringen av antalet mottagare: den som kommer tillbaka inom tolv månader räknas inte som ny.", with_caveats=False,
    )  # fmt: skip
    opened.how_counted(entries, area["geography_id"], months[::-1])
    export = layout.for_download(found).rename(
        columns={
            "period": "manad", "entries_value": "borjade", "entries_status": "borjade_status", "exits_value": "slutade",
            "exits_status": "slutade_status", "net_value": "skillnad",
        }
    )  # fmt: skip
    layout.download(export, f"in_och_ut_{area['geography_id'].replace(':', '_')}.csv", "ladda_in_och_ut")


def _left(page: layout.Page, area: pd.Series) -> None:
    """How many still have aid after three, six and ten months, by the year when it began."""
    found = queries.duration_curves(page.release, area["geography_id"])
    at = found[found["month_since_entry"].isin(AFTER)]
    known = at[at["value_status"] == "published"]
    st.header("Så många är kvar efter 3, 6 och 10 månader")
    if known.empty:
        st.html(
            '<div class="bl-note">Det finns inget år då tillräckligt många började få bistånd för att följas.</div>'
        )
        return
    latest = known[known["entry_year"] == known["entry_year"].max()]
    parts = [
        f"{words.figure(row.value, 'share', 0)} efter {row.month_since_entry} månader"
        for row in latest.itertuples()
    ]
    st.html(
        f'<div class="bl-note bl-lead">Av dem som började få bistånd {latest["entry_year"].iloc[0]} var '
        f"<b>{', '.join(parts[:-1]) + ' och ' + parts[-1] if len(parts) > 1 else parts[0]}</b> kvar.</div>"
    )
    years = sorted(known["entry_year"].unique())[-MOST_YEARS:]
    picture.show(
        flow_charts.curves(
            found[found["entry_year"].isin(years)].assign(
                series=lambda one: "började " + one["entry_year"].astype(str)
            )
        ),
        f"Andel som fortfarande har bistånd efter så många månader, efter året då det började, {area['geography_name']}",
    )
    table = pd.DataFrame({"Började": [str(year) for year in sorted(at["entry_year"].unique(), reverse=True)]})
    for month in AFTER:
        of = at[at["month_since_entry"] == month].set_index("entry_year")
        table[f"Kvar efter {month} månader"] = [
            words.shown(of.loc[int(year), "value"], of.loc[int(year), "value_status"], "share", 0)
            for year in table["Började"]
        ]
    layout.html_table(table, list(table.columns[1:]))
    st.html(
        '<div class="bl-caption"><b>Definition:</b> andelen vars bistånd varar längre än så många månader, bland personer som '
        "började få bistånd under året efter minst tolv månader utan. Ett uppehåll på högst två månader avslutar inget. Var och en "
        "följs så långt slutet kan ses (Kaplan–Meier). <b>Källa:</b> "
        f"{layout.escape(page.info['source_label'])}, uppgifter per {layout.escape(page.info['as_of'])}. "
        f"{layout.escape(layout.coverage_text(page, area))}</div>"
    )


def _endings(page: layout.Page, area: pd.Series, year: int) -> None:
    """Why aid ended, in the year chosen or else in the latest year before it that is known."""
    found = queries.exit_reasons(page.release, area["geography_id"])
    known = found[(found["value_status"] != "not_reported") & (found["period_year"] <= year)]
    if known.empty:
        st.header("Varför biståndet slutar")
        st.html(
            '<div class="bl-note">Avslutsorsaker: inte lämnade. De kommer i en egen fil, om de alls lämnas, och området '
            f"har ingen för något år till och med {year}.</div>"
        )
        return
    latest = int(known["period_year"].max())
    shown = known[known["period_year"] == latest].rename(columns={"reason_name": "label"})
    counted = shown["municipalities_count"].dropna()
    behind = f" ({words.municipalities(counted.iloc[0])})" if len(counted) else ""
    st.header(f"Varför biståndet slutar, {latest}{behind}")
    ends = shown["denominator"].dropna()
    said = f"<b>{words.number(ends.iloc[0])}</b> bistånd bland vuxna slutade {latest}." if len(ends) else ""
    if latest < year:
        said += f" Det är det senaste året med känt slut och lämnade orsaker; {year} kan inte räknas än."
    st.html(f'<div class="bl-note">{said}</div>')
    definition = layout.definition_of(page, "exit_reason_share", "default")
    picture.show(
        charts.bars(
            shown[["label", "value", "value_status"]],
            "share",
            int(definition["decimals"]),
            row_height=36,
            label_width=24,
        ),
        f"{definition['indicator_name']}, {area['geography_name']} {latest}",
    )
    with st.expander("Avslutsorsakerna i tabell"):
        years = sorted(found["period_year"].unique(), reverse=True)
        table = pd.DataFrame({"Avslutsorsak": list(dict.fromkeys(found["reason_name"]))})
        for one in years:
            of = found[found["period_year"] == one].set_index("reason_name")
            table[str(one)] = [
                words.shown(
                    of.loc[name, "value"], of.loc[name, "value_status"], "share", int(definition["decimals"])
                )
                for name in table["Avslutsorsak"]
            ]
        layout.html_table(table, list(table.columns[1:]))
    layout.caption(page, definition, str(latest), with_caveats=False)


def _steps(page: layout.Page, area: pd.Series, year: int) -> None:
    """From which reason to which, between two months of aid."""
    found = queries.reason_steps(page.release, area["geography_id"], year)
    if found.empty:
        return
    st.header(f"Från hinder till hinder, {year}")
    known = found[found["adults_count"].notna() & (found["adults_count"] > 0)].head(MOST_STEPS)
    if known.empty:
        st.html(
            f'<div class="bl-note">Inget steg mellan två hinder togs av fler än {words.small_count()}, eller så är året inte levererat.</div>'
        )
        return
    layout.html_table(
        pd.DataFrame(
            {
                "Från": known["from_name"],
                "Till": known["to_name"],
                "Vuxna": [
                    words.shown(row.adults_count, row.value_status, "persons", 0)
                    for row in known.itertuples()
                ],
                "Av dem som kunde": [
                    words.shown(
                        row.transition_share,
                        "suppressed" if words.is_missing(row.transition_share) else row.value_status,
                        "share",
                        0,
                    )
                    for row in known.itertuples()
                ],
            }
        ),
        ["Vuxna", "Av dem som kunde"],
    )
    st.html(
        '<div class="bl-caption"><b>Definition:</b> vuxna som minst en gång under året hade ett hinder en månad och ett annat '
        "nästa månad med bistånd. En vuxen kan ta flera steg; de vanligaste visas. <b>Källa:</b> "
        f"{layout.escape(page.info['source_label'])}, uppgifter per {layout.escape(page.info['as_of'])}. "
        f"{layout.escape(layout.coverage_text(page, area, year))}</div>"
    )


page = layout.open_page()
st.title("Hur många börjar och slutar få bistånd?")
left, right = st.columns([3, 1])
with left:
    area = layout.choose_area(page)
values = queries.yearly_values(page.release, area["geography_id"])
values = values[values["indicator_id"].isin([name for name, _ in YEARLY])]
if values.empty:
    st.info("Det finns inga årsvärden för området ännu.")
    raise layout.NothingMore
with right:
    year, years = layout.choose_known_year(values)
st.header(layout.area_heading(page, area, year))
sentences.show(page, area, values, year, [sentences.FLOW])
styles.actions()
_yearly(page, values)
layout.reading_help(page)
_months(page, area)
_left(page, area)
back = layout.definition_of(page, "return_share_12m", "default")
returned = values[values["indicator_id"] == "return_share_12m"]
if (returned["value_status"] == "published").any():
    st.header("Tillbaka inom ett år")
    picture.show(
        charts.years_line(
            returned.rename(columns={"period_year": "year"}).assign(series=area["geography_name"]),
            "share",
            int(back["decimals"]),
            height=240,
        ),
        f"{back['indicator_name']}, {area['geography_name']}",
    )
    layout.caption(
        page,
        back,
        words.years_text(years[-1], years[0]),
        layout.coverage_text(page, area),
        with_caveats=False,
    )
_endings(page, area, year)
_steps(page, area, year)
