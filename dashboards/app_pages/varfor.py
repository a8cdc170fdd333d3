"""Försörjningshinder: why people need aid, over the years, with and without long-term aid, women and men."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import charts, layout, opened, picture, words

INDICATOR = "reason_share"
DURATION_WORDS = {"longterm": "Långvarigt bistånd", "not_longterm": "Inte långvarigt bistånd"}


def _denominator(frame: pd.DataFrame) -> str:
    """How many adults the shares are of, or the word that says why it is not known."""
    known = frame["adults_with_reason_count"].dropna()
    if len(known):
        return words.number(known.iloc[0])
    return words.STATUS_WORDS.get(frame["value_status"].iloc[0], "saknas")


def _for_chart(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(label=frame["reason_name"], value=frame["reason_share"])


def _pair(frame: pd.DataFrame, column: str, names: dict[str, str]) -> pd.DataFrame:
    """Two groups beside each other, each named with its own denominator."""
    titles = {
        code: f"{name} ({_denominator(frame[frame[column] == code])} vuxna)"
        for code, name in names.items()
        if (frame[column] == code).any()
    }
    found = _for_chart(frame[frame[column].isin(titles)])
    return found.assign(series=[titles[code] for code in found[column]]).sort_values(
        ["series"],
        key=lambda series: series.map({title: i for i, title in enumerate(titles.values())}),
        kind="stable",
    )


page = layout.open_page()
st.title("Varför behöver människor bistånd?")
left, middle, right = st.columns([3, 3, 1])
with left:
    area = layout.choose_area(page)
with middle:
    definition = layout.choose_definition(
        page, "Så väljs personens hinder", INDICATOR, "hinder", queries.reason_definitions(page.release)
    )
found = queries.reasons(page.release, area["geography_id"], definition["definition_id"])
if found.empty:
    st.info("Det finns inga uppgifter om försörjningshinder för området i den här utgåvan.")
    raise layout.NothingMore
with right:
    year, years = layout.choose_known_year(found)

decimals = int(definition["decimals"])
coverage = layout.coverage_text(page, area, year)
everyone = found[(found["sex"] == "all") & (found["duration"] == "all")]
this_year = everyone[everyone["period_year"] == year]

st.header(layout.area_heading(page, area, year))
unknown = this_year[this_year["reason"] == "uppgift_saknas"].iloc[0]
st.html(
    f'<div class="bl-note"><b>{_denominator(this_year)}</b> vuxna är klassade efter försörjningshinder. '
    "För "
    f"<b>{words.shown(unknown['reason_share'], unknown['value_status'], 'share', decimals)}</b> av dem står "
    f"uppgift saknas. {layout.escape(coverage)}</div>"
)
by_size = this_year.sort_values("reason_share", ascending=False, na_position="last", kind="stable")
picture.show(
    charts.bars(_for_chart(by_size)[["label", "value", "value_status"]], "share", decimals, row_height=34),
    f"Försörjningshinder, andel av klassade vuxna, {area['geography_name']} {year}",
)
layout.caption(page, definition, str(year), coverage)
opened.how_counted(
    definition,
    area["geography_id"],
    [str(year)],
    {row.reason_name: f"reason={row.reason}" for row in this_year.itertuples()},
)

st.header("Över åren")
largest = list(this_year.sort_values("reason_share", ascending=False, na_position="last")["reason_name"][:3])
chosen = st.multiselect(
    "Försörjningshinder i diagrammet (högst fem)",
    list(this_year["reason_name"]),
    default=largest,
    max_selections=5,
    key="hinder_over_tid",
    placeholder="Välj försörjningshinder",
)
if chosen:
    lines = _for_chart(everyone[everyone["reason_name"].isin(chosen)]).rename(
        columns={"period_year": "year", "reason_name": "series"}
    )
    picture.show(
        charts.years_line(lines, "share", decimals),
        f"Försörjningshinder över åren, {area['geography_name']}: {', '.join(chosen)}",
    )
st.subheader("Alla försörjningshinder, procent av klassade vuxna")
grid = _for_chart(everyone).rename(columns={"period_year": "year"})
picture.show(
    charts.years_grid(grid, "share", decimals),
    f"Andel med varje försörjningshinder och år, {area['geography_name']}",
)
layout.caption(
    page,
    definition,
    words.years_text(years[-1], years[0]),
    layout.coverage_text(page, area),
    with_caveats=False,
)

durations = found[(found["sex"] == "all") & (found["period_year"] == year)]
if durations["duration"].isin(DURATION_WORDS).any():
    st.header(f"Med och utan långvarigt bistånd, {year}")
    picture.show(
        charts.paired_bars(_pair(durations, "duration", DURATION_WORDS), "share", decimals),
        f"Försörjningshinder bland vuxna med och utan långvarigt bistånd, {area['geography_name']} {year}",
    )
    layout.caption(
        page,
        definition,
        str(year),
        coverage,
        also="Andelarna är av de vuxna i varje grupp.",
        with_caveats=False,
    )

st.header(f"Kvinnor och män, {year}")
sexes = found[(found["duration"] == "all") & (found["period_year"] == year)]
picture.show(
    charts.paired_bars(_pair(sexes, "sex", words.SEX_WORDS), "share", decimals),
    f"Försörjningshinder bland kvinnor och män, {area['geography_name']} {year}",
)
layout.caption(
    page, definition, str(year), coverage, also="Andelarna är av de vuxna i varje grupp.", with_caveats=False
)

signals = everyone[everyone["reason"].isin(["uppgift_saknas", "okand_kod"])]
st.header("Hur väl hindren registreras")
picture.show(
    charts.years_line(
        _for_chart(signals)
        .rename(columns={"period_year": "year", "reason_name": "series"})
        .sort_values(["series", "year"]),
        "share",
        decimals,
        height=200,
    ),
    f"Andel av vuxna utan känt försörjningshinder, {area['geography_name']}: uppgift saknas och okänd kod över åren",
)
st.html(
    '<div class="bl-note">Stiger linjerna har registreringen blivit sämre, och de andra hindrens andelar betyder mindre.</div>'
)

st.header("Siffrorna i tabell")


def _column(sex: str, duration: str, column: str, unit: str) -> list[str]:
    rows = found[
        (found["sex"] == sex) & (found["duration"] == duration) & (found["period_year"] == year)
    ].set_index("reason")
    return [
        words.shown(
            rows.loc[reason, column],
            rows.loc[reason, "value_status"],
            unit,
            decimals if unit == "share" else 0,
        )
        if reason in rows.index
        else "saknas"
        for reason in this_year["reason"]
    ]


table = pd.DataFrame(
    {
        "Försörjningshinder": this_year["reason_name"],
        "Antal": _column("all", "all", "adults_count", "persons"),
        "Andel": _column("all", "all", "reason_share", "share"),
        "Sedan året före": [words.change(change, "share", decimals) for change in this_year["change"]],
        "Kvinnor": _column("K", "all", "reason_share", "share"),
        "Män": _column("M", "all", "reason_share", "share"),
        "Långvarigt": _column("all", "longterm", "reason_share", "share"),
        "Inte långvarigt": _column("all", "not_longterm", "reason_share", "share"),
    }
)
if definition["definition_id"] == "reason:any":
    table = table.drop(columns=["Långvarigt", "Inte långvarigt"])
layout.html_table(table, list(table.columns[1:]))
export = layout.for_download(found).rename(
    columns={
        "period_year": "ar",
        "reason": "kod",
        "reason_name": "forsorjningshinder",
        "sex": "kon",
        "duration": "varaktighet",
        "value_status": "status",
        "adults_count": "antal",
        "adults_with_reason_count": "klassade_vuxna",
        "change": "andel_sedan_aret_fore",
        "reason_share": "andel",
    }
)
export["kon"] = export["kon"].replace({"all": "alla"})
export["varaktighet"] = export["varaktighet"].replace(
    {"all": "alla", "longterm": "långvarigt", "not_longterm": "inte långvarigt"}
)
layout.download(
    export, f"forsorjningshinder_{area['geography_id'].replace(':', '_')}.csv", "ladda_forsorjningshinder"
)
