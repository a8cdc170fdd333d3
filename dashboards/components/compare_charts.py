"""Charts of the page Jämför: municipalities by name on a scale, and the step between two years."""

from __future__ import annotations

import json
from typing import Any, Literal

import altair as alt
import pandas as pd

from dashboards.components import charts, colours, words

OWN, OTHER = "Egen kommun", "Annan kommun"


def _marked(frame: pd.DataFrame, geography_id: str) -> pd.DataFrame:
    return frame.assign(kind=[OWN if code == geography_id else OTHER for code in frame["geography_id"]])


_COLOUR = alt.Color(
    "kind:N", scale=alt.Scale(domain=[OWN, OTHER], range=[colours.SECOND, colours.MAIN]), legend=None
)
_SHAPE = alt.Shape("kind:N", scale=alt.Scale(domain=[OWN, OTHER], range=["diamond", "circle"]), legend=None)


@charts.cached
def dots(
    frame: pd.DataFrame, geography_id: str, unit: str, decimals: int, group: tuple[str, float] | None
) -> charts.Chart:
    """A row per municipality, the highest first, the own one marked by colour and form; those without a value last, with
    the word that says why. `group`: the name and figure of the group, drawn as a line."""
    drawn = _marked(frame, geography_id).sort_values(
        "value", ascending=False, na_position="last", kind="stable"
    )
    drawn = drawn.assign(shown=charts.shown(drawn, unit, decimals), start=0)
    known = [*drawn["value"].dropna(), *([] if group is None else [group[1]])]
    scale = alt.Scale(domain=[0, words.rounded_axis_top(known)], nice=False)
    own_name = json.dumps("".join(drawn.loc[drawn["kind"] == OWN, "geography_name"]))
    weight: Any = {"condition": {"test": f"datum.label == {own_name}", "value": "bold"}, "value": "normal"}
    y = alt.Y(
        "geography_name:N",
        sort=list(drawn["geography_name"]),
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=6, grid=True, labelFontWeight=weight),
    )
    base = alt.Chart(drawn).encode(
        y=y, tooltip=[alt.Tooltip("geography_name:N", title="Kommun"), alt.Tooltip("shown:N", title="Värde")]
    )
    present = base.transform_filter("isValid(datum.value)")
    x = alt.X("value:Q", title=charts.axis_title(unit), scale=scale, axis=charts.value_axis(unit, 4))
    layers: list[alt.Chart] = [
        present.mark_point(filled=True, size=110, opacity=1).encode(x=x, color=_COLOUR, shape=_SHAPE),
        present.mark_text(align="left", dx=9, fontSize=13, color=colours.INK).encode(x=x, text="shown:N"),
        base.transform_filter("!isValid(datum.value)")
        .mark_text(align="left", dx=5, fontSize=13, color=colours.QUIET, fontStyle="italic")
        .encode(x=alt.X("start:Q"), text="shown:N"),
    ]
    if group is not None:
        line = alt.Chart(pd.DataFrame({"value": [group[1]], "name": [group[0]]})).encode(x=x)
        layers += [
            line.mark_rule(color=colours.QUIET, strokeDash=[4, 3], strokeWidth=1.5).encode(
                tooltip=alt.Tooltip("name:N", title="Linjen")
            ),
        ]
    return charts.finish(
        alt.layer(*layers).properties(height=26 * len(drawn) + 50),
        charts.rows_of("Kommun", drawn["geography_name"], ["Värde"] * len(drawn), drawn["shown"]),
    )


@charts.cached
def slope(
    frame: pd.DataFrame, geography_id: str, years: tuple[int, int], unit: str, decimals: int
) -> charts.Chart:
    """A line per municipality with a value in both years; the own one strong and named. `frame`: value, before_value."""
    both = _marked(frame.dropna(subset=["value", "before_value"]), geography_id)
    ends = pd.concat(
        [
            both.assign(year=str(years[0]), height=both["before_value"]),
            both.assign(year=str(years[1]), height=both["value"]),
        ]
    )
    ends = ends.assign(
        shown=[words.figure(value, unit, decimals) for value in ends["height"]],
        step=[words.change(change, unit, decimals) for change in ends["change"]],
    )
    base = alt.Chart(ends).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, orient="top", grid=False), scale=alt.Scale(padding=0.25)),
        y=alt.Y("height:Q", title=charts.axis_title(unit), scale=alt.Scale(zero=False, nice=True), axis=charts.value_axis(unit, 5)),
        detail="geography_id:N",
        tooltip=[
            alt.Tooltip("geography_name:N", title="Kommun"), alt.Tooltip("year:N", title="År"),
            alt.Tooltip("shown:N", title="Värde"), alt.Tooltip("step:N", title="Förändring"),
        ],
    )  # fmt: skip
    others = base.transform_filter(f"datum.kind == '{OTHER}'")
    own = base.transform_filter(f"datum.kind == '{OWN}'")
    placed: list[tuple[int, Literal["left", "right"], int]] = [
        (years[0], "right", -10),
        (years[1], "left", 10),
    ]
    sides = [
        own.transform_filter(f"datum.year == '{year}'")
        .mark_text(align=align, dx=dx, fontSize=13, fontWeight="bold", color=colours.SECOND)
        .encode(text="shown:N")
        for year, align, dx in placed
    ]
    return charts.finish(
        alt.layer(
            others.mark_line(strokeWidth=1.5, color=colours.PALE),
            others.mark_point(filled=True, size=25, opacity=1, color=colours.PALE),
            own.mark_line(strokeWidth=3.5, color=colours.SECOND),
            own.mark_point(filled=True, size=100, opacity=1, color=colours.SECOND, shape="diamond"),
            *sides,
        ).properties(height=340),
        charts.rows_of("Kommun", ends["geography_name"], ends["year"], ends["shown"]),
    )
