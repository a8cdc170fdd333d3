"""Pictures in Altair: Swedish numbers, visible holes for years without a value, nothing fetched from outside.

Every function takes a frame with `value` (share 0–1) and `value_status`, and draws a word where there is no value. What it
gives holds the same in text, for a table and for those who do not see the picture.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import pandas as pd
import streamlit as st
from altair.utils import schemapi

from dashboards.components import colours, words
from orchestration.release import wording

alt.data_transformers.disable_max_rows()
alt.theme.enable("none")
# what is drawn is tried by the tests; to try it for each reader takes longer than all else that a page does
schemapi.disable_debug_mode()
# a picture is made once for what it shows; not for what may have so many rows that Streamlit looks at some of them only
cached = st.cache_data(show_spinner=False, max_entries=400)

# besides the colour, so that series are told apart without it
SERIES_SHAPES = ["circle", "square", "triangle-up", "cross", "triangle-down"]
SWEDISH = {"number": wording.VEGA_NUMBERS}
FONT = "Source Sans, Source Sans Pro, sans-serif"
# a label on two lines is lifted half a line, so that it stands in the middle of its row
WRAPPED_LABELS: dict[str, Any] = {
    "labelExpr": "split(datum.label, '\\n')",
    "labelOffset": {"condition": {"test": "indexof(datum.label, '\\n') >= 0", "value": -8}, "value": 0},
    "labelPadding": 6,
    "ticks": False,
    "domain": False,
}


class Chart(NamedTuple):
    """A picture (Vega-Lite), and its content in text: a dict per row, with what the row is first."""

    spec: dict[str, Any]
    rows: list[dict[str, str]]


def finish(chart: alt.TopLevelMixin, rows: list[dict[str, str]]) -> Chart:
    """The common look: quiet grid, readable text, Swedish locale."""
    looked = (
        # drawn as SVG, where a colour follows the theme of the page
        chart.properties(usermeta={"embedOptions": {"renderer": "svg"}})
        .configure(font=FONT, locale=SWEDISH, background="transparent")
        .configure_view(stroke=None)
        # its parts say nothing to those who listen: the picture as a whole does
        .configure_mark(aria=False)
        .configure_axis(
            aria=False,
            labelColor=colours.INK,
            titleColor=colours.QUIET,
            labelFontSize=13,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=colours.GRID,
            domainColor=colours.GRID,
            tickColor=colours.GRID,
            labelLimit=400,
        )
        .configure_legend(
            aria=False,
            labelColor=colours.INK,
            labelFontSize=13,
            labelLimit=330,
            symbolStrokeWidth=3,
            title=None,
            orient="top",
            direction="vertical",
            offset=4,
        )
    )
    return Chart(looked.to_dict(validate=False), rows)


def rows_of(
    name: str, labels: Sequence[Any], series: Sequence[str], texts: Sequence[str]
) -> list[dict[str, str]]:
    """The content of a chart: a row per label, a column per series, in the order that they come."""
    columns = dict.fromkeys(series)
    found: dict[str, dict[str, str]] = {}
    for label, one, text in zip(labels, series, texts, strict=True):
        found.setdefault(str(label), {name: str(label), **dict.fromkeys(columns, "")})[one] = text
    return list(found.values())


def value_axis(unit: str, ticks: int) -> alt.Axis:
    """The axis of a measure in whole per cent or whole numbers: no two ticks may read the same."""
    if unit == "sek":
        millions = (
            "datum.value >= 1e6 ? format(datum.value / 1e6, ',.0f') + ' milj.' : format(datum.value, ',.0f')"
        )
        return alt.Axis(labelExpr=millions, tickCount=ticks, tickMinStep=1)
    is_share = unit == "share"
    return alt.Axis(
        format=".0%" if is_share else ",.0f", tickCount=ticks, tickMinStep=0.01 if is_share else 1
    )


def axis_title(unit: str) -> str | None:
    """What is counted, above the axis; None where the ticks say it."""
    return {
        "share": None,
        "sek": "kronor",
        "sek_per_household": "kronor per hushåll",
        "sek_per_inhabitant": "kronor per invånare",
        "households": "hushåll",
        "months": "månader",
    }.get(unit, "personer")


def _hole_labels(frame: pd.DataFrame, unit: str) -> pd.DataFrame:
    """One row per year where a series lacks a value: which word stands there, and for which series."""
    missing = frame[frame["value_status"] != "published"]
    labels = []
    series_count = frame["series"].nunique()
    for year, rows in missing.groupby("year"):
        statuses = rows["value_status"].unique()
        text = [
            part
            for status in statuses
            for part in words.status_word(status, unit).replace(" ", "\n", 1).split("\n")
        ]
        labels.append({"year": year, "text": "\n".join(text), "is_whole": len(rows) == series_count})
    return pd.DataFrame(labels, columns=["year", "text", "is_whole"])


@cached
def years_line(
    frame: pd.DataFrame,
    unit: str,
    decimals: int,
    printed: pd.DataFrame | None = None,
    break_after: int | None = None,
    height: int = 300,
) -> Chart:
    """Lines over years. `frame`: year, series, value, value_status; `printed`: year, value, series (table name).

    A year without a value breaks the line and gets a grey field with the word that says why. `break_after` marks a
    change of method between that year and the next.
    """
    drawn = frame.assign(shown=shown(frame, unit, decimals))
    order = list(dict.fromkeys(drawn["series"]))
    names = order + (sorted(printed["series"].unique()) if printed is not None and len(printed) else [])
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(
            domain=names,
            range=[*colours.SERIES[: len(order)], *[colours.PRINTED] * (len(names) - len(order))],
        ),
        legend=None if len(names) == 1 else alt.Legend(),
    )
    shape = alt.Shape(
        "series:N",
        scale=alt.Scale(
            domain=names, range=[*SERIES_SHAPES[: len(order)], *["diamond"] * (len(names) - len(order))]
        ),
        legend=None if len(names) == 1 else alt.Legend(),
    )
    known = list(drawn["value"]) + (list(printed["value"]) if printed is not None else [])
    top = words.rounded_axis_top(known)
    first, last = int(drawn["year"].min()), int(drawn["year"].max())
    scale = alt.Scale(domain=[first - 0.5, last + 0.5], nice=False)
    x = alt.X(
        "year:Q",
        title=None,
        scale=scale,
        axis=alt.Axis(values=list(range(first, last + 1)), format="d", grid=False),
    )
    y = alt.Y(
        "value:Q",
        title=axis_title(unit),
        scale=alt.Scale(domain=[0, top], nice=True),
        axis=value_axis(unit, 5),
    )
    tooltip = [
        alt.Tooltip("series:N", title="Serie"),
        alt.Tooltip("year:Q", title="År", format="d"),
        alt.Tooltip("shown:N", title="Värde"),
    ]
    layers = _holes(_hole_labels(frame, unit), x, y, scale)
    base = alt.Chart(drawn).encode(x=x, y=y, color=colour, tooltip=tooltip)
    # a null breaks the line: what is not there is never drawn through
    layers.append(base.mark_line(strokeWidth=2.5, invalid="break-paths-show-domains"))
    present = base.transform_filter("isValid(datum.value)")
    layers.append(present.mark_point(filled=True, size=70, opacity=1).encode(shape=shape))
    if len(order) == 1:
        layers.append(
            present.mark_text(dy=-13, fontSize=13, color=colours.INK).encode(
                text="shown:N", color=alt.value(colours.INK)
            )
        )
    if printed is not None and len(printed):
        layers.append(
            _printed_marks(printed, unit, decimals, tooltip).encode(x=x, y=y, color=colour, shape=shape)
        )
    if break_after is not None and first <= break_after < last:
        layers += _break_line(break_after)
        # the height holds axes and legend too
    by_year = drawn.sort_values("year", kind="stable")
    years, series, texts = list(by_year["year"]), list(by_year["series"]), list(by_year["shown"])
    if printed is not None and len(printed):
        years += list(printed["year"])
        series += list(printed["series"])
        texts += [words.figure(value, unit, decimals) for value in printed["value"]]
    return finish(
        alt.layer(*layers).properties(height=height + (24 * len(names) if len(names) > 1 else 0)),
        rows_of("År", years, series, texts),
    )


@cached
def months_line(frame: pd.DataFrame, unit: str, decimals: int, height: int = 260) -> Chart:
    """A line over months. `frame`: period (`2019-07`), value, value_status; a month without a value breaks the line."""
    drawn = frame.assign(
        month=pd.to_datetime(frame["period"] + "-01"),
        name=[words.month_text(period) for period in frame["period"]],
        shown=shown(frame, unit, decimals),
    )
    base = alt.Chart(drawn).encode(
        x=alt.X("month:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False)),
        y=alt.Y(
            "value:Q",
            title=axis_title(unit),
            scale=alt.Scale(domain=[0, words.rounded_axis_top(list(drawn["value"]))], nice=True),
            axis=value_axis(unit, 5),
        ),
        tooltip=[alt.Tooltip("name:N", title="Månad"), alt.Tooltip("shown:N", title="Värde")],
    )
    line = base.mark_line(strokeWidth=2.5, color=colours.SERIES[0], invalid="break-paths-show-domains")
    points = base.transform_filter("isValid(datum.value)").mark_point(
        filled=True, size=28, opacity=1, color=colours.SERIES[0]
    )
    return finish(
        alt.layer(line, points).properties(height=height),
        rows_of("Månad", drawn["name"], ["Värde"] * len(drawn), drawn["shown"]),
    )


def shown(frame: pd.DataFrame, unit: str, decimals: int) -> list[str]:
    """Each row's value, or the word that says why there is none."""
    return [
        words.shown(value, status, unit, decimals)
        for value, status in zip(frame["value"], frame["value_status"], strict=True)
    ]


