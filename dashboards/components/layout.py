"""What every page shares: styles, banner, choice of area, coverage, caption, tables and downloads."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import access, queries
from dashboards.components import address, words
from dashboards.components.tables import download, for_download, html_list, html_table

# what every page takes from here
__all__ = ["download", "for_download", "html_list", "html_table"]

PROFILE_WORDS = {
    "public": "offentlig (små antal visas inte, andra är avrundade)",
    "internal": "intern (hela antal, bara för kommunens eget bruk)",
}


class NothingMore(Exception):
    """A page has said what there is to say; its address and foot are still written, which `st.stop` would prevent."""


@dataclass(frozen=True)
class Page:
    """What a page needs to know before it asks anything: the release and the row that describes it."""

    release: queries.Release
    info: pd.Series


def open_page() -> Page:
    """The current release. The router has already stopped when there is none."""
    release = queries.current_release(access.settings())
    return Page(release, queries.release_info(release).iloc[0])


def banner(page: Page) -> None:
    """Says on every page that the figures are made up, when they are, and which of the sources besides."""
    if not page.info["is_synthetic"]:
        return
    sources = queries.sources(page.release)
    made_up = sources[sources["is_synthetic"] & ~sources["source_id"].str.endswith("_synthetic")]
    also = (
        f" Påhittat är också det som kommer från {escape(', '.join(made_up['source_name']))}."
        if len(made_up)
        else ""
    )
    st.html(
        '<div class="bl-banner" role="note"><b>Alla uppgifter om kommunerna är påhittade.</b> Registret är slumpat för att '
        f"visa hur sidorna fungerar.{also} Siffror ur tryckta tabeller och rapporter är riktiga.</div>"
    )


def foot(info: pd.Series) -> None:
    """Which release is shown, and in which profile."""
    made_up = " · påhittade uppgifter" if info["is_synthetic"] else ""
    months = f"månaderna {escape(info['first_month'])} till {escape(info['last_month'])}"
    if words.is_missing(info["first_month"]):
        months = "inga leveranser, bara officiella uppgifter"
    st.html(
        f'<div class="bl-foot">Utgåva {escape(info["release_id"])} · uppgifter per {escape(info["as_of"])} · {months} · '
        f"profil: {PROFILE_WORDS.get(info['profile'], escape(info['profile']))}{made_up}</div>"
    )


def defaults(info: pd.Series) -> dict[str, str]:
    """What the address says of a shared key before the reader or the page has: the last whole year, similar municipalities."""
    last = str(info["last_month"])
    year = {} if words.is_missing(info["last_month"]) else {"ar": str(int(last[:4]) - (last[5:7] != "12"))}
    return {**year, "jamfor": "similar", "matt": "longterm_adults_share_recipients"}


def escape(text: object) -> str:
    """Text from data, safe inside HTML."""
    return html.escape(str(text))


def remembered_choice(
    label: str, options: list, key: str, default: object, help_text: str | None = None
) -> Any:
    """A choice that stands in the address, so that the page can be sent to someone, and follows to other pages."""
    return address.choose(label, options, key, default, help_text)


def choose_area(page: Page, only_municipalities: bool = False) -> pd.Series:
    """The chosen area, which follows along to the other pages. Where there is one municipality it is chosen; otherwise the
    page asks, and shows nothing before it has an answer."""
    area = maybe_area(page, only_municipalities)
    if area is None:
        what = "kommun" if only_municipalities else "kommun eller område"
        st.info(
            f"Välj {what} ovan. Valet följer med till de andra sidorna och står i adressen, så att den kan sparas."
        )
        raise NothingMore
    return area


def maybe_area(page: Page, only_municipalities: bool = False) -> pd.Series | None:
    """As choose_area, for a page that has something to show without an area too."""
    found = queries.areas(page.release)
    delivering = found[found["geography_type"] == "municipality"]
    if only_municipalities:
        found = delivering
    if found.empty:
        st.info("Ingen kommun har levererat till registret än; utgåvan har bara officiella uppgifter.")
        raise NothingMore
    names = dict(zip(found["geography_id"], found["choice_name"], strict=True))
    start = delivering["geography_id"].iloc[0] if len(delivering) == 1 else None
    wanted = address.kept("kommun")
    if (
        only_municipalities
        and wanted not in names
        and wanted in set(queries.areas(page.release)["geography_id"])
    ):
        address.tell("Sidan gäller en kommun i taget; välj en.")
    chosen = address.choose(
        "Kommun" if only_municipalities else "Kommun eller område", list(names), "kommun", start,
        "Skriv några bokstäver för att söka.", lambda code: names.get(code, code), "Välj kommun",
    )  # fmt: skip
    return None if chosen is None else found[found["geography_id"] == chosen].iloc[0]


def choose_year(years: list[int], default: int) -> int:
    """One of the years of the page, the latest first."""
    return int(address.choose("År", years, "ar", default))


def choose_known_year(found: pd.DataFrame) -> tuple[int, list[int]]:
    """One of the years of `found` (period_year, value_status; not empty), and all of them, the latest first. The latest that is
    known is chosen at first."""
    years = sorted((int(year) for year in found["period_year"].unique()), reverse=True)
    known = found[found["value_status"].isin(["published", "suppressed"])]["period_year"]
    return choose_year(years, int(known.max()) if len(known) else years[0]), years


def choose_measure(page: Page, among: dict[str, pd.Series], default: str) -> pd.Series:
    """One of the measures `among`, by name; one that the page does not have is told by its name too."""
    catalogue = measures(queries.indicators(page.release))
    return among[
        address.choose("Mått", list(among), "matt", default, name=lambda code: measure_name(catalogue, code))
    ]


def code_of(definition: pd.Series) -> str:
    """A measure in an address: `recipients`, and where it is not the official definition `longterm_adults/longterm:…`."""
    is_official = definition["is_official"] or definition["definition_id"] == "default"
    return definition["indicator_id"] + ("" if is_official else f"/{definition['definition_id']}")


def measures(found: pd.DataFrame) -> dict[str, pd.Series]:
    """Rows of the catalogue by their code."""
    return {code_of(row): row for _, row in found.iterrows()}


def measure_name(measures: dict[str, pd.Series], code: str) -> str:
    """The name of a measure, and of its definition where there are several."""
    row = measures.get(code)
    if row is None:
        return code
    several = sum(one["indicator_id"] == row["indicator_id"] for one in measures.values()) > 1
    return row["indicator_name"] + (f" – {row['definition_name']}" if several else "")


def coverage_text(page: Page, area: pd.Series, period_year: int | None = None, window_years: int = 1) -> str:
    """`Bygger på 27 av 290 kommuner …` for areas that are not one municipality; empty when all are there.

    Without a year, the fewest and most of all years with deliveries.
    """
    found = _coverage(page, area, window_years)
    if period_year is not None:
        found = found[found["period_year"] == period_year]
    if found.empty:
        return ""
    total = int(found["municipalities_total"].iloc[-1])
    low, high = int(found["municipalities_included"].min()), int(found["municipalities_included"].max())
    if low == total:
        return ""
    count = str(high) if low == high else f"{low}–{high}"
    return f"Bygger på {count} av {total} kommuner: de som har levererat alla månader som behövs."


def coverage_change(page: Page, area: pd.Series, period_year: int) -> str:
    """A warning when the number of municipalities differs between the three years that step and trend look at."""
    found = _coverage(page, area, 1)
    found = found[found["period_year"].between(period_year - 2, period_year)]
    counts = [int(count) for count in found["municipalities_included"]]
    if len(set(counts)) < 2:
        return ""
    each = ", ".join(f"{row.period_year}: {row.municipalities_included}" for row in found.itertuples())
    return f"Antalet kommuner skiljer sig mellan åren ({each}), och det påverkar förändring och riktning."


def area_heading(page: Page, area: pd.Series, period_year: int) -> str:
    """`Riket 2019 (27 av 290 kommuner)`; a municipality is only named."""
    found = _coverage(page, area, 1)
    found = found[found["period_year"] == period_year]
    heading = f"{area['geography_name']} {period_year}"
    if found.empty or found["municipalities_included"].iloc[0] == found["municipalities_total"].iloc[0]:
        return heading
    row = found.iloc[0]
    if area["geography_type"] == "country":
        return f"{words.municipalities(row['municipalities_included'])} {period_year} (av {row['municipalities_total']} i landet)"
    return f"{heading} ({row['municipalities_included']} av {row['municipalities_total']} kommuner)"


def _coverage(page: Page, area: pd.Series, window_years: int) -> pd.DataFrame:
    """Years with at least one municipality, for areas that hold more than one."""
    found = queries.coverage(page.release, area["geography_id"])
    is_area = area["geography_type"] != "municipality"
    return found[(found["window_years"] == window_years) & (found["municipalities_included"] > 0) & is_area]


def caption(
    page: Page,
    definition: pd.Series,
    period: str,
    coverage: str = "",
    is_preliminary: bool = False,
    is_estimated: bool = False,
    also: str = "",
    with_caveats: bool = True,
) -> None:
    """The small text under a figure: definition, source, period and status, with caveats to fold out.

    `with_caveats` is False where the same caveats already stand on the page.
    """
    state = "egen beräkning, preliminär" if is_preliminary else "egen beräkning, slutlig"
    if page.info["is_synthetic"]:
        state = f"påhittade uppgifter, {'preliminära' if is_preliminary else 'slutliga'}"
    if is_estimated:
        state += "; folkmängden är uppskattad"
    if page.info["profile"] == "public":
        state += "; skyddad: antal avrundas, delar behöver inte bli summan"
    parts = [
        f"<b>Definition:</b> {escape(definition['definition_text'])}",
        f"<b>Källa:</b> {escape(page.info['source_label'])}, uppgifter per {escape(page.info['as_of'])}.",
        f"<b>Period:</b> {escape(period)}.",
        f"<b>Status:</b> {state}.",
    ]
    if not words.is_missing(definition["kolada_id"]):
        parts.insert(1, f"Motsvarar {escape(definition['kolada_id'])} i Kolada.")
    if not words.is_missing(definition["unseen_months_text"]):
        parts.append(f"<b>Obs!</b> {escape(definition['unseen_months_text'])}")
    if coverage:
        parts.append(escape(coverage))
    if also:
        parts.append(escape(also))
    st.html(f'<div class="bl-caption">{" ".join(parts)}</div>')
    if with_caveats and not words.is_missing(definition["caveat_text"]):
        with st.expander("Att tänka på"):
            st.html(f'<div class="bl-note">{escape(definition["caveat_text"])}</div>')


def definition_of(page: Page, indicator_id: str, definition_id: str) -> pd.Series:
    """The catalogue's row for an indicator and definition. KeyError when there is none."""
    return queries.definitions(page.release)[indicator_id, definition_id]


