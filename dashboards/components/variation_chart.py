"""The chart of the page Variation: months with the lines of their phase, signals by shape, events as vertical rules."""

from __future__ import annotations

from typing import NamedTuple

import altair as alt
import pandas as pd

from dashboards.components import charts, colours, words

ORDINARY = "månad"
SINCE_LAST_YEAR = "Sedan samma månad året före"
# circle for an ordinary month, then one shape per rule in the order of the catalogue
SHAPES = ["diamond", "square", "triangle-up"]
MISSING_SHAPES = {"suppressed": "cross"}
OTHER_MISSING_SHAPE = "stroke"
EVENT_ROWS = 3
# holds axes, legend and titles of events too
HEIGHT = 480
_WIDE_ENOUGH_FOR_TITLES = 620
# a letter of a title, of a chart that is as wide as the page lets it
_LETTER = 6.2 / 1000


class Scales(NamedTuple):
    """The axes that every layer shares."""

    x: alt.Scale
    y: alt.Scale


@charts.cached
def variation(
    months: pd.DataFrame,
    phases: pd.DataFrame,
    events: pd.DataFrame,
    rules: dict[str, str],
    is_run_chart: bool,
    unit: str,
    decimals: int,
    steps: list[str] | None = None,
) -> charts.Chart:
    """A month is a point; one without a value breaks the line and gets a grey field and a mark that says why.

    `months`: period, value, value_status, signals (codes joined by comma). `phases`: first_period, last_period, centre,
    lower_limit, upper_limit, median; null limits are not drawn. `events`: number, period, title, starts_phase.
    `rules`: code to name of the signals of the chart; of several in one month the first is drawn. `steps`: of a stock, which has
    no signals, the change of each month since the year before.
    """
    drawn = _months(months, rules, unit, decimals)
    lines = _lines(phases, is_run_chart)
    edges = (_start(months["period"].iloc[0]), _end(months["period"].iloc[-1]))
    scales = Scales(
        alt.Scale(domain=[edge.isoformat() for edge in edges], nice=False),
        alt.Scale(domain=_domain(drawn, lines, unit), nice=True, zero=False),
    )
    x = alt.X(
        "month:T",
        title=None,
        scale=scales.x,
        axis=alt.Axis(format="%Y", tickCount="year", grid=False, labelAlign="left"),
    )
    y = alt.Y(
        "value:Q",
        title=charts.axis_title(unit),
        scale=scales.y,
        axis=charts.value_axis(unit, 5),
    )
    layers = [
        *_missing_fields(drawn, scales),
        *([] if is_run_chart else _natural_variation(lines, scales)),
        *_phase_lines(lines, scales),
        *_events(events, edges, scales),
        *_points(drawn, rules, x, y),
    ]
    third, texts = ("Signal", list(drawn["signal_names"])) if steps is None else (SINCE_LAST_YEAR, steps)
    rows = [
        {"Månad": name, "Värde": shown, third: text}
        for name, shown, text in zip(drawn["name"], drawn["shown"], texts, strict=True)
    ]
    return charts.finish(alt.layer(*layers).properties(height=HEIGHT), rows)


def _start(period: str) -> pd.Timestamp:
    """Half a month before the point of the month, which stands on its first day."""
    return pd.Timestamp(f"{period}-01") - pd.Timedelta(days=15)


def _end(period: str) -> pd.Timestamp:
    """Where the next month starts."""
    return pd.Timestamp(f"{period}-01") + pd.offsets.MonthBegin(1) - pd.Timedelta(days=15)