def _holes(labels: pd.DataFrame, x: alt.X, y: alt.Y, scale: alt.Scale) -> list[alt.Chart]:
    if labels.empty:
        return []
    lines = max(text.count("\n") + 1 for text in labels["text"])
    fields = labels.assign(left=labels["year"] - 0.46, right=labels["year"] + 0.46, value=0.0)
    whole = (
        alt.Chart(fields)
        .transform_filter("datum.is_whole")
        .mark_rect(color=colours.HOLE)
        .encode(x=alt.X("left:Q", scale=scale, title=None), x2="right:Q")
    )
    text = (
        alt.Chart(fields)
        .mark_text(
            color=colours.QUIET,
            fontSize=12,
            baseline="bottom",
            lineBreak="\n",
            lineHeight=14,
            dy=8 - 14 * lines,
        )
        .encode(x=x, y=y, text="text:N")
    )
    return [whole, text]


def _printed_marks(printed: pd.DataFrame, unit: str, decimals: int, tooltip: list) -> alt.Chart:
    frame = printed.assign(shown=[words.figure(value, unit, decimals) for value in printed["value"]])
    return (
        alt.Chart(frame).mark_point(size=170, filled=False, strokeWidth=2, opacity=1).encode(tooltip=tooltip)
    )


def _break_line(break_after: int) -> list[alt.Chart]:
    frame = pd.DataFrame({"year": [break_after + 0.5], "text": ["ny metod i den officiella statistiken →"]})
    rule = alt.Chart(frame).mark_rule(color=colours.QUIET, strokeDash=[4, 4]).encode(x="year:Q")
    text = (
        alt.Chart(frame)
        .mark_text(align="left", dx=5, fontSize=11, color=colours.QUIET, baseline="top")
        .encode(x="year:Q", y=alt.value(0), text="text:N")
    )
    return [rule, text]


