"""Alla mått: one measure of the catalogue at a time, by any breakdown it has, with definition, caveats and figures."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import address, charts, layout, opened, words

TOTAL = "total"
# more groups than this are read in the table
MOST_BARS = 30
MONTHS, YEARS = 7, 4


def _kind(breakdown: str) -> str:
    """`sex;age` for `sex=K;age=18-24`."""
    return ";".join(part.split("=")[0] for part in breakdown.split(";"))


def _kind_name(kind: str, names: pd.DataFrame) -> str:
    known = names.drop_duplicates("dimension_id").set_index("dimension_id")["dimension_name"]
    if kind == TOTAL:
        return "Ingen, alla tillsammans"
    parts = [known.get(part, {"district": "Stadsdel"}.get(part, part)) for part in kind.split(";")]
    return ", ".join([parts[0], *[part[0].lower() + part[1:] for part in parts[1:]]])


def _labelled(found: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Rows with the name of their group, in the order of the code lists."""
    known = names.set_index(["dimension_id", "value_code"])[["value_name", "value_order"]]

    def named(breakdown: str) -> tuple[tuple[int, ...], str]:
        keys = [tuple(part.split("=", 1)) for part in breakdown.split(";")]
        order = tuple(int(known.loc[key, "value_order"]) if key in known.index else 0 for key in keys)
        return order, ", ".join(
            known.loc[key, "value_name"] if key in known.index else key[1] for key in keys
        )

    places = {breakdown: named(breakdown) for breakdown in found["breakdown"].unique()}
    drawn = found.assign(
        label=[places[breakdown][1] for breakdown in found["breakdown"]],
        place=[places[breakdown] for breakdown in found["breakdown"]],
    )
    return drawn.sort_values(["place", "period"])


def _shown(frame: pd.DataFrame, definition: pd.Series) -> list[str]:
    unit, decimals = definition["unit"], int(definition["decimals"])
    return [
        words.shown(value, status, unit, decimals)
        for value, status in zip(frame["value"], frame["value_status"], strict=True)
    ]


def _printed(page: layout.Page, area: pd.Series, definition: pd.Series) -> pd.DataFrame:
    """Figures of others for the same measure, in the shape of our own: year, series, value, value_status."""
    found = queries.printed_values(page.release, area["geography_id"])
    found = found[
        (found["indicator_id"] == definition["indicator_id"])
        & (found["definition_id"] == definition["definition_id"])
    ]
    return found.assign(
        year=found["period_year"],
        series=layout.printed_names(found),
    )


def _over_time(page: layout.Page, area: pd.Series, definition: pd.Series, found: pd.DataFrame) -> None:
    """The measure as a whole: years with printed figures beside, then months."""
    unit, decimals = definition["unit"], int(definition["decimals"])
    yearly = found[found["period"].str.len() == YEARS]
    printed = _printed(page, area, definition)
    if len(yearly):
        lines = yearly.assign(year=yearly["period"].astype(int), series="Egen beräkning ur registret")
        marks = printed[printed["value_status"] == "published"][["year", "value", "series"]]
        chart = charts.years_line(lines, unit, decimals, marks)
    elif len(printed):
        chart = charts.years_line(printed, unit, decimals)
    else:
        chart = None
    if chart is not None:
        layout.show_chart(chart, f"{definition['indicator_name']} över åren, {area['geography_name']}")
    is_quarter = found["period"].str.contains("Q")
    monthly = found[(found["period"].str.len() == MONTHS) & ~is_quarter]
    if len(monthly):
        st.subheader("Månad för månad")
        layout.show_chart(
            charts.months_line(monthly, unit, decimals),
            f"{definition['indicator_name']} månad för månad, {area['geography_name']}",
        )
    elif is_quarter.any():
        st.info("Måttet räknas per kvartal; se sidan Aktivitetskravet.")
    elif chart is None:
        st.info("Måttet finns inte för området i den här utgåvan.")


