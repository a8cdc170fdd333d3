"""Översikt: how the area stands in its latest year, figure by figure, with change and trend."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import charts, colours, layout, opened, words
from orchestration.release.figure import KEY_FIGURES


def _card(definition: pd.Series, row: pd.Series | None, trend_row: pd.Series | None, why: str) -> str:
    """One key figure: name, value or status word, what it is a share of, step from the year before, trend."""
    unit, decimals = definition["unit"], int(definition["decimals"])
    status = "not_reported" if row is None else row["value_status"]
    text = words.shown(None if row is None else row["value"], status, unit, decimals)
    is_word = status != "published"
    of = ""
    if row is not None and not is_word and unit == "share":
        of = f"{words.number(row['numerator'])} av {words.number(row['denominator'])}"
    if is_word:
        of = layout.escape(
            why if status == "not_reported" and why else words.STATUS_EXPLANATIONS.get(status, "")
        )
    step = "" if is_word else _step(row, unit, decimals)
    trend = "" if trend_row is None else _trend(definition, trend_row)
    unseen = definition["unseen_months_text"]
    beside = (
        "" if is_word or words.is_missing(unseen) else f'<div class="bl-of">{layout.escape(unseen)}</div>'
    )
    return (
        f'<div class="bl-card"><div class="bl-name">{layout.escape(definition["indicator_name"])}</div>'
        f'<div class="bl-value{" bl-word" if is_word else ""}">{text}</div><div class="bl-of">{of}</div>'
        f'{beside}<div class="bl-step">{step}</div>{trend}</div>'
    )


def _step(row: pd.Series, unit: str, decimals: int) -> str:
    before = int(row["period_year"]) - 1
    if words.is_missing(row["previous_status"]):
        return f"{before}: ingen uppgift"
    if words.is_missing(row["change"]):
        return f"{before}: {words.STATUS_WORDS.get(row['previous_status'], 'saknas')}"
    return f"{words.change(row['change'], unit, decimals)} sedan {before}"


def _trend(definition: pd.Series, row: pd.Series) -> str:
    symbol, word = words.trend(row["trend_class"])
    ink, paper = colours.TONES[words.trend_tone(row["trend_class"], definition["direction"])]
    years = ""
    if not words.is_missing(row["first_year"]) and row["trend_class"] in ("up", "down", "none"):
        years = f" {words.years_text(int(row['first_year']), int(row['last_year']))}"
    return f'<div class="bl-trend" style="color:{ink};background:{paper}">{symbol} {word}{years}</div>'


def _first(frame: pd.DataFrame) -> pd.Series | None:
    return None if frame.empty else frame.iloc[0]


page = layout.open_page()
st.title("Hur ser det ekonomiska biståndet ut hos oss?")

left, right = st.columns([3, 1])
with left:
    area = layout.choose_area(page)
values = queries.yearly_values(page.release, area["geography_id"])
keyed = values.set_index(["indicator_id", "definition_id"]).sort_index()
wanted = [key for key in KEY_FIGURES if key in keyed.index]
if not wanted:
    st.info("Det finns inga årsvärden för området ännu; ett helt kalenderår måste vara levererat.")
    raise layout.NothingMore
years = sorted((int(year) for year in values["period_year"].unique()), reverse=True)
reported = values[values["value_status"].isin(["published", "suppressed"])]["period_year"]
latest = int(max(reported)) if len(reported) else years[0]
with right:
    year = layout.choose_year(years, latest)

coverage = " ".join(
    filter(None, (layout.coverage_text(page, area, year), layout.coverage_change(page, area, year)))
)
st.subheader(layout.area_heading(page, area, year))
if coverage:
    st.html(f'<div class="bl-note">{layout.escape(coverage)}</div>')

trends = queries.trends(page.release, area["geography_id"])
trends = trends[(trends["series_source"] == "own") & (trends["breakdown"] == "total")]
cards = []
for indicator_id, definition_id in wanted:
    definition = layout.definition_of(page, indicator_id, definition_id)
    one = values[(values["indicator_id"] == indicator_id) & (values["definition_id"] == definition_id)]
    row = _first(one[one["period_year"] == year])
    trend_row = _first(
        trends[
            (trends["indicator_id"] == indicator_id)
            & (trends["definition_id"] == definition_id)
            & (trends["last_year"] == year)
        ]
    )
    why = layout.why_not_computable(page, area, definition, year)
    cards.append(_card(definition, row, trend_row, why))
st.html(f'<div class="bl-cards">{"".join(cards)}</div>')

with st.expander("Så läser du"):
    st.markdown(
        "- Det stora talet gäller det valda året. Raden under säger hur många personer andelen bygger på.\n"
        "- *Sedan året före* är skillnaden mot året innan; för andelar i procentenheter.\n"
        "- Riktningen ser till de tre senaste åren: **↗ ökar** eller **↘ minskar** bara när inget år går åt andra "
        "hållet. Rosa betyder en ökning som inte är önskad, grönt en minskning av samma slag, gult att det inte finns "
        "någon tydlig riktning och grått att riktningen varken är bra eller dålig.\n"
        "- Ett ord i stället för ett tal betyder att talet inte finns: **ej rapporterat** (en månad är inte levererad, eller "
        "registret börjar senare), "
        f"**{words.small_count()}** eller **för få** (så få personer att de kan kännas igen), **saknas** eller **ej "
        "tillämpligt**. Det är aldrig noll.\n"
        "- En kurva visar vad som hänt, inte varför. Den visar inte effekten av en insats."
    )

st.subheader("Utveckling över åren")
names = {layout.definition_of(page, *key)["indicator_name"]: key for key in wanted}
default_name = list(names)[min(2, len(names) - 1)]
chosen = layout.remembered_choice("Visa", list(names), "nyckeltal", default_name)
indicator_id, definition_id = names[chosen]
definition = layout.definition_of(page, indicator_id, definition_id)
one = values[(values["indicator_id"] == indicator_id) & (values["definition_id"] == definition_id)]
unit, decimals = definition["unit"], int(definition["decimals"])
frame = one.rename(columns={"period_year": "year"}).assign(series=area["geography_name"])
layout.show_chart(
    charts.years_line(frame, unit, decimals),
    f"{chosen}, {area['geography_name']}, {words.years_text(int(frame['year'].min()), int(frame['year'].max()))}",
)
layout.caption(
    page,
    definition,
    words.years_text(int(frame["year"].min()), int(frame["year"].max())),
    layout.coverage_text(page, area, None, 3 if definition_id.startswith("very") else 1),
    bool(one["is_preliminary"].any()),
    bool(one["is_estimated"].any()),
)
opened.how_counted(definition, area["geography_id"], [str(year)])

st.subheader("Alla nyckeltal, år för år")
rows = []
for indicator_id, definition_id in wanted:
    definition = layout.definition_of(page, indicator_id, definition_id)
    one = values[(values["indicator_id"] == indicator_id) & (values["definition_id"] == definition_id)]
    shown = {
        str(row.period_year): words.shown(
            row.value, row.value_status, definition["unit"], int(definition["decimals"])
        )
        for row in one.itertuples()
    }
    rows.append({"Nyckeltal": definition["indicator_name"], **shown})
table = pd.DataFrame(rows)
layout.html_table(table, [column for column in table if column != "Nyckeltal"])
if begins := layout.register_begins(page, area):
    st.caption(begins)
raw = values.merge(
    queries.indicators(page.release)[["indicator_id", "definition_id", "indicator_name", "definition_name"]],
    on=["indicator_id", "definition_id"],
)
raw = raw[[key in wanted for key in zip(raw["indicator_id"], raw["definition_id"], strict=True)]]
export = layout.for_download(raw)[
    [
        *("indicator_name", "definition_name", "period_year", "value", "numerator", "denominator"),
        *("unit", "value_status"),
    ]
].rename(
    columns={
        "indicator_name": "nyckeltal",
        "definition_name": "definition",
        "period_year": "ar",
        "value": "varde",
        "numerator": "taljare",
        "denominator": "namnare",
        "unit": "enhet",
        "value_status": "status",
    }
)
opened.workbook_button(area)
layout.download(export, f"oversikt_{area['geography_id'].replace(':', '_')}.csv", "ladda_oversikt")