def wrapped(name: str, width: int = 22) -> str:
    """A long label on two lines, so that it is not cut off on a narrow screen."""
    return "\n".join(textwrap.wrap(name, width)) or name


@cached
def bars(frame: pd.DataFrame, unit: str, decimals: int, row_height: int = 26, label_width: int = 22) -> Chart:
    """Horizontal bars in the order of the frame. `frame`: label, value, value_status and optionally is_chosen.

    A row without a value keeps its place, with the word that says why.
    """
    drawn = frame.assign(
        shown=shown(frame, unit, decimals),
        label=[wrapped(label, label_width) for label in frame["label"]],
        is_chosen=frame.get("is_chosen", True),
        start=0,
    )
    top = words.rounded_axis_top(list(drawn["value"]))
    y = alt.Y(
        "label:N",
        sort=list(dict.fromkeys(drawn["label"])),
        title=None,
        axis=alt.Axis(**WRAPPED_LABELS),
    )
    x = alt.X(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[0, top * 1.06], nice=False),
        axis=value_axis(unit, 4),
    )
    base = alt.Chart(drawn).encode(y=y, tooltip=[alt.Tooltip("shown:N", title="Värde")])
    bar = base.mark_bar(height={"band": 0.72}).encode(
        x=x,
        color=alt.condition("datum.is_chosen", alt.value(colours.MAIN), alt.value(colours.PALE)),
    )
    value_text = (
        base.transform_filter("isValid(datum.value)")
        .mark_text(align="left", dx=5, fontSize=13, color=colours.INK)
        .encode(x=x, text="shown:N")
    )
    word_text = (
        base.transform_filter("!isValid(datum.value)")
        .mark_text(align="left", dx=5, fontSize=13, color=colours.QUIET, fontStyle="italic")
        .encode(x=alt.X("start:Q"), text="shown:N")
    )
    return finish(
        alt.layer(bar, value_text, word_text).properties(height=max(120, row_height * len(drawn) + 40)),
        rows_of("Grupp", list(frame["label"]), ["Värde"] * len(drawn), list(drawn["shown"])),
    )


