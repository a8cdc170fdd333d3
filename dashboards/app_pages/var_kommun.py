"""Vår kommun: how the area stands in a year, in five sentences and six cards, and what is new since the release before."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from dashboards import access, queries
from dashboards.components import blocks, cards, layout, opened, saved, sentences, styles, words
from orchestration.operation.limits import limit
from orchestration.release.compare import tell
from orchestration.release.figure import KEY_FIGURES

# measure of a card, and where another says more beside it, that
CARDS = [
    ("recipients", "default"),
    ("longterm_adults_share_recipients", "longterm:person_wide"),
    ("child_recipients", "default"),
    ("entries", "default"),
    sentences.REASON,
    ("paid_sek", "default"),
]
BESIDE = {
    "recipients": ("recipients_share_population", "av befolkningen"),
    "child_recipients": ("child_recipients_share_population", "av alla barn"),
    "entries": ("exits", "avslutade"),
    "paid_sek": ("paid_sek_per_household", "per hushåll"),
}


def _similar(similar: pd.DataFrame, indicator_id: str, definition_id: str, unit: str, decimals: int) -> str:
    """`Liknande kommuner: 41,6 % (2 av 7 kommuner)`: the share where a count follows the size of the municipality."""
    beside = BESIDE.get(indicator_id)
    name = ""
    if beside is not None and indicator_id != "entries":
        indicator_id, name = beside
        unit, decimals = ("share", 1) if unit == "persons" else ("sek_per_household", 0)
    found = blocks.of(similar, (indicator_id, definition_id))
    found = found[found["similar_status"] == "published"]
    if found.empty:
        return ""
    row = found.iloc[0]
    value = words.figure(row["similar_value"], unit, decimals)
    return (
        f"Liknande kommuner: {value} {name} ({row['similar_members_included']} av {row['similar_members_total']} kommuner)"
    ).replace("  ", " ")


def _card(
    page: layout.Page,
    area: pd.Series,
    values: pd.DataFrame,
    similar: pd.DataFrame,
    key: tuple[str, str],
    year: int,
) -> cards.Card:
    """A key figure of the year, with what it is a share of, its step, its years and similar municipalities."""
    definition = layout.definition_of(page, *key)
    unit, decimals = definition["unit"], int(definition["decimals"])
    one = blocks.of(values, key)
    found = one[one["period_year"] == year]
    status = "missing" if found.empty else found.iloc[0]["value_status"]
    is_shown = status == "published"
    of = (
        layout.why_not_computable(page, area, definition, year)
        if status == "not_reported"
        else words.STATUS_EXPLANATIONS.get(status, "")
    )
    step = ""
    if is_shown:
        row = found.iloc[0]
        of = (
            f"{words.number(row['numerator'])} av {words.number(row['denominator'])} vuxna"
            if unit == "share"
            else ""
        )
        if not words.is_missing(row["change"]):
            step = f"{words.change(row['change'], unit, decimals)} sedan {year - 1}"
        if not words.is_missing(definition["unseen_months_text"]) and unit == "share":
            of = f"{of}. {definition['unseen_months_text']}"
    if key[0] in BESIDE:
        other, name = BESIDE[key[0]]
        also = blocks.of(values, (other, "default"))
        also = also[also["period_year"] == year]
        if len(also):
            told = layout.definition_of(page, other, "default")
            text = words.shown(
                also.iloc[0]["value"], also.iloc[0]["value_status"], told["unit"], int(told["decimals"])
            )
            is_there = also.iloc[0]["value_status"] == "published" and key[0] != "entries"
            of = f"{of} {text} {name}" if is_there else f"{of} {name}: {text}"
    return cards.Card(
        definition["indicator_name"],
        words.shown(found.iloc[0]["value"] if is_shown else None, status, unit, decimals),
        not is_shown,
        of.strip(),
        step,
        one.rename(columns={"period_year": "year"}),
        unit,
        decimals,
        _similar(similar, *key, unit, decimals),
        layout.code_of(definition),
    )


def _reason_card(page: layout.Page, reasons: pd.DataFrame, year: int) -> cards.Card:
    """The most common reason for need in the year, and its share over the years."""
    definition = layout.definition_of(page, *sentences.REASON)
    largest = sentences.largest_reasons(reasons, year)
    name = "Vanligaste försörjningshindret"
    if largest.empty:
        empty = pd.DataFrame(columns=["year", "value", "value_status"])
        return cards.Card(
            name,
            "visas inte",
            True,
            "För få vuxna, eller ej rapporterat.",
            "",
            empty,
            "share",
            1,
            "",
            layout.code_of(definition),
        )
    first = largest.iloc[0]
    series = reasons[
        (reasons["reason"] == first["reason"]) & (reasons["sex"] == "all") & (reasons["duration"] == "all")
    ]
    text = words.figure(first["reason_share"], "share", 1)
    return cards.Card(
        name, layout.escape(first["reason_name"]), False,
        f"{text} av {words.number(first['adults_with_reason_count'])} klassade vuxna", "",
        series.rename(columns={"period_year": "year", "reason_share": "value"}), "share", 1, "", layout.code_of(definition),
    )  # fmt: skip


def _news(page: layout.Page, area: pd.Series) -> None:
    """What is another since the release before, and when the next month is to have come."""
    st.header("Nytt sedan förra utgåvan")
    before, changes = queries.news(page.release, area["geography_id"])
    if before is None:
        st.html('<div class="bl-note">Det finns ingen tidigare utgåva att jämföra med.</div>')
    else:
        lines = list(tell(changes, [], layout.indicator_names(page)))
        told = "".join(f"<li>{layout.escape(line)}</li>" for line in (lines[1:] if len(lines) > 1 else lines))
        st.html(f'<div class="bl-note">Jämfört med utgåva {layout.escape(before)}:<ul>{told}</ul></div>')
    last = page.info["last_month"]
    if not words.is_missing(last):
        month = pd.Period(str(last), "M")
        due = date((month + 2).year, (month + 2).month, int(limit(access.settings(), "late_day")))
        st.html(
            f'<div class="bl-note"><b>Nästa uppdatering:</b> {words.month_text(str(month + 1))} ska ha levererats senast den '
            f"{due.day} {words.month_text(f'{due:%Y-%m}')}.</div>"
        )


page = layout.open_page()
st.title("Hur ser det ekonomiska biståndet ut hos oss?")
left, right = st.columns([3, 1])
with left:
    area = layout.choose_area(page)
values = queries.yearly_values(page.release, area["geography_id"])
keyed = values.set_index(["indicator_id", "definition_id"]).sort_index()
wanted = [key for key in KEY_FIGURES if key in keyed.index]
if not wanted:
    st.info("Det finns inga årsvärden för området ännu; ett helt kalenderår måste vara levererat.")
    raise layout.NothingMore
with right:
    year, years = layout.choose_known_year(values)

st.header(layout.area_heading(page, area, year))
reasons = queries.reasons(page.release, area["geography_id"], sentences.REASON[1])
sentences.show(page, area, values, year, sentences.MOST_IMPORTANT)
coverage = " ".join(
    filter(None, (layout.coverage_text(page, area, year), layout.coverage_change(page, area, year)))
)
if coverage:
    st.html(f'<div class="bl-note">{layout.escape(coverage)}</div>')
left, right = st.columns([1, 1])
with left:
    styles.actions()
with right, st.container(horizontal=True):
    opened.workbook_button(area)
    if area["geography_type"] == "municipality":
        saved.report_button(area, year)

similar = queries.similar_values(page.release, area["geography_id"], year)
drawn = [
    _reason_card(page, reasons, year)
    if key == sentences.REASON
    else _card(page, area, values, similar, key, year)
    for key in CARDS
]
st.html(f'<div class="bl-cards bl-six">{"".join(map(cards.as_html, drawn))}</div>')
layout.reading_help(page)

with st.container(key="ej_utskrift_nytt"):
    _news(page, area)
st.header("Alla nyckeltal, år för år")
blocks.measure_table(page, values, wanted, "Nyckeltal")
if begins := layout.register_begins(page, area):
    st.caption(begins)
blocks.download(page, area, values, wanted, "var_kommun")
longterm = layout.definition_of(page, *CARDS[1])
layout.caption(
    page, longterm, str(year), also="Liknande kommuner: Källa: Kolada, grupper för ekonomiskt bistånd."
)
opened.how_counted(longterm, area["geography_id"], [str(year)])
