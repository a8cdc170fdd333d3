"""Variation: is a change more than the usual difference between months, and did it come with something we did?"""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import queries
from dashboards.components import (
    address,
    event_form,
    follow_up,
    layout,
    opened,
    picture,
    variation_chart,
    words,
)

RUN_CHART = "run"
FLOW = "flode"
# a stock has none
OF_SIGNALS = ["centre", "lower_limit", "upper_limit", "signals"]


def _choose_series(
    page: layout.Page, area: pd.Series, left: DeltaGenerator, right: DeltaGenerator
) -> pd.Series:
    """The measure, and where it is divided by reason, the reason."""
    found = queries.variation_series(page.release, area["geography_id"])
    if found.empty:
        st.info("Det finns inga månadsvärden för området ännu.")
        raise layout.NothingMore
    # flows first: a stock depends on the month before, so its months say less one by one; and before both what can be judged
    found = found.assign(is_stock=found["topic"] != FLOW, is_bare=~found["has_lines"])
    found = found.sort_values(["is_bare", "is_stock"], kind="stable")
    measures = layout.measures(found.drop_duplicates(["indicator_id", "definition_id"]))
    with left:
        chosen = layout.choose_measure(page, measures, next(iter(measures)))[
            ["indicator_id", "definition_id"]
        ]
    parts = found[(found[["indicator_id", "definition_id"]] == chosen).all(axis="columns")]
    if len(parts) == 1:
        return parts.iloc[0]
    names = dict(zip(parts["breakdown"], parts["breakdown_name"], strict=True))
    with right:
        of = address.choose(
            "Försörjningshinder",
            list(names),
            "uppdelning",
            next(iter(names)),
            name=lambda one: names.get(one, one),
        )
    return parts[parts["breakdown"] == of].iloc[0]


def _named(readings: pd.DataFrame, kind: str, column: str) -> dict[str, str]:
    """Name or text of the readings of one kind, by id, in order."""
    return dict(readings[readings["reading_kind"] == kind].set_index("reading_id")[column])


def _signal_text(signal: pd.Series) -> str:
    """`8 månader i rad under medelvärdet, mars–oktober 2018`."""
    count = int(signal["months_count"])
    return (
        f"{count} {'månad' if count == 1 else 'månader'} {signal['direction_text']}, "
        f"{words.months_text(signal['first_period'], signal['last_period'])}"
    )


def _conclusion(months: pd.DataFrame, phases: pd.DataFrame, signals: pd.DataFrame) -> str:
    """What the chart says about signals, in one or two sentences."""
    if signals.empty:
        return "Ingen signal: månaderna skiljer sig inte mer från varandra än de brukar."
    latest = signals.iloc[0]
    number = "1 signal" if len(signals) == 1 else f"{len(signals)} signaler"
    known = months[months["value"].notna()]
    going_on = " och pågår" if latest["last_period"] == known["period"].iloc[-1] else ""
    phase = f" (fas {latest['phase']} av {len(phases)})" if len(phases) > 1 else ""
    events = (
        "Ingen händelse är inskriven under de månaderna."
        if words.is_missing(latest["events"])
        else f"Under de månaderna: ”{latest['events']}”."
    )
    start = "Den är" if len(signals) == 1 else "Den senaste är"
    return f"{number} på mer än vanlig variation. {start} {_signal_text(latest)}{going_on}{phase}. {events}"


def _since_last_year(months: pd.DataFrame, unit: str, decimals: int) -> str:
    """Of a stock: how the latest month stands beside the same month a year before, and why no signals are counted."""
    last = months[months["value"].notna()].iloc[-1]
    value = words.figure(last["value"], unit, decimals)
    step = (
        ""
        if words.is_missing(last["change"])
        else f", {words.change(last['change'], unit, decimals)} sedan samma månad året före"
    )
    return (
        f"{words.month_text(last['period']).capitalize()}: {value}{step}. Det är i stort sett samma personer månad efter månad, så "
        "månaderna hänger ihop och inga gränser eller signaler räknas."
    )