def indicator_names(page: Page) -> dict[str, str]:
    """The names of the indicators by id."""
    found = queries.indicators(page.release)
    return dict(zip(found["indicator_id"], found["indicator_name"], strict=True))


def choose_definition(page: Page, label: str, indicator_id: str, key: str, among: Iterable[str]) -> pd.Series:
    """Choose between those of an indicator's definitions that the page can show; the official one first."""
    found = queries.indicators(page.release)
    found = found[(found["indicator_id"] == indicator_id) & found["definition_id"].isin(set(among))]
    names = dict(zip(found["definition_id"], found["definition_name"], strict=True))
    chosen = address.choose(
        label, list(names), key, next(iter(names)), name=lambda code: names.get(code, code)
    )
    return found[found["definition_id"] == chosen].iloc[0]


def reading_help(page: Page) -> None:
    """How the figures of a page are read, folded away: what stands for a figure that is not there, and how it is protected."""
    with st.expander("Så läser du siffrorna"):
        protected = f" {words.protection(page.info)}" if page.info["profile"] == "public" else ""
        st.markdown(
            f"- **{words.small_count()}** eller **för få**: så få personer att de kan kännas igen; talet kan vara allt från 0."
            f"{protected}\n"
            "- **ej rapporterat**: en månad som skulle ha kommit är inte levererad. **före registret**: det behövs månader från "
            "tiden innan registret börjar. **inte ännu**: det behövs månader som inte har varit. **saknas** och **ej "
            "tillämpligt** säger det de betyder. Inget av orden är noll.\n"
            "- *Sedan året före* är skillnaden mellan de två visade talen, för andelar i procentenheter.\n"
            "- En kurva visar vad som hänt, inte varför. Den visar inte effekten av en insats."
        )