@cached
def strip(frame: pd.DataFrame, geography_id: str, spread: pd.Series, unit: str, decimals: int) -> Chart:
    """A tick per municipality on one line, the middle half and the median behind, the own one marked and named.

    `frame`: geography_id, geography_name, value; `spread`: p10, p25, median, p75, p90 in the same unit.
    """
    drawn = frame.assign(
        shown=[words.figure(value, unit, decimals) for value in frame["value"]],
        is_own=frame["geography_id"] == geography_id,
    )
    x = alt.X(
        "value:Q",
        title=None,
        scale=alt.Scale(zero=False, nice=True),
        axis=value_axis(unit, 6),
    )
    box = pd.DataFrame([spread[["p10", "p25", "median", "p75", "p90"]].astype(float).to_dict()])
    shades = [
        alt.Chart(box)
        .mark_rect(color=colours.PALE, opacity=opacity)
        .encode(x=alt.X(f"{low}:Q"), x2=f"{high}:Q")
        for low, high, opacity in (("p10", "p90", 0.25), ("p25", "p75", 0.45))
    ]
    median = alt.Chart(box).mark_rule(color=colours.QUIET, strokeDash=[4, 3]).encode(x=alt.X("median:Q"))
    tooltip = [alt.Tooltip("geography_name:N", title="Kommun"), alt.Tooltip("shown:N", title="Värde")]
    base = alt.Chart(drawn).encode(x=x, tooltip=tooltip)
    others = base.transform_filter("!datum.is_own").mark_tick(
        color=colours.QUIET, thickness=1.5, size=34, opacity=0.7
    )
    own = base.transform_filter("datum.is_own")
    marked = own.mark_tick(color=colours.MAIN, thickness=5, size=54)
    name = own.mark_text(dy=-38, fontSize=13, fontWeight="bold", color=colours.MAIN).encode(
        text="geography_name:N"
    )
    ordered = drawn.sort_values("value", ascending=False, kind="stable")
    return finish(
        alt.layer(*shades, median, others, marked, name).properties(height=130),
        rows_of("Kommun", ordered["geography_name"], ["Värde"] * len(ordered), ordered["shown"]),
    )


@cached
def paired_bars(frame: pd.DataFrame, unit: str, decimals: int, label_width: int = 22) -> Chart:
    """Two bars beside each other per label. `frame`: label, series (two), value, value_status."""
    drawn = frame.assign(
        shown=shown(frame, unit, decimals),
        label=[wrapped(label, label_width) for label in frame["label"]],
        start=0,
    )
    series = list(dict.fromkeys(drawn["series"]))
    top = words.rounded_axis_top(list(drawn["value"]))
    x = alt.X(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[0, top * 1.06], nice=False),
        axis=value_axis(unit, 4),
    )
    base = alt.Chart(drawn).encode(
        y=alt.Y(
            "label:N",
            sort=list(dict.fromkeys(drawn["label"])),
            title=None,
            axis=alt.Axis(**WRAPPED_LABELS),
        ),
        yOffset=alt.YOffset("series:N", sort=series),
        tooltip=[alt.Tooltip("series:N", title="Grupp"), alt.Tooltip("shown:N", title="Värde")],
    )
    bar = base.mark_bar().encode(
        x=x,
        color=alt.Color("series:N", sort=series, scale=alt.Scale(domain=series, range=colours.SERIES[:2])),
    )
    value_text = (
        base.transform_filter("isValid(datum.value)")
        .mark_text(align="left", dx=5, fontSize=12, color=colours.INK)
        .encode(x=x, text="shown:N")
    )
    word_text = (
        base.transform_filter("!isValid(datum.value)")
        .mark_text(align="left", dx=5, fontSize=12, color=colours.QUIET, fontStyle="italic")
        .encode(x=alt.X("start:Q"), text="shown:N")
    )
    height = 44 * drawn["label"].nunique() + 90
    return finish(
        alt.layer(bar, value_text, word_text).properties(height=height),
        rows_of("Grupp", frame["label"], drawn["series"], drawn["shown"]),
    )


