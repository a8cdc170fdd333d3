"""Långvarigt: how many have aid long, which way it goes, the latest twelve months, women and men, ages; other ways to count
folded away."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import (
    blocks,
    cards,
    charts,
    colours,
    layout,
    opened,
    picture,
    sentences,
    styles,
    words,
)

LONGTERM = "longterm_adults_share_recipients"
VERY_LONGTERM = "very_longterm_adults_share_recipients"
OFFICIAL = {LONGTERM: "longterm:person_wide", VERY_LONGTERM: "very_longterm:interior"}
ROLLING = "longterm_rolling12:default"
DURATION = "duration_share"
# they lie over other bands
WIDE_BANDS = ["18-19", "20-24", "18-29", "0-17"]


def _of(values: pd.DataFrame, definition: pd.Series) -> pd.DataFrame:
    """The rows of one indicator and definition."""
    return values[
        (values["indicator_id"] == definition["indicator_id"])
        & (values["definition_id"] == definition["definition_id"])
    ]


def _printed(page: layout.Page, area: pd.Series, definition: pd.Series) -> pd.DataFrame:
    """Printed figures of this measure as marks: year, value, series."""
    found = _of(queries.printed_values(page.release, area["geography_id"]), definition)
    found = found[found["value_status"] == "published"]
    return pd.DataFrame(
        {
            "year": found["period_year"],
            "value": found["value"],
            "series": layout.printed_names(found),
        }
    )


def _trend_line(page: layout.Page, area: pd.Series, definition: pd.Series) -> None:
    """The trend class of our own series, in words and colour."""
    found = _of(queries.trends(page.release, area["geography_id"]), definition)
    found = found[(found["breakdown"] == "total") & (found["series_source"] == "own")]
    for row in found.itertuples():
        symbol, word = words.trend(row.trend_class)
        ink, paper = colours.TONES[words.trend_tone(row.trend_class, definition["direction"])]
        is_known = not words.is_missing(row.first_year) and not words.is_missing(row.trend_class)
        years = f" {words.years_text(int(row.first_year), int(row.last_year))}" if is_known else ""
        st.html(
            '<div class="bl-note">Riktning de tre senaste åren: '
            f'<span class="bl-trend" style="color:{ink};background:{paper}">{symbol} {word}{years}</span></div>'
        )


def _difference_line(page: layout.Page, area: pd.Series, difference: str, start: str) -> None:
    """How many persons the choice of definition concerns, in the latest year where it is known."""
    found = queries.definition_differences(page.release, area["geography_id"])
    found = found[found[f"{difference}_status"] == "published"]
    if found.empty:
        return
    row = found.iloc[-1]
    count = words.shown(row[f"{difference}_count"], row[f"{difference}_status"], "persons", 0)
    noun = "person" if count == "1" else "personer"
    st.html(f'<div class="bl-note">{start} <b>{count} {noun}</b> år {row["period_year"]}.</div>')


def _not_computable(page: layout.Page, area: pd.Series, one: pd.DataFrame, definition: pd.Series) -> None:
    """For each year without a figure, the months that are missing."""
    lines = [
        f"<b>{layout.escape(definition['indicator_name'])} {year}:</b> {layout.escape(why)}"
        for year in one[one["value_status"] == "not_reported"]["period_year"]
        if (why := layout.why_not_computable(page, area, definition, int(year)))
    ]
    if lines:
        st.html(f'<div class="bl-note">{"<br>".join(lines)}</div>')


def _durations(page: layout.Page, area: pd.Series, year: int) -> None:
    """How many months of the year the adults had aid."""
    found = queries.broken_down(page.release, area["geography_id"], DURATION, "default", "duration")
    found = found[found["period_year"] == year]
    if found.empty:
        return
    st.subheader(f"Så många månader hade de vuxna bistånd, {year}")
    definition = layout.definition_of(page, DURATION, "default")
    order = sorted(found["group_code"], key=lambda code: int(code.split("-")[0]))
    frame = found.set_index("group_code").loc[order].reset_index()
    frame = frame.assign(label=[f"{code.replace('-', '–')} månader" for code in frame["group_code"]])
    picture.show(
        charts.bars(frame[["label", "value", "value_status"]], "share", int(definition["decimals"])),
        f"{definition['indicator_name']}, {area['geography_name']} {year}",
    )
    layout.caption(page, definition, str(year), layout.coverage_text(page, area, year))


def _level(page: layout.Page, area: pd.Series, values: pd.DataFrame, definition: pd.Series) -> None:
    """A small line over the years, what cannot be counted and why, and the direction in words."""
    unit, decimals = definition["unit"], int(definition["decimals"])
    one = _of(values, definition)
    if one.empty:
        st.info("Måttet finns inte för området i den här utgåvan.")
        return
    frame = one.rename(columns={"period_year": "year"}).assign(series="Egen beräkning ur registret")
    first, last = int(frame["year"].min()), int(frame["year"].max())
    picture.show(
        charts.years_line(frame, unit, decimals, height=230),
        f"{definition['indicator_name']}, {area['geography_name']}, {words.years_text(first, last)}",
    )
    _trend_line(page, area, definition)


def _rolling(page: layout.Page, area: pd.Series) -> None:
    """Long-term aid month by month, over the twelve months up to each."""
    found = queries.monthly_values(page.release, area["geography_id"], LONGTERM, ROLLING)
    if found.empty:
        return
    st.header("De senaste tolv månaderna, månad för månad")
    definition = layout.definition_of(page, LONGTERM, ROLLING)
    known = found[found["value_status"] == "published"]
    if len(known):
        last = known.iloc[-1]
        text = words.shown(last["value"], last["value_status"], "share", int(definition["decimals"]))
        st.html(
            f'<div class="bl-note"><b>{text}</b> de tolv månaderna till och med {words.month_text(last["period"])}: '
            f"{words.number(last['numerator'])} av {words.number(last['denominator'])} vuxna biståndsmottagare.</div>"
        )
    picture.show(
        charts.months_line(found, "share", int(definition["decimals"]), height=190),
        f"{definition['indicator_name']}, rullande tolv månader, {area['geography_name']}",
    )
    opened.how_counted(definition, area["geography_id"], list(found["period"])[::-1])


def _by_sex(page: layout.Page, area: pd.Series, definition: pd.Series) -> None:
    key = (definition["indicator_id"], definition["definition_id"])
    found = queries.broken_down(page.release, area["geography_id"], *key, "sex")
    if found.empty:
        return
    frame = found.rename(columns={"period_year": "year"}).assign(
        series=[words.SEX_WORDS.get(code, code) for code in found["group_code"]]
    )
    st.header("Kvinnor och män")
    picture.show(
        charts.years_line(frame, definition["unit"], int(definition["decimals"]), height=200),
        f"{definition['indicator_name']} efter kön, {area['geography_name']}",
    )


def _by_age(page: layout.Page, area: pd.Series, definition: pd.Series) -> None:
    key = (definition["indicator_id"], definition["definition_id"])
    found = queries.broken_down(page.release, area["geography_id"], *key, "age")
    found = found[~found["group_code"].isin(WIDE_BANDS)]
    if found.empty:
        return
    names = queries.breakdowns(page.release)
    names = names[names["dimension_id"] == "age"].set_index("value_code")["value_name"]
    frame = found.rename(columns={"period_year": "year"}).assign(
        label=[names.get(code, code) for code in found["group_code"]]
    )
    st.header("Åldrar")
    st.html(
        cards.multiples(frame, definition["indicator_name"], definition["unit"], int(definition["decimals"]))
    )


def _groups_table(page: layout.Page, area: pd.Series, definition: pd.Series) -> None:
    """The figures behind the pictures of sex and age."""
    key = (definition["indicator_id"], definition["definition_id"])
    names = queries.breakdowns(page.release)
    by_code = dict(zip(names["value_code"], names["value_name"], strict=True))
    parts = [queries.broken_down(page.release, area["geography_id"], *key, by) for by in ("sex", "age")]
    found = pd.concat([part[~part["group_code"].isin(WIDE_BANDS)] for part in parts])
    if found.empty:
        return
    found = found.assign(
        label=[words.SEX_WORDS.get(code, by_code.get(code, code)) for code in found["group_code"]],
        shown=charts.shown(found, definition["unit"], int(definition["decimals"])),
    )
    table = found.pivot(index="label", columns="period_year", values="shown")
    table = table.loc[list(dict.fromkeys(found["label"]))]
    table.columns = [str(year) for year in table.columns]
    layout.html_table(table.reset_index(names="Långvarigt bistånd, andel"), list(table.columns))


def _other_ways(page: layout.Page, area: pd.Series, values: pd.DataFrame, year: int) -> None:
    """The definitions side by side, with printed figures beside, whom they differ on, and months of the year."""
    for indicator_id in OFFICIAL:
        found = queries.indicators(page.release)
        for _, definition in found[found["indicator_id"] == indicator_id].iterrows():
            one = _of(values, definition)
            if one.empty:
                continue
            st.subheader(definition["definition_name"])
            frame = one.rename(columns={"period_year": "year"}).assign(series="Egen beräkning ur registret")
            printed = _printed(page, area, definition)
            break_years = definition["published_break_years"]
            # our own series is counted in one way: the break is that of the published figures, where they are from before it
            break_after = None if words.is_missing(break_years) else int(str(break_years).split("/")[0])
            if printed.empty or break_after is None or int(printed["year"].min()) > break_after:
                break_after = None
            picture.show(
                charts.years_line(
                    frame, definition["unit"], int(definition["decimals"]), printed, break_after, height=220
                ),
                f"{definition['indicator_name']}, {definition['definition_name']}, {area['geography_name']}",
            )
            period = words.years_text(int(frame["year"].min()), int(frame["year"].max()))
            layout.caption(page, definition, period, layout.coverage_text(page, area), with_caveats=False)
    for difference, start in (
        ("municipality_method_differs", "De två sätten att räkna långvarigt ger olika svar för"),
        ("break_rule_differs", "De två sätten att räkna uppehåll ger olika svar för"),
        ("very_longterm_not_longterm", "Mycket långvarigt men inte långvarigt bistånd samma år hade"),
    ):
        _difference_line(page, area, difference, start)
    _durations(page, area, year)


page = layout.open_page()
st.title("Hur många har bistånd länge?")
left, right = st.columns([3, 1])
with left:
    area = layout.choose_area(page)
values = queries.yearly_values(page.release, area["geography_id"])
if values.empty:
    st.info("Det finns inga årsvärden för området ännu; ett helt kalenderår måste vara levererat.")
    raise layout.NothingMore
with right:
    year, years = layout.choose_known_year(values)
longterm, very_longterm = (layout.definition_of(page, *key) for key in OFFICIAL.items())

st.header(layout.area_heading(page, area, year))
sentences.show(page, area, values, year, [sentences.LONGTERM])
styles.actions()
left, right = st.columns(2)
with left:
    st.header("Långvarigt bistånd")
    _level(page, area, values, longterm)
with right:
    st.header("Mycket långvarigt bistånd")
    _level(page, area, values, very_longterm)
_rolling(page, area)
left, right = st.columns(2)
with left:
    _by_sex(page, area, longterm)
with right:
    _by_age(page, area, longterm)

with st.expander("Kvinnor, män och åldrar i tabell"):
    _groups_table(page, area, longterm)

st.header("Siffrorna i tabell")
keys = [
    (indicator_id.replace("_share_recipients", ""), definition_id)
    for indicator_id, definition_id in OFFICIAL.items()
]
keys = [*keys, *OFFICIAL.items()]
blocks.measure_table(page, values, keys)
layout.caption(
    page, longterm, words.years_text(years[-1], years[0]), layout.coverage_text(page, area, None, 3),
    also=f"Mycket långvarigt: {very_longterm['definition_text']}",
)  # fmt: skip
for definition in (longterm, very_longterm):
    _not_computable(page, area, _of(values, definition), definition)
opened.how_counted(longterm, area["geography_id"], [str(one) for one in years])
with st.expander(
    "Andra sätt att räkna, och publicerade siffror bredvid", key="andra_satt", on_change="rerun"
) as others:
    if others.open:
        _other_ways(page, area, values, year)
blocks.download(page, area, values, keys, "langvarigt")