def _months(months: pd.DataFrame, rules: dict[str, str], unit: str, decimals: int) -> pd.DataFrame:
    kinds, names = [], []
    for row in months.itertuples():
        found = [] if words.is_missing(row.signals) else row.signals.split(",")
        marked = [name for code, name in rules.items() if code in found]
        if words.is_missing(row.value):
            kinds.append(words.status_word(row.value_status, unit))
        else:
            kinds.append(marked[0] if marked else ORDINARY)
        names.append("visas inte" if words.is_missing(row.signals) else ", ".join(marked) or "ingen")
    return pd.DataFrame(
        {
            "month": pd.to_datetime(months["period"] + "-01"),
            "start": [_start(period) for period in months["period"]],
            "end": [_end(period) for period in months["period"]],
            "name": [words.month_text(period) for period in months["period"]],
            "value": months["value"],
            "value_status": months["value_status"],
            "shown": charts.shown(months, unit, decimals),
            "kind": kinds,
            "signal_names": names,
        }
    )


def _lines(phases: pd.DataFrame, is_run_chart: bool) -> pd.DataFrame:
    """One row per phase that has lines: start, end, middle, and lower and upper, null in a run chart."""
    found = phases[phases["centre"].notna()]
    return pd.DataFrame(
        {
            "start": [_start(period) for period in found["first_period"]],
            "end": [_end(period) for period in found["last_period"]],
            "middle": found["median" if is_run_chart else "centre"].to_numpy(),
            "lower": None if is_run_chart else found["lower_limit"].to_numpy(),
            "upper": None if is_run_chart else found["upper_limit"].to_numpy(),
        }
    )


def _domain(drawn: pd.DataFrame, lines: pd.DataFrame, unit: str) -> list[float]:
    """Room for all months and limits. What is counted is never below nothing, so neither is the axis."""
    known = (
        pd.concat([drawn["value"], lines["middle"], lines["lower"], lines["upper"]]).dropna().astype(float)
    )
    if known.empty:
        return [0.0, 1.0]
    low, high = float(known.min()), float(known.max())
    room = 0.08 * ((high - low) or abs(high) or 1.0)
    return [max(0.0, low - room), min(high + room, 1.0) if unit == "share" else high + room]


def _missing_fields(drawn: pd.DataFrame, scales: Scales) -> list[alt.Chart]:
    missing = drawn[drawn["value"].isna()]
    if missing.empty:
        return []
    return [
        alt.Chart(missing)
        .mark_rect(color=colours.HOLE)
        .encode(x=alt.X("start:T", scale=scales.x, title=None), x2="end:T", tooltip=_tooltip())
    ]


def _natural_variation(lines: pd.DataFrame, scales: Scales) -> list[alt.Chart]:
    base = alt.Chart(lines).encode(x=alt.X("start:T", scale=scales.x, title=None), x2="end:T")
    field = base.mark_rect(color=colours.PALE, opacity=0.28, clip=True).encode(
        y=alt.Y("lower:Q", scale=scales.y, title=None), y2="upper:Q"
    )
    limits = [
        base.mark_rule(color=colours.QUIET, strokeDash=[6, 4], clip=True).encode(
            y=alt.Y(f"{name}:Q", scale=scales.y, title=None)
        )
        for name in ("lower", "upper")
    ]
    return [field, *limits]


def _phase_lines(lines: pd.DataFrame, scales: Scales) -> list[alt.Chart]:
    return [
        alt.Chart(lines)
        .mark_rule(color=colours.QUIET, strokeWidth=2, clip=True)
        .encode(
            x=alt.X("start:T", scale=scales.x, title=None),
            x2="end:T",
            y=alt.Y("middle:Q", scale=scales.y, title=None),
        )
    ]


