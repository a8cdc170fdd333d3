"""The target group of the activity requirement over months, with the first month of the requirement marked."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards.components import charts, colours, words


@charts.cached
def target_group_lines(frame: pd.DataFrame, first_month: str, height: int = 300) -> charts.Chart:
    """Lines over months. `frame`: series, period (`2026-10`), value, value_status; a month without a value breaks its line."""
    drawn = frame.assign(
        month=pd.to_datetime(frame["period"] + "-01"),
        name=[words.month_text(period) for period in frame["period"]],
        shown=charts.shown(frame, "persons", 0),
    )
    order = list(dict.fromkeys(frame["series"]))
    base = alt.Chart(drawn).encode(
        x=alt.X("month:T", title=None, axis=alt.Axis(format="%Y-%m", tickCount="month", grid=False, labelOverlap=True, labelFlush=False)),
        y=alt.Y(
            "value:Q",
            title=charts.axis_title("persons"),
            scale=alt.Scale(domain=[0, words.rounded_axis_top(list(drawn["value"]))], nice=True),
            axis=charts.value_axis("persons", 5),
        ),
        color=alt.Color("series:N", sort=order, scale=alt.Scale(domain=order, range=colours.SERIES[: len(order)])),
        strokeDash=alt.StrokeDash("series:N", sort=order, scale=alt.Scale(domain=order)),
        tooltip=[
            alt.Tooltip("series:N", title="Grupp"), alt.Tooltip("name:N", title="Månad"), alt.Tooltip("shown:N", title="Antal"),
        ],
    )  # fmt: skip
    lines = base.mark_line(strokeWidth=2.5, invalid="break-paths-show-domains")
    points = base.transform_filter("isValid(datum.value)").mark_point(filled=True, size=30, opacity=1)
    layers: list[alt.Chart] = [lines, points]
    if drawn["period"].min() <= first_month <= drawn["period"].max():
        law = pd.DataFrame({"month": [pd.Timestamp(f"{first_month}-01")], "text": ["kravet börjar"]})
        rule = alt.Chart(law).encode(x="month:T")
        # a month near the end has room for its words on the left only
        is_late = (drawn["period"] > first_month).sum() < (drawn["period"] < first_month).sum()
        layers += [
            rule.mark_rule(strokeDash=[4, 3], color=colours.QUIET),
            rule.mark_text(
                align="right" if is_late else "left",
                dx=-5 if is_late else 5,
                dy=8,
                baseline="top",
                color=colours.QUIET,
                fontSize=12,
            ).encode(y=alt.value(0), text="text:N"),
        ]
    return charts.finish(
        alt.layer(*layers).properties(height=height),
        charts.rows_of("Månad", drawn["name"], drawn["series"], drawn["shown"]),
    )
