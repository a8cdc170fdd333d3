"""Långvarigt bistånd: level and trend, printed figures beside, other municipalities, sex, age and children."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import charts, colours, layout, opened, words

LONGTERM = "longterm_adults_share_recipients"
VERY_LONGTERM = "very_longterm_adults_share_recipients"
CHILDREN = "longterm_children_share_population"
ROLLING = "longterm_rolling12:default"
DURATION = "duration_share"


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
    """The trend class in words and colour, our own and the printed one where there is one."""
    found = _of(queries.trends(page.release, area["geography_id"]), definition)
    # a printed table with one year has no direction to speak of
    is_short = (found["series_source"] != "own") & (found["trend_class"] == "too_short")
    found = found[(found["breakdown"] == "total") & ~is_short.fillna(False)]
    parts = []
    for row in found.itertuples():
        symbol, word = words.trend(row.trend_class)
        ink, paper = colours.TONES[words.trend_tone(row.trend_class, definition["direction"])]
        years = (
            f" {words.years_text(int(row.first_year), int(row.last_year))}"
            if not words.is_missing(row.first_year) and not words.is_missing(row.trend_class)
            else ""
        )
        source = (
            "Egen serie"
            if row.series_source == "own"
            else f"Publicerat, {words.table_name(row.series_source)}"
        )
        parts.append(
            f'{source}: <span class="bl-trend" style="color:{ink};background:{paper}">{symbol} {word}{years}</span>'
        )
    if parts:
        st.html(f'<div class="bl-note">Riktning de tre senaste åren. {" &nbsp; ".join(parts)}</div>')


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
        f"<b>{year}:</b> {layout.escape(why)}"
        for year in one[one["value_status"] == "not_reported"]["period_year"]
        if (why := layout.why_not_computable(page, area, definition, int(year)))
    ]
    if lines:
        st.html(f'<div class="bl-note">{"<br>".join(lines)}</div>')


def _rolling(page: layout.Page, area: pd.Series) -> None:
    """Long-term aid month by month, over the twelve months up to each."""
    found = queries.monthly_values(page.release, area["geography_id"], LONGTERM, ROLLING)
    if found.empty:
        return
    st.subheader("Månad för månad")
    definition = layout.definition_of(page, LONGTERM, ROLLING)
    known = found[found["value_status"] == "published"]
    if len(known):
        last = known.iloc[-1]
        text = words.shown(last["value"], last["value_status"], "share", int(definition["decimals"]))
        st.html(
            f'<div><span class="bl-value">{text}</span> <span class="bl-note">de tolv månaderna till och med '
            f"{words.month_text(last['period'])} – {words.number(last['numerator'])} av "
            f"{words.number(last['denominator'])} vuxna biståndsmottagare</span></div>"
        )
    layout.show_chart(
        charts.months_line(found, "share", int(definition["decimals"])),
        f"{definition['indicator_name']}, rullande tolv månader, {area['geography_name']}",
    )
    period = f"{words.month_text(found['period'].iloc[0])}–{words.month_text(found['period'].iloc[-1])}"
    layout.caption(page, definition, period)
    opened.how_counted(definition, area["geography_id"], list(found["period"])[::-1])


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
    layout.show_chart(
        charts.bars(frame[["label", "value", "value_status"]], "share", int(definition["decimals"])),
        f"{definition['indicator_name']}, {area['geography_name']} {year}",
    )
    layout.caption(page, definition, str(year), layout.coverage_text(page, area, year))


def _level(
    page: layout.Page, area: pd.Series, values: pd.DataFrame, definition: pd.Series, window: int
) -> None:
    """Headline, line over the years with holes, printed marks, caption."""
    unit, decimals = definition["unit"], int(definition["decimals"])
    one = _of(values, definition)
    if one.empty:
        st.info("Måttet finns inte för området i den här utgåvan.")
        return
    known = one[one["value_status"].isin(["published", "suppressed"])]
    if len(known):
        last = known.iloc[-1]
        text = words.shown(last["value"], last["value_status"], unit, decimals)
        of = (
            f" – {words.number(last['numerator'])} av {words.number(last['denominator'])} vuxna biståndsmottagare"
            if last["value_status"] == "published"
            else ""
        )
        st.html(
            f'<div><span class="bl-value">{text}</span> <span class="bl-note">år {last["period_year"]}{of}</span></div>'
        )
    else:
        status = one["value_status"].iloc[-1]
        st.html(
            f'<div><span class="bl-value bl-word">{words.STATUS_WORDS.get(status, status)}</span> '
            f'<span class="bl-note">för alla år. {words.STATUS_EXPLANATIONS.get(status, "")}</span></div>'
        )
    _not_computable(page, area, one, definition)
    _trend_line(page, area, definition)
    frame = one.rename(columns={"period_year": "year"}).assign(series="Egen beräkning ur registret")
    printed = _printed(page, area, definition)
    first, last_year = int(frame["year"].min()), int(frame["year"].max())
    break_years = definition["published_break_years"]
    # our own series is counted in one way: the break is that of the published figures, where they are from before it
    break_after = None if words.is_missing(break_years) else int(str(break_years).split("/")[0])
    if printed.empty or break_after is None or int(printed["year"].min()) > break_after:
        break_after = None
    layout.show_chart(
        charts.years_line(frame, unit, decimals, printed, break_after),
        f"{definition['indicator_name']}, {area['geography_name']}, {first}–{last_year}",
    )
    layout.caption(
        page,
        definition,
        words.years_text(first, last_year),
        layout.coverage_text(page, area, None, window),
        bool(one["is_preliminary"].any()),
        bool(one["is_estimated"].any()),
        "Publicerade siffror är tryckta i rapporten och inte räknade här." if len(printed) else "",
    )
    opened.how_counted(
        definition, area["geography_id"], [str(year) for year in range(last_year, first - 1, -1)]
    )


def _compare(page: layout.Page, area: pd.Series, definitions: list[pd.Series], years: list[int]) -> None:
    """All delivering municipalities for one measure and year; a missing one keeps its row."""
    columns = st.columns([3, 1, 2, 2])
    names = {one["indicator_name"]: one for one in definitions}
    with columns[0]:
        definition = names[st.selectbox("Mått", list(names), key="jamfor_matt")]
    with columns[1]:
        year = st.selectbox("År", years, key="jamfor_ar")
    choices: dict[str, str | None] = {"Alla kommuner": None}
    if area["geography_type"] == "municipality":
        choices = {"Alla kommuner": None, "Samma län": "county_code", "Samma kommungrupp": "skr_group_code"}
    elif area["geography_type"] != "country":
        choices = {
            "Områdets kommuner": "county_code" if area["geography_type"] == "county" else "skr_group_code",
            "Alla kommuner": None,
        }
    with columns[2]:
        column = choices[st.selectbox("Jämför med", list(choices), key="jamfor_med")]
    with columns[3]:
        order = st.selectbox("Ordning", ["Kommunens namn", "Värdets storlek"], key="jamfor_ordning")
    found = queries.municipality_values(
        page.release, definition["indicator_id"], definition["definition_id"], year
    )
    if column is not None:
        # the code of a main group is the first letter of the codes of its groups
        length = len(area[column])
        found = found[found[column].str[:length] == area[column]]
    if order == "Värdets storlek":
        found = found.sort_values("value", ascending=False, na_position="last", kind="stable")
    unit, decimals = definition["unit"], int(definition["decimals"])
    is_one = area["geography_type"] == "municipality"
    frame = found.assign(
        label=found["geography_name"],
        is_chosen=(found["geography_id"] == area["geography_id"]) if is_one else True,
    )
    layout.show_chart(
        charts.bars(frame[["label", "value", "value_status", "is_chosen"]], unit, decimals),
        f"{definition['indicator_name']} {year}, kommun för kommun",
    )
    marked = f"{area['geography_name']} är mörkare. " if is_one else ""
    st.html(
        f'<div class="bl-note">{layout.escape(marked)}Skillnader mellan kommuner kan bero på befolkning, arbetsmarknad '
        "och hur man registrerar. Ordningen säger inget om vem som gör ett bättre arbete.</div>"
    )
    layout.caption(page, definition, str(year), with_caveats=False)
    export = layout.for_download(found).rename(
        columns={
            "geography_id": "kommunkod",
            "geography_name": "kommun",
            "value": "varde",
            "value_status": "status",
            "numerator": "taljare",
            "denominator": "namnare",
        }
    )
    layout.download(
        export.drop(columns=["county_code", "skr_group_code"]), f"jamforelse_{year}.csv", "ladda_jamforelse"
    )


def _by_sex(page: layout.Page, area: pd.Series, definition: pd.Series, window: int) -> None:
    found = queries.broken_down(
        page.release, area["geography_id"], definition["indicator_id"], definition["definition_id"], "sex"
    )
    if found.empty:
        return
    unit, decimals = definition["unit"], int(definition["decimals"])
    frame = found.rename(columns={"period_year": "year"}).assign(
        series=[words.SEX_WORDS.get(code, code) for code in found["group_code"]]
    )
    st.markdown(f"**{definition['indicator_name']}**")
    layout.show_chart(
        charts.years_line(frame, unit, decimals, height=240),
        f"{definition['indicator_name']} efter kön, {area['geography_name']}",
    )
    period = words.years_text(int(frame["year"].min()), int(frame["year"].max()))
    layout.caption(
        page, definition, period, layout.coverage_text(page, area, None, window), with_caveats=False
    )


def _by_age(page: layout.Page, area: pd.Series, definition: pd.Series, window: int, year: int) -> None:
    found = queries.broken_down(
        page.release, area["geography_id"], definition["indicator_id"], definition["definition_id"], "age"
    )
    # 18–24 and 18–29 overlap the finer bands and would count people twice in one picture
    found = found[(found["period_year"] == year) & ~found["group_code"].isin(["18-24", "18-29", "0-17"])]
    if found.empty:
        return
    unit, decimals = definition["unit"], int(definition["decimals"])
    frame = found.assign(
        label=[
            "65 år och äldre" if code == "65+" else f"{code.replace('-', '–')} år"
            for code in found["group_code"]
        ]
    )
    st.markdown(f"**{definition['indicator_name']}**")
    layout.show_chart(
        charts.bars(frame[["label", "value", "value_status"]], unit, decimals),
        f"{definition['indicator_name']} efter ålder, {area['geography_name']} {year}",
    )
    layout.caption(
        page, definition, str(year), layout.coverage_text(page, area, year, window), with_caveats=False
    )


page = layout.open_page()
st.title("Hur många har bistånd länge?")
area = layout.choose_area(page)
values = queries.yearly_values(page.release, area["geography_id"])
years = sorted((int(year) for year in values["period_year"].unique()), reverse=True)
if not years:
    st.info("Det finns inga årsvärden för området ännu; ett helt kalenderår måste vara levererat.")
    raise layout.NothingMore

st.subheader("Långvarigt bistånd")
longterm = layout.choose_definition(
    page, "Så räknas långvarigt", LONGTERM, "langvarigt", values["definition_id"]
)
_level(page, area, values, longterm, 1)
_difference_line(
    page,
    area,
    "municipality_method_differs",
    "De två sätten att räkna långvarigt ger olika svar för",
)

_rolling(page, area)

st.subheader("Mycket långvarigt bistånd")
very_longterm = layout.choose_definition(
    page, "Så räknas mycket långvarigt", VERY_LONGTERM, "mycket_langvarigt", values["definition_id"]
)
_level(page, area, values, very_longterm, 3)
_difference_line(
    page,
    area,
    "break_rule_differs",
    "De två sätten att räkna uppehåll ger olika svar för",
)
_difference_line(
    page,
    area,
    "very_longterm_not_longterm",
    "Mycket långvarigt men inte långvarigt bistånd samma år hade",
)

reported = values[values["value_status"].isin(["published", "suppressed"])]["period_year"]
year = int(reported.max()) if len(reported) else years[0]
_durations(page, area, year)

st.subheader("Kommun för kommun")
_compare(page, area, [longterm, very_longterm], years)

st.subheader("Kvinnor och män")
_by_sex(page, area, longterm, 1)
_by_sex(page, area, very_longterm, 3)
st.subheader(f"Efter ålder, {year}")
_by_age(page, area, longterm, 1, year)
_by_age(page, area, very_longterm, 3, year)

children = queries.indicators(page.release)
children = children[
    (children["indicator_id"] == CHILDREN) & (children["definition_id"] == longterm["definition_id"])
]
if len(children) and len(_of(values, children.iloc[0])):
    st.subheader("Barn i familjer med långvarigt bistånd")
    definition = children.iloc[0]
    one = _of(values, definition)
    frame = one.rename(columns={"period_year": "year"}).assign(series=area["geography_name"])
    layout.show_chart(
        charts.years_line(frame, definition["unit"], int(definition["decimals"])),
        f"{definition['indicator_name']}, {area['geography_name']}",
    )
    layout.caption(
        page,
        definition,
        words.years_text(years[-1], years[0]),
        layout.coverage_text(page, area),
        is_estimated=bool(one["is_estimated"].any()),
    )

st.subheader("Siffrorna i tabell")
shown_definitions = [longterm, very_longterm, *([children.iloc[0]] if len(children) else [])]
exports = []
for definition in shown_definitions:
    one = _of(values, definition)
    exports.append(one.assign(matt=definition["indicator_name"], definition=definition["definition_name"]))
    decimals = int(definition["decimals"])
    st.markdown(f"**{definition['indicator_name']}**")
    layout.html_table(
        pd.DataFrame(
            {
                "År": [str(row.period_year) for row in one.itertuples()],
                "Andel": [
                    words.shown(row.value, row.value_status, definition["unit"], decimals)
                    for row in one.itertuples()
                ],
                "Antal": [
                    words.shown(row.numerator, row.value_status, "persons", 0) for row in one.itertuples()
                ],
                "Av": [
                    words.shown(row.denominator, row.value_status, "persons", 0) for row in one.itertuples()
                ],
            }
        ),
        ["Andel", "Antal", "Av"],
    )
export = layout.for_download(pd.concat(exports))[
    ["matt", "definition", "period_year", "value", "numerator", "denominator", "value_status"]
].rename(
    columns={
        "period_year": "ar",
        "value": "andel",
        "numerator": "antal",
        "denominator": "av",
        "value_status": "status",
    }
)
layout.download(export, f"langvarigt_{area['geography_id'].replace(':', '_')}.csv", "ladda_langvarigt")