@cached
def years_grid(frame: pd.DataFrame, unit: str, decimals: int) -> Chart:
    """A field per label and year, darker for larger values. `frame`: label, year, value, value_status.

    A year without values is pale and says why in its first field.
    """
    drawn = frame.assign(
        shown=shown(frame, unit, decimals),
        label=[wrapped(label) for label in frame["label"]],
    )
    top = max([value for value in drawn["value"] if not words.is_missing(value)] or [1.0])
    short = {"ej rapporterat": "ej rapp."}
    drawn["inside"] = [
        short.get(text, text) if words.is_missing(value) else text.replace(f"{words.SPACE}%", "")
        for text, value in zip(drawn["shown"], drawn["value"], strict=True)
    ]
    base = alt.Chart(drawn).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False)),
        y=alt.Y(
            "label:N",
            sort=list(dict.fromkeys(drawn["label"])),
            title=None,
            axis=alt.Axis(**WRAPPED_LABELS),
        ),
        tooltip=[
            alt.Tooltip("label:N", title="Försörjningshinder"),
            alt.Tooltip("year:O", title="År"),
            alt.Tooltip("shown:N", title="Andel"),
        ],
    )
    steps = [top * step / len(colours.SCALE) for step in range(1, len(colours.SCALE))]
    scale = alt.Scale(type="threshold", domain=steps, range=colours.SCALE)
    field = base.mark_rect(stroke=colours.PAPER, strokeWidth=2)
    fields = [
        field.transform_filter("isValid(datum.value)").encode(
            color=alt.Color("value:Q", scale=scale, legend=None)
        ),
        field.transform_filter("!isValid(datum.value)").encode(color=alt.value(colours.HOLE)),
    ]
    text = base.mark_text(fontSize=13).encode(
        text="inside:N",
        color=alt.condition(
            f"datum.value >= {steps[-2]}", alt.value(colours.ON_STRONG), alt.value(colours.INK)
        ),
    )
    return finish(
        alt.layer(*fields, text).properties(height=38 * drawn["label"].nunique() + 40),
        rows_of("Grupp", frame["label"], [str(year) for year in frame["year"]], drawn["shown"]),
    )


def delivery_map(frame: pd.DataFrame) -> Chart:
    """Municipality × month. `frame`: municipality_name, period (`YYYY-MM`), state, deliveries_count."""
    names = [name for name, _ in colours.DELIVERY_STATES.values()]
    drawn = frame.assign(state_name=[colours.DELIVERY_STATES[state][0] for state in frame["state"]])
    chart = (
        alt.Chart(drawn)
        .mark_rect(stroke=colours.PAPER, strokeWidth=0.6)
        .encode(
            x=alt.X(
                "period:O",
                title=None,
                axis=alt.Axis(
                    labelExpr="substring(datum.value, 5, 7) == '01' ? substring(datum.value, 0, 4) : ''",
                    labelAngle=0,
                    labelAlign="left",
                    labelOverlap=False,
                    ticks=False,
                    domain=False,
                    orient="top",
                ),
            ),
            y=alt.Y("municipality_name:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False)),
            color=alt.Color(
                "state_name:N",
                scale=alt.Scale(
                    domain=names, range=[colour for _, colour in colours.DELIVERY_STATES.values()]
                ),
                legend=alt.Legend(
                    direction="horizontal", columns=2, symbolType="square", symbolStrokeWidth=0
                ),
            ),
            tooltip=[
                alt.Tooltip("municipality_name:N", title="Kommun"),
                alt.Tooltip("period:N", title="Månad"),
                alt.Tooltip("state_name:N", title="Läge"),
                alt.Tooltip("deliveries_count:Q", title="Leveranser"),
            ],
        )
    )
    counts = drawn.groupby(["municipality_name", "state_name"], sort=False).size()
    return finish(
        chart.properties(height=20 * drawn["municipality_name"].nunique() + 100),
        rows_of(
            "Kommun",
            counts.index.get_level_values(0),
            counts.index.get_level_values(1),
            [str(one) for one in counts],
        ),
    )