def _events(
    events: pd.DataFrame, edges: tuple[pd.Timestamp, pd.Timestamp], scales: Scales
) -> list[alt.Chart]:
    """A rule where the month of the event begins, with number and title above; only the number where it is narrow."""
    if events.empty:
        return []
    starts = [_start(period) for period in events["period"]]
    drawn = events.assign(
        start=starts,
        text=(texts := [f"{row.number} {row.title}" for row in events.itertuples()]),
        number=[str(number) for number in events["number"]],
        is_late=(late := [(start - edges[0]) > (edges[1] - edges[0]) * 0.55 for start in starts]),
        row=(rows := _rows([(start - edges[0]) / (edges[1] - edges[0]) for start in starts], late, texts)),
        has_room=[row is not None for row in rows],
    ).drop(columns=["event_date"], errors="ignore")
    drawn["row"] = drawn["row"].fillna(0).astype(int)
    at = alt.X("start:T", scale=scales.x, title=None)
    tooltip = [alt.Tooltip("text:N", title="Händelse")]
    layers = [
        alt.Chart(drawn[drawn["starts_phase"] == starts_phase])
        .mark_rule(color=colours.INK, strokeWidth=1.5, strokeDash=dash)
        .encode(x=at, tooltip=tooltip)
        for starts_phase, dash in ((True, [1, 0]), (False, [2, 3]))
        if (drawn["starts_phase"] == starts_phase).any()
    ]
    for (row, is_late), part in drawn.groupby(["row", "is_late"]):
        layers.append(
            alt.Chart(part)
            .transform_calculate(
                label=f"width < {_WIDE_ENOUGH_FOR_TITLES} || !datum.has_room ? datum.number : datum.text"
            )
            .mark_text(
                align="right" if is_late else "left",
                dx=-3 if is_late else 3,
                fontSize=12,
                color=colours.INK,
                baseline="bottom",
            )
            .encode(x=at, y=alt.value(-4 - 16 * int(row)), text="label:N", tooltip=tooltip)
        )
    return layers


def _rows(places: list[float], are_late: list[bool], texts: list[str]) -> list[int | None]:
    """The row above the chart in which the text of each event meets no other; None where no row has room, so that its number
    stands alone. Places are 0–1 of the width; a text of an event late in the chart ends where the others begin."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(EVENT_ROWS)]
    found: list[int | None] = []
    for place, is_late, text in zip(places, are_late, texts, strict=True):
        width = len(text) * _LETTER
        span = (place - width, place) if is_late else (place, place + width)
        row = next(
            (row for row, spans in enumerate(taken) if all(span[1] <= a or b <= span[0] for a, b in spans)),
            None,
        )
        found.append(row)
        if row is not None:
            taken[row].append(span)
    return found


def _points(drawn: pd.DataFrame, rules: dict[str, str], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    present = drawn[drawn["value"].notna()]
    missing = drawn[drawn["value"].isna()]
    names = [ORDINARY, *rules.values()]
    shapes = dict(zip(names, ["circle", *SHAPES], strict=False))
    inks = dict(zip(names, [colours.MAIN, *[colours.SECOND] * len(rules)], strict=True))
    for status, word in [*words.STATUS_WORDS.items(), ("suppressed", words.small_count())]:
        shapes[word] = MISSING_SHAPES.get(status, OTHER_MISSING_SHAPE)
        inks[word] = colours.QUIET
    used = [name for name in shapes if name in set(drawn["kind"])]
    legend = alt.Legend(orient="bottom", symbolSize=90, offset=16, rowPadding=1)
    shape = alt.Shape(
        "kind:N", scale=alt.Scale(domain=used, range=[shapes[name] for name in used]), legend=legend
    )
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=used, range=[inks[name] for name in used]), legend=legend
    )
    line = (
        alt.Chart(drawn)
        .mark_line(strokeWidth=1.5, color=colours.MAIN, invalid="break-paths-show-domains")
        .encode(x=x, y=y)
    )
    points = (
        alt.Chart(present)
        .mark_point(filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            shape=shape,
            color=colour,
            size=alt.condition(f"datum.kind == '{ORDINARY}'", alt.value(32), alt.value(85)),
            tooltip=_tooltip(),
        )
    )
    marks = (
        alt.Chart(missing)
        .mark_point(filled=False, opacity=1, size=30)
        .encode(x=x, y=alt.YValue(alt.ExprRef("height - 8")), shape=shape, color=colour, tooltip=_tooltip())
    )
    return [line, points, marks]


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title="Månad"),
        alt.Tooltip("shown:N", title="Värde"),
        alt.Tooltip("signal_names:N", title="Signal"),
    ]