def _last_phase(
    phases: pd.DataFrame, no_limits: dict[str, str], middle: str, name: str, unit: str, decimals: int
) -> str:
    """What the last phase is compared with: its saved baseline, or the centre of the phase before."""
    now = phases.iloc[-1]
    if words.is_missing(now[middle]):
        return f"Fas {now['phase']}: {no_limits[now['limits_status']]}"
    value = words.figure(now[middle], unit, decimals)
    if not words.is_missing(now["baseline_first_period"]):
        return f"Fas {now['phase']} jämförs med {_baseline(now)}, där {name.lower()} är {value}."
    before = phases[phases[middle].notna() & (phases["phase"] < now["phase"])]
    if before.empty:
        return ""
    event = "" if words.is_missing(now["started_by"]) else f" med ”{now['started_by']}”"
    return (
        f"Fas {now['phase']} började i {words.month_text(now['first_period'])}{event}: {name.lower()} är {value}, mot "
        f"{words.figure(before.iloc[-1][middle], unit, decimals)} i fas {before.iloc[-1]['phase']}."
    )


def _baseline(phase: pd.Series) -> str:
    return f"baslinjen {words.months_text(phase['baseline_first_period'], phase['baseline_last_period'])}"


def _phase_table(
    phases: pd.DataFrame, readings: pd.DataFrame, is_run_chart: bool, unit: str, decimals: int
) -> None:
    why = _named(readings, "no_limits", "reading_name")
    middle, name = ("median", "Median") if is_run_chart else ("centre", "Medelvärde")

    def number(row: pd.Series, column: str) -> str:
        return "" if words.is_missing(row[column]) else words.figure(row[column], unit, decimals)

    rows = []
    for _, row in phases.iterrows():
        begun = [] if words.is_missing(row["started_by"]) else [row["started_by"]]
        begun += [] if words.is_missing(row["baseline_first_period"]) else [f"den sparade {_baseline(row)}"]
        limits = "" if is_run_chart else f"{number(row, 'lower_limit')} till {number(row, 'upper_limit')}"
        rows.append(
            {
                "Fas": str(row["phase"]),
                "Månader": words.months_text(row["first_period"], row["last_period"]),
                "Började med": ", ".join(begun) or ("seriens början" if row["phase"] == 1 else ""),
                name: number(row, middle) or why.get(row["limits_status"], "").lower(),
                **({} if is_run_chart else {"Vanlig variation": limits if number(row, middle) else ""}),
            }
        )
    layout.html_table(pd.DataFrame(rows), [name, "Vanlig variation"])


def _export(months: pd.DataFrame, readings: pd.DataFrame) -> pd.DataFrame:
    """The whole series for a file, codes as words."""
    names = readings.drop_duplicates("reading_id").set_index("reading_id")["reading_name"]
    found = layout.for_download(months.rename(columns={"limits_status": "granser"}))
    found["granser"] = [
        names.get(status, words.STATUS_WORDS.get(status, status)) for status in found["granser"]
    ]
    if "signals" in found:
        found["signals"] = [
            "" if words.is_missing(codes) else ", ".join(names[code] for code in codes.split(",") if code)
            for codes in found["signals"]
        ]
    found["is_baseline"] = ["ja" if is_baseline else "nej" for is_baseline in found["is_baseline"]]
    return found.rename(
        columns={
            "period": "manad",
            "value": "varde",
            "value_status": "status",
            "change": "sedan_aret_fore",
            "phase": "fas",
            "is_baseline": "baslinje",
            "centre": "medelvarde",
            "lower_limit": "undre_grans",
            "upper_limit": "ovre_grans",
            "signals": "signaler",
        }
    )


page = layout.open_page()
st.title("Är förändringen större än den vanliga variationen?")
area = layout.choose_area(page)
left, centre, right = st.columns(3)
series = _choose_series(page, area, left, right)
all_readings = queries.variation_readings(page.release)
chart_names = dict(zip(all_readings["chart_id"], all_readings["chart_name"], strict=True))
with centre:
    chart_id = address.choose(
        "Diagram",
        # limits and signals need months that do not depend on each other
        [RUN_CHART] if series["is_stock"] else list(chart_names),
        "diagram",
        RUN_CHART if series["is_stock"] else next(iter(chart_names)),
        name=lambda one: chart_names.get(one, one),
    )
readings = all_readings[all_readings["chart_id"] == chart_id]
is_run_chart = chart_id == RUN_CHART

