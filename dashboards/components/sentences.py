"""The sentences of the report on the pages, and why there is none where a figure is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import layout, words
from orchestration.release.report import sentences
from orchestration.release.report.figures import SHOWN_YEARS, Beside, Cell, Figures, Measure

REASON = ("reason_share", "reason:most_frequent")


class Matter(NamedTuple):
    """A sentence of the report, the figures that it stands on with how each is named where it is not there, and what is said
    where the sentence says nothing."""

    tell: Callable[[Figures], str]
    needed: dict[tuple[str, str], str]
    otherwise: str = ""


RECIPIENTS = Matter(
    sentences.recipients, {("recipients", "default"): "Hur många som hade ekonomiskt bistånd"}
)
LONGTERM = Matter(
    sentences.longterm,
    {
        ("longterm_adults", "longterm:person_wide"): "Hur många vuxna som hade bistånd länge",
        (
            "very_longterm_adults_share_recipients",
            "very_longterm:interior",
        ): "Andelen som hade det mycket länge",
    },
)
CHILDREN = Matter(
    sentences.children,
    {("child_recipients", "default"): "Hur många barn som levde i familjer med bistånd"},
)
REASONS = Matter(
    sentences.reasons,
    {},
    "Vilket försörjningshinder som var vanligast visas inte: för få vuxna, eller ej rapporterat.",
)
FLOW = Matter(
    sentences.flow,
    {
        ("entries", "default"): "Hur många som började få bistånd",
        ("exits", "default"): "Hur många som slutade",
    },
)
COSTS = Matter(sentences.costs, {("paid_sek", "default"): "Hur mycket som betalades ut"})
# as the report has them
MOST_IMPORTANT = (RECIPIENTS, LONGTERM, CHILDREN, REASONS, FLOW, COSTS)


def show(
    page: layout.Page, area: pd.Series, values: pd.DataFrame, year: int, matters: Iterable[Matter]
) -> None:
    """The sentences of the matters, large. `values` as queries.yearly_values."""
    figures = _figures(page, area, values, year)
    lines = [layout.escape(line) for matter in matters for line in said(figures, matter)]
    if len(lines) == 1:
        st.html(f'<div class="bl-note bl-lead">{lines[0]}</div>')
    else:
        st.html(f'<ul class="bl-note bl-lead">{"".join(f"<li>{line}</li>" for line in lines)}</ul>')


def said(figures: Figures, matter: Matter) -> list[str]:
    """The sentence, then one for each figure that it could not say."""
    sentence = matter.tell(figures) or matter.otherwise
    found = [sentence] if sentence else []
    for key, what in matter.needed.items():
        measure = figures.find(*key)
        status = "missing" if measure is None else measure.cell(figures.year).status
        unit = "persons" if measure is None else measure.unit
        # a small count is said as it is, `högst 7`
        if status != "published" and words.status_word(status, unit) not in sentence.lower():
            found.append(f"{what} {figures.year} {_why(status, unit)}.")
    return found


def _why(status: str, unit: str) -> str:
    """`visas inte (för få)`, `är ej rapporterat`: how a sentence goes on where there is no figure."""
    word = words.status_word(status, unit)
    return {
        "suppressed": f"visas inte ({word})",
        "not_yet": "kan inte räknas än: månaderna efter har inte varit",
        "before_register": "kan inte räknas: det behövs månader från tiden före registret",
    }.get(status, f"är {word}")


def _figures(page: layout.Page, area: pd.Series, values: pd.DataFrame, year: int) -> Figures:
    """What a page has asked already, in the shape of a report."""
    catalogue = queries.definitions(page.release)
    found: dict[tuple[str, str, str], Measure] = {}

    def add(key: tuple[str, str, str], part: str, row: Any, value: Any) -> None:
        measure = found.get(key)
        if measure is None:
            named = catalogue[key[:2]]
            measure = found[key] = Measure(
                key,
                named["indicator_name"],
                named["definition_name"],
                part,
                named["unit"],
                int(named["decimals"]),
            )
        measure.cells[int(row.period_year)] = Cell(
            None if words.is_missing(value) else value, row.value_status
        )

    for row in values[values["period_year"].between(year - SHOWN_YEARS + 1, year)].itertuples():
        add((row.indicator_id, row.definition_id, "total"), "", row, row.value)
    reasons = queries.reasons(page.release, area["geography_id"], REASON[1])
    for row in reasons[(reasons["sex"] == "all") & (reasons["duration"] == "all")].itertuples():
        add((*REASON, f"reason={row.reason}"), row.reason_name, row, row.reason_share)
    for row in queries.similar_values(page.release, area["geography_id"], year).itertuples():
        measure = found.get((row.indicator_id, row.definition_id, "total"))
        if measure is None:
            continue
        if not words.is_missing(row.similar_status):
            measure.similar[year] = Beside(
                row.similar_value, row.similar_status, row.similar_members_included, row.similar_members_total
            )
        if not words.is_missing(row.country_status):
            measure.everyone[year] = Beside(
                row.country_value, row.country_status, row.country_members_included, row.country_members_total
            )
    return Figures(dict(page.info), dict(area), year, found)


def largest_reasons(reasons: pd.DataFrame, year: int) -> pd.DataFrame:
    """The reasons of all adults in the year that are shown, the most common first; a reason that is not known is none."""
    found = reasons[
        (reasons["period_year"] == year) & (reasons["sex"] == "all") & (reasons["duration"] == "all")
        & (reasons["value_status"] == "published") & (reasons["reason"] != "uppgift_saknas")
    ]  # fmt: skip
    return found.dropna(subset=["reason_share"]).sort_values("reason_share", ascending=False, kind="stable")
