"""A step after a marked change beside the spread of the same step among other municipalities: in words, as a table, as a chart."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards.components import charts, colours, tables, words

OWN, HALF, MEDIAN = "kommunen", "hälften av de andra kommunerna", "de andras median"


def share_step(value: object) -> str:
    """`+8 %`, `−5 %`, `oförändrat`; empty where there is none. `value` is 0–1."""
    if words.is_missing(value):
        return ""
    text = words.figure(float(str(value)), "share", 0)
    return "oförändrat" if words.reads_as_zero(text) else words.signed(text)


@charts.cached
def chart(frame: pd.DataFrame) -> charts.Chart:
    """A row per measure: the middle half of the others as a field, their median as a line, and the municipality as a point.
    `frame`: indicator_name, change_share, others_p25, others_median, others_p75 (null where not shown)."""
    drawn = frame.assign(
        label=[charts.wrapped(name) for name in frame["indicator_name"]],
        own=[share_step(value) for value in frame["change_share"]],
        half=[
            "" if words.is_missing(low) else f"{share_step(low)} till {share_step(high)}"
            for low, high in zip(frame["others_p25"], frame["others_p75"], strict=True)
        ],
        middle=[share_step(value) for value in frame["others_median"]],
        zero=0,
    )
    names = alt.Scale(domain=[OWN, HALF, MEDIAN], range=[colours.MAIN, colours.PALE, colours.INK])
    colour = alt.Color(
        "series:N", scale=names, legend=alt.Legend(symbolType="square", symbolStrokeWidth=0, symbolOpacity=1)
    )
    axis = alt.Axis(
        labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.0%')", tickCount=5, tickMinStep=0.01
    )
    y = alt.Y("label:N", sort=list(drawn["label"]), title=None, axis=alt.Axis(**charts.WRAPPED_LABELS))
    base = alt.Chart(drawn).encode(
        y=y,
        tooltip=[
            alt.Tooltip("indicator_name:N", title="Mått"), alt.Tooltip("own:N", title="Kommunen"),
            alt.Tooltip("half:N", title="Hälften av de andra"), alt.Tooltip("middle:N", title="De andras median"),
        ],
    )  # fmt: skip

    def part(name: str, column: str) -> alt.Chart:
        return base.transform_calculate(series=f"'{name}'").transform_filter(f"isValid(datum.{column})")

    field = part(HALF, "others_p25").mark_bar(height=22, opacity=0.55).encode(
        x=alt.X("others_p25:Q", title=None, axis=axis, scale=alt.Scale(padding=30)), x2="others_p75:Q", color=colour
    )  # fmt: skip
    median = (
        part(MEDIAN, "others_median")
        .mark_tick(thickness=3, size=30)
        .encode(x="others_median:Q", color=colour)
    )
    own = (
        part(OWN, "change_share")
        .mark_point(filled=True, size=150, opacity=1)
        .encode(x="change_share:Q", color=colour)
    )
    said = (
        part(OWN, "change_share")
        .mark_text(dy=-17, fontSize=13, color=colours.INK)
        .encode(x="change_share:Q", text="own:N")
    )
    zero = alt.Chart(drawn.head(1)).mark_rule(color=colours.QUIET, strokeDash=[4, 3]).encode(x="zero:Q")
    rows = [
        {
            "Mått": row.indicator_name,
            "Kommunen": row.own,
            "Hälften av de andra": row.half,
            "De andras median": row.middle,
        }
        for row in drawn.itertuples()
    ]
    return charts.finish(
        alt.layer(zero, field, median, own, said).properties(height=62 * len(drawn) + 100), rows
    )


def sentence(row: pd.Series) -> str:
    """What one measure did after the change, beside a year before and the others."""
    unit, decimals = row["unit"], int(row["decimals"])
    name = row["indicator_name"]
    if row["value_status"] != "published":
        return f"{name}: {words.status_word(row['value_status'], 'share')}."
    step = f" ({share_step(row['change_share'])})" if row["change_share_status"] == "published" else ""
    said = (
        f"{name}: <b>{words.figure(row['after_value'], unit, decimals)}</b>, mot {words.figure(row['before_value'], unit, decimals)} "
        f"samma månader året före{step}"
    )
    if row["others_status"] != "published":
        return f"{said}. För få andra kommuner har en siffra för att visa deras spridning."
    return (
        f"{said}. Bland {words.number(row['others_count'])} andra kommuner låg hälften mellan {share_step(row['others_p25'])} och "
        f"{share_step(row['others_p75'])}."
    )


def table(rows: pd.DataFrame) -> None:
    """The rows of one change as a table of the page."""
    shown = pd.DataFrame({"Mått": rows["indicator_name"]})
    shown["Månader"] = [
        "" if words.is_missing(row.first_period) else words.months_text(row.first_period, row.last_period)
        for row in rows.itertuples()
    ]
    for title, column in (("Året före", "before_value"), ("Efter", "after_value")):
        shown[title] = [
            words.figure(getattr(row, column), row.unit, int(row.decimals))
            if row.value_status == "published"
            # a sum of months is not within the band of one
            else words.status_word(row.value_status, "share")
            for row in rows.itertuples()
        ]
    shown["Förändring"] = [
        share_step(row.change_share) or words.status_word(row.change_share_status, "share")
        for row in rows.itertuples()
    ]
    shown["Andra, mittersta hälften"] = [
        f"{share_step(row.others_p25)} till {share_step(row.others_p75)}"
        if row.others_status == "published"
        else "för få kommuner"
        if row.others_status == "too_few_municipalities"
        else "ej rapporterat"
        for row in rows.itertuples()
    ]
    tables.html_table(shown, list(shown.columns[2:]))
