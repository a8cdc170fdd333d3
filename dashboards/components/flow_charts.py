"""Charts of the page In och ut: who comes and goes month by month, and how long aid lasts."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards.components import charts, colours, words

CAME, WENT, NET = "Började", "Slutade", "Skillnad"


@charts.cached
def months(frame: pd.DataFrame, height: int = 300) -> charts.Chart:
    """Bars up for those who came and down for those who went, and a line for the difference. `frame` as queries.flow_months."""
    drawn = frame.assign(
        month=pd.to_datetime(frame["period"] + "-01"),
        name=[words.month_text(period) for period in frame["period"]],
        came=[
            words.shown(*row, "persons", 0)
            for row in zip(frame["entries_value"], frame["entries_status"], strict=True)
        ],
        went=[
            words.shown(*row, "persons", 0)
            for row in zip(frame["exits_value"], frame["exits_status"], strict=True)
        ],
        net=[
            "" if words.is_missing(value) else words.change(value, "persons", 0)
            for value in frame["net_value"]
        ],
        down=-frame["exits_value"],
    )
    x = alt.X(
        "yearmonth(month):T",
        title=None,
        axis=alt.Axis(format="%Y", tickCount="year", grid=False, labelAlign="left"),
    )
    tooltip = [
        alt.Tooltip("name:N", title="Månad"), alt.Tooltip("came:N", title=CAME), alt.Tooltip("went:N", title=WENT),
        alt.Tooltip("net:N", title=NET),
    ]  # fmt: skip
    axis = alt.Axis(format=",.0f", tickCount=6, labelExpr="format(abs(datum.value), ',.0f')")
    names = alt.Scale(domain=[CAME, WENT, NET], range=[colours.MAIN, colours.SECOND, colours.INK])
    base = alt.Chart(drawn).encode(x=x, tooltip=tooltip)
    layers = [
        base.transform_calculate(series=f"'{name}'")
        .mark_bar(width={"band": 0.8}, clip=True)
        .encode(y=alt.Y(f"{column}:Q", title="personer", axis=axis), color=alt.Color("series:N", scale=names))
        for name, column in ((CAME, "entries_value"), (WENT, "down"))
    ]
    line = (
        base.transform_calculate(series=f"'{NET}'")
        .mark_line(strokeWidth=2, invalid="break-paths-show-domains")
        .encode(
            y="net_value:Q",
            color=alt.Color("series:N", scale=names, legend=alt.Legend(direction="horizontal")),
        )
    )
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=colours.QUIET).encode(y="zero:Q")
    rows = [
        {"Månad": row.name, CAME: row.came, WENT: row.went, NET: row.net}
        for row in drawn[["name", "came", "went", "net"]].itertuples(index=False)
    ]
    return charts.finish(alt.layer(*layers, zero, line).properties(height=height), rows)


@charts.cached
def curves(frame: pd.DataFrame, height: int = 300, by: str = "Började") -> charts.Chart:
    """The share that still has aid after so many months, a line per series (`by` says what: the year of beginning). `frame`: series,
    month_since_entry, value, value_status; a month without a value breaks the line."""
    drawn = frame.assign(shown=charts.shown(frame, "share", 0))
    order = list(dict.fromkeys(drawn["series"]))
    dashes = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4]]
    base = alt.Chart(drawn).encode(
        x=alt.X("month_since_entry:Q", title="månader sedan biståndet började", axis=alt.Axis(tickMinStep=1, values=[0, 3, 6, 10, 12, 18, 24, 30, 36], grid=False)),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=charts.value_axis("share", 5)),
        color=alt.Color("series:N", sort=order, scale=alt.Scale(domain=order, range=colours.SERIES[: len(order)])),
        strokeDash=alt.StrokeDash("series:N", sort=order, scale=alt.Scale(domain=order, range=dashes[: len(order)])),
        tooltip=[
            alt.Tooltip("series:N", title=by), alt.Tooltip("month_since_entry:Q", title="Månader"),
            alt.Tooltip("shown:N", title="Kvar"),
        ],
    )  # fmt: skip
    marked = base.transform_filter(
        "indexof([3, 6, 10], datum.month_since_entry) >= 0 && isValid(datum.value)"
    )
    return charts.finish(
        alt.layer(
            base.mark_line(strokeWidth=2.5, invalid="break-paths-show-domains"),
            marked.mark_point(filled=True, size=60, opacity=1),
        ).properties(height=height + 22 * len(order)),
        charts.rows_of("Månader sedan början", drawn["month_since_entry"], drawn["series"], drawn["shown"]),
    )
