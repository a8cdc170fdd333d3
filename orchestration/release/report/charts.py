"""The pictures of a report, for print: every figure is written out, a year without one has its word, colour never stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from orchestration.release import pictures, wording

# the own series, similar municipalities, all of them: hue, form of the points and of the line
_LOOKS = (
    (pictures.OWN, "circle", (1, 0)),
    (pictures.SIMILAR, "square", (5, 3)),
    (pictures.ALL, "diamond", (2, 2)),
)
# a bar's height and the room for its name, in pixels
_ROW, _LABELS = 20, 215


@dataclass(frozen=True)
class Line:
    """A series of a chart over years: the figure, or None, and how it is written, by year."""

    name: str
    points: dict[int, tuple[float | None, str]]


def lines(series: Sequence[Line], unit: str, width: int, height: int) -> dict[str, Any]:
    """Lines over years, the first one written out at each point; its years without a figure are grey with their word."""
    own = series[0]
    years = sorted(own.points)
    frame = pd.DataFrame(
        [
            {"year": year, "series": line.name, "value": value, "shown": shown}
            for line in series
            for year, (value, shown) in sorted(line.points.items())
        ]
    )
    names, looks = [line.name for line in series], _LOOKS[: len(series)]
    legend = None if len(names) == 1 else alt.Legend(symbolType="stroke", symbolStrokeWidth=2.5)
    hue = alt.Color(
        "series:N", legend=legend, scale=alt.Scale(domain=names, range=[look[0] for look in looks])
    )
    dash = alt.StrokeDash(
        "series:N", legend=legend, scale=alt.Scale(domain=names, range=[list(look[2]) for look in looks])
    )
    top = max([value for value in frame["value"] if not wording.is_missing(value)], default=1) or 1
    across = alt.Scale(domain=[years[0] - 0.45, years[-1] + 0.45], nice=False)
    x = alt.X("year:Q", title=None, scale=across, axis=alt.Axis(values=years, format="d", grid=False))
    y = alt.Y(
        "value:Q", title=None, scale=alt.Scale(domain=[0, top * 1.22], nice=True),
        axis=alt.Axis(format=".0%" if unit == "share" else ",.0f", tickCount=4, tickMinStep=0.01 if unit == "share" else 1),
    )  # fmt: skip
    base = alt.Chart(frame).encode(x=x, y=y)
    layers = [
        *_holes(own, across, x, y),
        base.mark_line(strokeWidth=2.2, invalid="break-paths-show-domains").encode(
            color=hue, strokeDash=dash
        ),
    ]
    # a layer to each series: points that were encoded would change the look of the legend
    layers += [
        base.transform_filter((alt.datum.series == name) & "isValid(datum.value)").mark_point(
            filled=True, size=42, opacity=1, color=colour, shape=shape
        )
        for name, (colour, shape, _) in zip(names, looks, strict=True)
    ]
    labels = base.transform_filter((alt.datum.series == own.name) & "isValid(datum.value)")
    # a rim of paper keeps a figure legible where another line passes
    looks_of_text: tuple[dict[str, Any], ...] = (
        {"stroke": pictures.PAPER, "strokeWidth": 4, "strokeJoin": "round"},
        {},
    )
    for look in looks_of_text:
        layers.append(
            labels.mark_text(dy=-12, fontSize=12, fontWeight=600, color=pictures.INK, **look).encode(
                text="shown:N"
            )
        )
    return _finished(alt.layer(*layers).properties(width=width, height=height))


def bars(rows: Sequence[tuple[str, float | None, str]], width: int) -> dict[str, Any]:
    """Bars in the order given: name, figure or None, and how it is written."""
    frame = pd.DataFrame(
        [{"label": name, "value": value, "shown": shown, "start": 0} for name, value, shown in rows]
    )
    top = max([value for value in frame["value"] if not wording.is_missing(value)], default=1) or 1
    y = alt.Y(
        "label:N", sort=list(frame["label"]), title=None,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=6, minExtent=_LABELS),
    )  # fmt: skip
    x = alt.X("value:Q", title=None, scale=alt.Scale(domain=[0, top * 1.15], nice=False), axis=None)
    base = alt.Chart(frame).encode(y=y)
    written: dict[str, Any] = {"align": "left", "dx": 5, "fontSize": 12}
    layers = [
        base.mark_bar(height={"band": 0.7}, color=pictures.OWN).encode(x=x),
        base.transform_filter("isValid(datum.value)")
        .mark_text(color=pictures.INK, **written)
        .encode(x=x, text="shown:N"),
        base.transform_filter("!isValid(datum.value)")
        .mark_text(color=pictures.QUIET, fontStyle="italic", **written)
        .encode(x=alt.X("start:Q"), text="shown:N"),
    ]
    return _finished(alt.layer(*layers).properties(width=width - _LABELS, height=_ROW * len(rows)))


def _holes(own: Line, across: alt.Scale, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    rows = [
        {
            "year": year,
            "left": year - 0.42,
            "right": year + 0.42,
            "value": 0.0,
            "text": shown.replace(" ", "\n"),
        }
        for year, (value, shown) in own.points.items()
        if value is None
    ]
    if not rows:
        return []
    base = alt.Chart(pd.DataFrame(rows))
    field = base.mark_rect(color=pictures.HOLE).encode(
        x=alt.X("left:Q", title=None, scale=across), x2="right:Q"
    )
    text = base.mark_text(
        color=pictures.QUIET,
        fontSize=11,
        fontStyle="italic",
        baseline="bottom",
        lineBreak="\n",
        lineHeight=13,
        dy=-18,
    ).encode(x=x, y=y, text="text:N")
    return [field, text]


def _finished(chart: alt.LayerChart | alt.FacetChart) -> dict[str, Any]:
    found: dict[str, Any] = (
        chart.configure(locale={"number": wording.VEGA_NUMBERS}, background="transparent", padding=2)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=pictures.INK, labelFontSize=12, gridColor=pictures.GRID, domainColor=pictures.GRID,
            tickColor=pictures.GRID, labelLimit=400,
        )
        .configure_legend(
            labelColor=pictures.INK, labelFontSize=12, labelLimit=400, title=None, orient="top", direction="horizontal",
            symbolSize=220, offset=6, columnPadding=14,
        )
        .to_dict()
    )  # fmt: skip
    return found