key = (area["geography_id"], series["indicator_id"], series["definition_id"], series["breakdown"])
definition = layout.definition_of(page, series["indicator_id"], series["definition_id"])
unit, decimals = definition["unit"], int(definition["decimals"])
months = queries.variation_months(page.release, *key)
phases = queries.variation_phases(page.release, *key)
signals = queries.variation_signals(page.release, *key, chart_id)
events = queries.variation_events(page.release, area["geography_id"])
first, last = months["period"].iloc[0], months["period"].iloc[-1]
events = events[events["period"].between(first, last)].reset_index(drop=True)
events["number"] = events.index + 1
# a change after a saved baseline does not move its lines
events["starts_phase"] &= events["period"].isin(phases["first_period"])
name = series["indicator_name"]
if not words.is_missing(series["breakdown_name"]):
    name = f"{name}: {series['breakdown_name']}"

st.header(f"{name}, {area['geography_name']}")
no_limits = _named(readings, "no_limits", "reading_text")
has_lines = phases["centre"].notna().any()
if not months["value"].notna().any():
    conclusion = "Ingen månad i serien har ett värde som visas."
elif not has_lines:
    conclusion = no_limits[phases["limits_status"].iloc[-1]]
elif series["is_stock"]:
    conclusion = _since_last_year(months, unit, decimals)
else:
    conclusion = _conclusion(months, phases, signals)
if has_lines and months["value"].notna().any():
    middle, middle_name = ("median", "Medianen") if is_run_chart else ("centre", "Medelvärdet")
    conclusion = f"{conclusion} {_last_phase(phases, no_limits, middle, middle_name, unit, decimals)}".strip()
st.html(f'<div class="bl-note bl-lead">{layout.escape(conclusion)}</div>')

rules = {} if series["is_stock"] else _named(readings, "signal", "reading_name")
steps = [words.change(change, unit, decimals) for change in months["change"]] if series["is_stock"] else None
picture.show(
    variation_chart.variation(months, phases, events, rules, is_run_chart, unit, decimals, steps),
    f"{name} månad för månad, {area['geography_name']}. {conclusion}",
)
with st.expander("Så läser du diagrammet"):
    layout.html_list(
        [
            (row.reading_name, row.reading_text)
            for row in readings.itertuples()
            if row.reading_kind == "part" or (row.reading_kind == "signal" and rules)
        ]
    )
layout.caption(
    page,
    definition,
    words.months_text(first, last),
    layout.coverage_text(page, area),
    also=" ".join(_named(readings, "caution", "reading_text").values()),
)
# the series by reason are not among the figures of the catalogue, which can be opened
if series["breakdown"] == "total":
    opened.how_counted(definition, area["geography_id"], list(months["period"])[::-1])

if not series["is_stock"]:
    st.header("Signaler")
    if signals.empty:
        st.html(
            f'<div class="bl-note">{"Inga signaler i serien." if has_lines else "Signaler visas inte."}</div>'
        )
    else:
        layout.html_table(
            pd.DataFrame(
                {
                    "Månader": [
                        words.months_text(row.first_period, row.last_period) for row in signals.itertuples()
                    ],
                    "Signal": signals["rule_name"],
                    "Vad": [
                        f"{row.months_count} {'månad' if row.months_count == 1 else 'månader'} {row.direction_text}"
                        for row in signals.itertuples()
                    ],
                    "Fas": [str(phase) for phase in signals["phase"]],
                    "Händelser under månaderna": signals["events"],
                }
            )
        )

st.header("Faser")
_phase_table(phases, readings, is_run_chart, unit, decimals)

st.header("Händelser")
if events.empty:
    st.html('<div class="bl-note">Inga händelser är inskrivna för området under de här månaderna.</div>')
else:
    layout.html_table(
        pd.DataFrame(
            {
                "Nr": [str(number) for number in events["number"]],
                "Datum": [day.strftime("%Y-%m-%d") for day in events["event_date"]],
                "Händelse": events["title"],
                "Slag": events["kind_name"],
                "Ny fas": ["ja" if starts else "nej" for starts in events["starts_phase"]],
            }
        )
    )
event_form.show(area)
layout.download(
    _export(months.drop(columns=OF_SIGNALS if series["is_stock"] else []), all_readings),
    f"variation_{area['geography_id'].replace(':', '_')}_{series['indicator_id']}.csv",
    "ladda_variation",
)

st.header("Mål och utfall")
follow_up.show_targets(page.release, area["geography_id"])
follow_up.show_conditions(page.release, area["geography_id"])
