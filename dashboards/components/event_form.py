"""An event written on the page, as the file that landing/events takes: pages read a release and write nothing themselves."""

from __future__ import annotations

import csv
import io
from datetime import date

import pandas as pd
import streamlit as st

from dashboards import access
from orchestration.catalog.loader import load_catalog
from orchestration.warehouse.events import EVENT_HEADER


def show(area: pd.Series) -> None:
    """A form, folded away, that gives the file of one event, and says where it is laid."""
    with st.expander("Skriv in en händelse", key="skriv_handelse", on_change="rerun") as opened:
        if not opened.open:
            return
        if area["geography_type"] not in ("municipality", "country"):
            st.info("En händelse gäller en kommun, eller alla tillsammans; välj det ovan.")
            return
        kinds = load_catalog(access.settings()).events.kinds
        left, right = st.columns(2)
        day = left.text_input("Datum", placeholder="ÅÅÅÅ-MM-DD", key="handelse_datum").strip()
        kind = right.selectbox("Slag", list(kinds), format_func=lambda one: kinds[one], key="handelse_slag")
        title = st.text_input(
            "Rubrik, kort och utan personuppgifter: den syns i utgåvan", key="handelse_rubrik"
        )
        starts = st.checkbox(
            "Ny fas: förändringen är tänkt att ändra nivån, så medelvärde och gränser räknas om därifrån",
            key="handelse_fas",
        )
        if not day or not title.strip():
            st.caption("Fyll i datum och rubrik, så blir de till en fil att hämta.")
            return
        try:
            written = date.fromisoformat(day).isoformat()
        except ValueError:
            st.info(f"”{day}” är inget datum; skriv det som 2026-03-01.")
            return
        st.download_button(
            "Hämta händelsen som fil (CSV)",
            as_file(written, area["geography_id"], title.strip(), str(kind), starts),
            file_name=f"handelse_{area['geography_id']}_{written}.csv",
            mime="text/csv",
            key="handelse_fil",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(
            "Lägg filen i mappen landing/events och kör bistand run. Händelsen står i kurvorna från och med nästa utgåva; tas filen "
            "bort är den borta i nästa igen."
        )


def as_file(day: str, geography_id: str, title: str, kind: str, starts_phase: bool) -> bytes:
    """The event as the intake of landing/events reads it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerows([EVENT_HEADER, [day, geography_id, title, kind, "ja" if starts_phase else "nej"]])
    return text.getvalue().encode("utf-8")
