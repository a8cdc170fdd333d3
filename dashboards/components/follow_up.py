"""Targets beside outcomes, and the municipality's own words of its work, as tables of a page."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import tables, words
from dashboards.queries import Release

_REACHED = {True: "ja", False: "nej"}


def show_targets(release: Release, geography_id: str, only_quarters: bool = False) -> None:
    """The targets of a municipality, or those of quarters, or how to write one."""
    found = queries.targets(release, geography_id)
    what, period = "mål", ""
    if only_quarters:
        found = found[found["period"].str.contains("-Q")]
        what, period = "mål för kvartal", " med period som <code>2026-Q4</code>"
    if found.empty:
        st.html(
            f'<div class="bl-note">Inga {what} är inskrivna för området. Mål läggs i <code>landing/events</code>{period}, se '
            "<em>Markera en förändring</em> i handledningen.</div>"
        )
        return
    rows = []
    for row in found.itertuples():
        rows.append(
            {
                "Mått": row.indicator_name,
                "Period": words.month_text(row.period) if only_quarters else row.period,
                "Mål": words.figure(row.target_value, row.unit, row.decimals),
                "Utfall": words.shown(row.value, row.value_status, row.unit, row.decimals),
                "Nått": "" if words.is_missing(row.is_reached) else _REACHED[bool(row.is_reached)],
                "Kommentar": row.comment,
            }
        )
    tables.html_table(pd.DataFrame(rows), ["Mål", "Utfall"])


def show_conditions(release: Release, geography_id: str) -> None:
    """What the municipality has told of its work; nothing when it has told nothing."""
    found = queries.conditions(release, geography_id)
    if found.empty:
        return
    st.header("Så är arbetet ordnat, enligt kommunen")
    rows = [
        {
            "Uppgift": row.condition_name,
            "Period": row.period,
            "Värde": _told(row),
            "Svarsfrekvens": ""
            if words.is_missing(row.response_share)
            else words.figure(row.response_share, "share", 0),
            "Kommentar": row.comment,
        }
        for row in found.itertuples()
    ]
    tables.html_table(pd.DataFrame(rows), ["Värde", "Svarsfrekvens"])
    st.caption("Kommunens egna uppgifter. Att en uppgift följer ett utfall säger inte att den är orsaken.")


def _told(row: Any) -> str:
    if row.unit == "choice":
        return str(row.choice).replace("_", " ")
    if row.unit == "share":
        return words.figure(row.value, "share", 0)
    number = words.plain_number(row.value)
    return f"{number} dagar" if row.unit == "days" else number
