"""Ladda ner: every table of the release with its columns, the workbook, older releases, licence and how to quote."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboards import access, queries
from dashboards.components import address, layout, opened, tables, words
from orchestration.catalog.loader import column_names, load_catalog
from orchestration.release import store

PARQUET, JSON, DUCKDB = "application/vnd.apache.parquet", "application/json", "application/octet-stream"
FIRST = "indicator_values"


def _file(label: str, path: Path, mime: str, key: str) -> None:
    """A button for a file of the release as it lies, read when the reader asks for it."""
    if path.is_file():
        st.download_button(
            f"{label} ({words.number(path.stat().st_size / 1_000_000, 1)} MB)", path.read_bytes, file_name=path.name, mime=mime, key=key,
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _table(page: layout.Page, folder: Path) -> None:
    """One table of the release: what a row is, its columns, and its files."""
    found = queries.tables(page.release)
    names = list(dict.fromkeys(found["table_name"]))
    table = address.choose("Tabell", names, "tabell", FIRST if FIRST in names else names[0])
    columns = found[found["table_name"] == table]
    first = columns.iloc[0]
    headings = column_names(access.settings())
    st.html(f'<div class="bl-note" lang="en">{layout.escape(first["table_text"] or "")}</div>')
    left, right = st.columns(2)
    with left:
        _file("Parquet", folder / "parquet" / f"{table}.parquet", PARQUET, "ladda_parquet")
    with right:
        st.download_button(
            f"CSV ({words.number(first['rows_count'])} rader)",
            lambda: tables.as_csv(
                queries.whole_table(page.release, first["table_schema"], table).rename(columns=headings)
            ),
            file_name=f"{table}.csv", mime="text/csv", key="ladda_csv", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    with st.expander(f"Kolumnerna i {table} ({len(columns)})"):
        layout.html_table(
            pd.DataFrame(
                {
                    "Kolumn": columns["column_name"],
                    "Rubrik i CSV": [headings[name] for name in columns["column_name"]],
                    "Typ": columns["column_type"],
                    "Betydelse": columns["column_text"],
                }
            )
        )


def _older(release_id: str) -> None:
    """The releases on disk; another is put in force by command."""
    releases = store.list_releases(access.settings())
    layout.html_table(
        pd.DataFrame(
            {
                "Utgåva": [one.release_id for one in releases],
                "Uppgifter per": [one.as_of.isoformat() for one in releases],
                "Läge": ["gäller" if one.release_id == release_id else "äldre" for one in releases],
            }
        )
    )
    st.caption("En äldre utgåva läses direkt i sin mapp, eller sätts i kraft med bistand release rollback.")


page = layout.open_page()
st.title("Hur tar jag siffrorna vidare?")
settings = access.settings()
folder = Path(page.release.path).parent
rules = load_catalog(settings).release
st.header("Excelboken om en kommun")
area = layout.maybe_area(page) if len(queries.areas(page.release)) else None
if area is None:
    st.html(
        '<div class="bl-note">Välj kommun för att hämta dess bok: alla mått år för år med definitioner och källor.</div>'
    )
else:
    opened.workbook_button(area)
st.header("En tabell")
_table(page, folder)
st.header("Hela utgåvan")
_file("Databasen (DuckDB)", folder / "indicators.duckdb", DUCKDB, "ladda_duckdb")
_file("Beskrivningen (datapackage.json)", folder / "datapackage.json", JSON, "ladda_paket")
_file("Skillnaden mot förra utgåvan (changes.json)", folder / "changes.json", JSON, "ladda_skillnad")
st.header("Utgåvorna")
_older(page.info["release_id"])
st.header("Licens och hur siffrorna anges")
made_up = "Uppgifterna om kommunerna är påhittade. " if page.info["is_synthetic"] else ""
licence = (
    f"Siffrorna i utgåvan får användas fritt ({rules.licence})."
    if page.info["profile"] == "public"
    else "Utgåvan är intern och får inte spridas."
)
st.html(
    f'<div class="bl-note">{layout.escape(licence)} Källornas egna villkor står på sidan Går siffrorna att lita på.</div>'
)
st.code(
    f"{rules.publisher}: Ekonomiskt bistånd. Utgåva {page.info['release_id']}, uppgifter per {page.info['as_of']}. {made_up}".strip(),
    language=None,
    wrap_lines=True,
)