def printed_names(printed: pd.DataFrame) -> list[str]:
    """What the figures of others are called in a chart; those of a made-up source are not published."""
    return [
        f"{'Påhittat' if row.is_synthetic else 'Publicerat'}: {words.table_name(row.published_table_id)}"
        for row in printed.itertuples()
    ]


def why_not_computable(page: Page, area: pd.Series, definition: pd.Series, year: int) -> str:
    """The sentence that names the months a year's figure lacks, or an empty text when nothing is missing."""
    found = queries.missing_months(page.release, area["geography_id"])
    found = found[
        (found["period"] == str(year))
        & (found["window_months"] == definition["window_months"])
        & ~found["is_reported"]
    ]
    if found.empty:
        return ""
    row = found.iloc[0]
    return words.not_computable(
        row["missing_months"],
        row["missing_municipalities"],
        row["register_begins_month"],
        _first_month(year, definition["window_months"]),
    )


def register_begins(page: Page, area: pd.Series, definition: pd.Series | None = None) -> str:
    """The sentence that says when the register begins, where a year's figure (of the definition, or any) would need
    months before it; else empty."""
    found = queries.missing_months(page.release, area["geography_id"])
    if definition is not None:
        found = found[found["window_months"] == definition["window_months"]]
    for row in found[found["period"].str.len() == 4].itertuples():
        if _first_month(int(row.period), row.window_months) < row.register_begins_month:
            whose = " för kommunen" if area["geography_type"] == "municipality" else ""
            return (
                f"Registret börjar i {words.month_text(row.register_begins_month)}{whose}; "
                "det som behöver tidigare månader kan inte räknas."
            )
    return ""


def _first_month(year: int, window_months: int) -> str:
    """The first month of a window that ends with the year."""
    return f"{year - int(window_months) // 12 + 1}-01"