def _by_group(area: pd.Series, definition: pd.Series, found: pd.DataFrame, names: pd.DataFrame) -> None:
    """The groups of one breakdown: bars of the year chosen, and every year in a table."""
    yearly = found[found["period"].str.len() == YEARS]
    if yearly.empty:
        st.info("Uppdelningen finns bara månad för månad; ladda ner tabellen för att se den.")
        return
    drawn = _labelled(yearly, names)
    years = sorted(yearly["period"].unique(), reverse=True)
    known = yearly[yearly["value_status"] == "published"]["period"]
    year = str(layout.choose_year([int(one) for one in years], int(known.max() if len(known) else years[0])))
    one = drawn[drawn["period"] == year]
    if len(one) <= MOST_BARS:
        layout.show_chart(
            charts.bars(
                one[["label", "value", "value_status"]],
                definition["unit"],
                int(definition["decimals"]),
                row_height=34,
            ),
            f"{definition['indicator_name']} efter grupp, {area['geography_name']} {year}",
        )
    table = drawn.assign(shown=_shown(drawn, definition)).pivot(
        index="label", columns="period", values="shown"
    )
    table = table.loc[list(dict.fromkeys(drawn["label"]))].reset_index(names="Grupp")
    layout.html_table(table, list(table.columns[1:]))


def _opened(area: pd.Series, definition: pd.Series, found: pd.DataFrame, names: pd.DataFrame) -> None:
    """Any figure of the page opened: years before months, the latest first, of any group."""
    periods = sorted(found["period"].unique(), key=lambda period: (-len(period), period), reverse=True)
    labelled = _labelled(found, names) if TOTAL not in set(found["breakdown"]) else found.assign(label="")
    groups = dict(zip(labelled["label"], labelled["breakdown"], strict=True))
    opened.how_counted(definition, area["geography_id"], periods, groups)


def _not_ours(definition: pd.Series) -> None:
    """What is said of a measure that the register has no figure for; the source of a printed one stands by it."""
    st.html(
        f'<div class="bl-caption"><b>Definition:</b> {layout.escape(definition["definition_text"])}</div>'
    )
    if not words.is_missing(definition["caveat_text"]):
        with st.expander("Att tänka på"):
            st.html(f'<div class="bl-note">{layout.escape(definition["caveat_text"])}</div>')


page = layout.open_page()
st.title("Vad säger ett visst mått?")
left, right = st.columns([2, 3])
with left:
    area = layout.choose_area(page)
catalogue = layout.measures(queries.indicators(page.release))
with right:
    definition = layout.choose_measure(page, catalogue, next(iter(catalogue)))
everything = queries.indicator_values(
    page.release, area["geography_id"], definition["indicator_id"], definition["definition_id"]
)
names = queries.breakdowns(page.release)
everything = everything.assign(kind=[_kind(breakdown) for breakdown in everything["breakdown"]])
kinds = sorted(everything["kind"].unique(), key=lambda kind: (kind != TOTAL, kind))

st.subheader(f"{definition['indicator_name']}, {area['geography_name']}")
kind = (
    address.choose("Uppdelning", kinds, "uppdelning", kinds[0], name=lambda one: _kind_name(one, names))
    if kinds
    else TOTAL
)
found = everything[everything["kind"] == kind]
if kind == TOTAL:
    _over_time(page, area, definition, found)
else:
    _by_group(area, definition, found, names)
if len(found) and (begins := layout.register_begins(page, area, definition)):
    st.caption(begins)
for label, text in (("Täljare", definition["numerator_text"]), ("Nämnare", definition["denominator_text"])):
    if not words.is_missing(text):
        st.html(f'<div class="bl-note"><b>{label}:</b> {layout.escape(text)}</div>')
if len(found):
    period = f"{found['period'].min()} till {found['period'].max()}"
    # flow has windows of its own, so the municipalities behind a year are others
    is_flow = definition["topic"] == "flode"
    coverage = layout.coverage_text(page, area, window_years=int(definition["window_months"]) // 12)
    layout.caption(page, definition, period, "" if is_flow else coverage)
    _opened(area, definition, found, names)
else:
    _not_ours(definition)
if len(found):
    export = layout.for_download(_labelled(found, names) if kind != TOTAL else found.assign(label=""))
    layout.download(
        export[["period", "breakdown", "label", "value", "numerator", "denominator", "value_status"]].rename(
            columns={
                "breakdown": "uppdelning",
                "label": "grupp",
                "value": "varde",
                "numerator": "taljare",
                "denominator": "namnare",
                "value_status": "status",
            }
        ),
        f"{definition['indicator_id']}_{area['geography_id'].replace(':', '_')}.csv",
        "ladda_indikator",
    )
