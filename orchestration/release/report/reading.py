"""What a reader must know about a report: what it is about, what is made up or missing, words, definitions, sources, citation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from orchestration.release import wording
from orchestration.release.figure import records
from orchestration.release.report.blocks import Section, Terms
from orchestration.release.report.figures import Figures
from orchestration.release.store import Release

_PROFILES = {
    "public": "Öppen utgåva: små antal visas inte och andra är avrundade.",
    "internal": "Intern utgåva: hela antal, bara för kommunens eget bruk. Sprid inte rapporten utanför förvaltning och nämnd.",
}
_COVERAGE = """
select municipalities_included, municipalities_total from geography_coverage
where geography_id = $id and period_year = $year and window_years = 1
"""
_MISSING = """
select window_months, missing_months, missing_municipalities, register_begins_month
from missing_months
where geography_id = $id and period = $year and not is_reported and window_months in (12, 36)
order by window_months
"""
_DEFINITIONS = """
select indicator_name, definition_name, definition_text, kolada_id, unseen_months_text, is_official
from dim_indicators
where list_contains($keys, indicator_id || ' ' || definition_id)
order by sort_order
"""
_SOURCES = """
select source_name, publisher, licence, source_text from dim_sources
where
    source_id in (
        select source_id from indicator_values where geography_id = $id and period = $year
        union
        select unnest(string_split(denominator_source, ', ')) from indicator_values where geography_id = $id and period = $year
    )
order by source_name collate sv
"""


def shown_name(connection: duckdb.DuckDBPyConnection, area: dict[str, Any], year: int) -> str:
    """`Borås`; an area that not every municipality stands behind says how many do: `27 kommuner`, `Skåne län (5 av 33
    kommuner)`."""
    name = str(area["geography_name"])
    rows = records(connection, _COVERAGE, {"id": area["geography_id"], "year": year})
    if area["geography_type"] == "municipality" or not rows:
        return name
    included, total = rows[0]["municipalities_included"], rows[0]["municipalities_total"]
    if included == total:
        return name
    if area["geography_type"] == "country":
        return wording.municipalities(included)
    return f"{name} ({included} av {wording.municipalities(total)})"


def lead(figures: Figures) -> str:
    """Which day the figures are of, and who they are for."""
    day = figures.info["as_of"]
    return (
        f"Uppgifter per {day.day} {wording.month_text(f'{day:%Y-%m}')}. {_PROFILES[figures.info['profile']]}"
    )


def notices(connection: duckdb.DuckDBPyConnection, figures: Figures) -> list[str]:
    """What must be known before the figures are read."""
    found = []
    if figures.info["is_synthetic"]:
        found.append("Alla uppgifter om kommunerna är påhittade, för att visa hur rapporten fungerar.")
    for row in records(connection, _MISSING, {"id": figures.area["geography_id"], "year": str(figures.year)}):
        why = wording.not_computable(
            row["missing_months"], row["missing_municipalities"], row["register_begins_month"],
            f"{figures.year - row['window_months'] // 12 + 1}-01",
        )  # fmt: skip
        what = (
            "Mycket långvarigt bistånd" if row["window_months"] == 36 else f"Årets siffror för {figures.year}"
        )
        found.append(f"{what} {why[:1].lower()}{why[1:]}")
        if row["window_months"] == 12:
            break
    if any(
        cell.is_preliminary for measure in figures.measures.values() for cell in [measure.cell(figures.year)]
    ):
        found.append(f"Siffrorna för {figures.year} är preliminära.")
    return found


def how_to_read(
    connection: duckdb.DuckDBPyConnection, release: Release, figures: Figures, used: Sequence[tuple[str, str]]
) -> Section:
    """Words, protection, definitions of what is shown, sources, and how to cite."""
    info, is_protected = figures.info, bool(figures.info["rounding_base"])
    words = [
        *([(wording.small_count(info["band_to"]), "Så få personer eller hushåll att antalet inte visas. Det kan vara noll.")]
          if is_protected else []),
        *((wording.STATUS_WORDS[status], f"{text} Det är inte noll." if status == "not_reported" else text)
          for status, text in wording.STATUS_EXPLANATIONS.items()),
        ("–", "Finns inte för måttet, eller jämförs inte."),
    ]  # fmt: skip
    protection = (
        wording.protection(info)
        if is_protected
        else "Antalen är hela. Rapporten kan röja enskilda personer och ska hanteras som registret självt."
    )
    keys = {f"{indicator} {definition}" for indicator, definition in used}
    asked = records(connection, _DEFINITIONS, {"keys": sorted(keys)})
    definitions = [(row["indicator_name"], _definition(row)) for row in asked]
    # said once, and not beside each measure that counts months in every municipality
    unseen = dict.fromkeys(row["unseen_months_text"] for row in asked if row["unseen_months_text"])
    definitions += [("Långvarigt och mycket långvarigt", text) for text in unseen]
    sources = [
        (
            row["source_name"],
            f"{row['source_text'] or row['publisher']}. Licens: {row['licence']}.".replace("..", "."),
        )
        for row in records(
            connection, _SOURCES, {"id": figures.area["geography_id"], "year": str(figures.year)}
        )
    ]
    cite = (
        f"Biståndslagret, utgåva {release.release_id}, uppgifter per {release.as_of}. Spara utgåvan innan den citeras: "
        f'bistand release keep {release.release_id} --why "…".'
    )
    return Section(
        "Så läser du rapporten",
        [
            Terms("Skydd och ord", [("Skydd", protection), *words]),
            Terms("Definitioner", definitions),
            Terms("Källor", [*sources, ("Så citeras rapporten", cite)]),
        ],
    )


def _definition(row: dict[str, object]) -> str:
    text = str(row["definition_text"])
    if not row["is_official"]:
        text += f" Inte den officiella definitionen: {row['definition_name']}."
    if row["kolada_id"]:
        text += f" Motsvarar {row['kolada_id']} i Kolada."
    return text
