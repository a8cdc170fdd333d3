"""What every page shares: styles, banner, choice of area, coverage, caption, tables and downloads."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import access, queries
from dashboards.components import colours, words

PROFILE_WORDS = {
    "public": "offentlig (små antal visas inte, andra är avrundade)",
    "internal": "intern (hela antal, bara för kommunens eget bruk)",
}

_STYLES = f"""
<style>
.bl-banner {{background:#fff4d6;border-left:6px solid #b7791f;color:#4a3200;padding:.6rem .9rem;
  border-radius:4px;font-size:.98rem;line-height:1.4}}
.bl-foot {{color:{colours.QUIET};font-size:.85rem;border-top:1px solid {colours.GRID};padding-top:.6rem;margin-top:1rem}}
.bl-cards {{display:grid;grid-template-columns:repeat(auto-fill,minmax(235px,1fr));gap:.75rem}}
.bl-card {{border:1px solid #c8d0d8;border-radius:6px;padding:.75rem .9rem;display:flex;flex-direction:column;
  background:#fff;color:{colours.INK}}}
.bl-name {{font-size:.92rem;line-height:1.25;color:{colours.QUIET};min-height:2.4em}}
.bl-value {{font-size:1.75rem;font-weight:650;line-height:1.25;margin-top:.15rem}}
.bl-value.bl-word {{font-size:1.3rem;font-weight:500;font-style:italic;color:{colours.QUIET};line-height:1.68}}
.bl-of {{font-size:.85rem;color:{colours.QUIET};min-height:1.2em}}
.bl-step {{font-size:.92rem;margin-top:.35rem}}
.bl-trend {{display:inline-block;white-space:nowrap;align-self:flex-start;margin-top:.4rem;padding:.1rem .5rem;border-radius:10px;font-size:.88rem;line-height:1.5}}
.bl-caption {{color:{colours.QUIET};font-size:.85rem;line-height:1.45;margin-bottom:.5rem}}
.bl-caption b {{color:{colours.INK};font-weight:600}}
.bl-note {{color:{colours.INK};font-size:.95rem;line-height:1.45}}
.bl-lead {{font-size:1.1rem;line-height:1.5;max-width:60rem}}
.bl-table {{overflow:auto}}
.bl-long {{max-height:38rem}}
.bl-table thead th {{position:sticky;top:0}}
.bl-table table {{border-collapse:collapse;width:100%;font-size:.92rem;color:{colours.INK}}}
.bl-table th,.bl-table td {{border-bottom:1px solid {colours.GRID};padding:.35rem .6rem;text-align:left;vertical-align:top}}
.bl-table th {{font-weight:600;background:#f3f5f7;border-bottom:1px solid #c8d0d8}}
.bl-table td.l {{min-width:16rem;overflow-wrap:anywhere}}
.bl-table td.m {{min-width:9rem}}
.bl-table td.s {{white-space:nowrap}}
.bl-table td.n,.bl-table th.n {{text-align:right;white-space:nowrap}}
.bl-table td.w {{font-style:italic;color:{colours.QUIET};text-align:right;white-space:nowrap}}
@media (max-width: 640px) {{.bl-table td.l {{min-width:9rem}} .bl-table td.m {{min-width:6rem}}}}
</style>
"""


@dataclass(frozen=True)
class Page:
    """What a page needs to know before it asks anything: the release and the row that describes it."""

    release: queries.Release
    info: pd.Series


def open_page() -> Page:
    """The current release. The router has already stopped when there is none."""
    release = queries.current_release(access.settings())
    return Page(release, queries.release_info(release).iloc[0])


def styles() -> None:
    """Put the pages' own styles in the document."""
    st.html(_STYLES)


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


def escape(text: object) -> str:
    """Text from data, safe inside HTML."""
    return html.escape(str(text))


def remembered_choice(
    label: str, options: list, key: str, default: object, help_text: str | None = None
) -> Any:
    """A choice that stands in the address, so that the page can be sent to someone, and follows to other pages.

    Streamlit forgets a widget, and clears the address, when the reader goes to another page. So the choice is kept
    beside the widget, and the widget is set from it at every run.
    """
    kept_key = f"vald_{key}"
    kept = str(st.session_state.get(kept_key, st.query_params.get(key)))
    st.session_state[key] = next((option for option in options if str(option) == kept), default)

    def keep() -> None:
        st.session_state[kept_key] = st.session_state[key]

    chosen = st.selectbox(label, options, key=key, help=help_text, on_change=keep)
    st.session_state[kept_key] = chosen
    if chosen != default:
        st.query_params[key] = str(chosen)
    elif key in st.query_params:
        del st.query_params[key]
    return chosen


def choose_area(page: Page) -> pd.Series:
    """The chosen area. The choice stands in the address and follows along to the other pages."""
    found = queries.areas(page.release)
    if found.empty:
        st.info("Ingen kommun har levererat ännu; läs in en leverans och publicera på nytt.")
        st.stop()
    names = list(found["geography_name"])
    delivering = found[found["geography_type"] == "municipality"]
    start = delivering["geography_name"].iloc[0] if len(delivering) == 1 else names[0]
    chosen = remembered_choice(
        "Kommun eller område", names, "omrade", start, "Skriv några bokstäver för att söka."
    )
    return found[found["geography_name"] == chosen].iloc[0]


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
    found = queries.indicators(page.release)
    found = found[(found["indicator_id"] == indicator_id) & (found["definition_id"] == definition_id)]
    if found.empty:
        raise KeyError(f"{indicator_id} {definition_id}")
    return found.iloc[0]


def choose_definition(page: Page, label: str, indicator_id: str, key: str, among: Iterable[str]) -> pd.Series:
    """Choose between those of an indicator's definitions that the page can show; the official one first."""
    found = queries.indicators(page.release)
    found = found[(found["indicator_id"] == indicator_id) & found["definition_id"].isin(set(among))]
    names = list(found["definition_name"])
    chosen = remembered_choice(label, names, key, names[0])
    return found[found["definition_name"] == chosen].iloc[0]


def measures(found: pd.DataFrame) -> dict[str, pd.Series]:
    """Rows of the catalogue by the name of the measure, and of the definition where there are several."""
    several = found["indicator_id"].duplicated(keep=False)
    labels = found["indicator_name"] + [
        f" – {name}" if many else "" for name, many in zip(found["definition_name"], several, strict=True)
    ]
    return {label: row for label, (_, row) in zip(labels, found.iterrows(), strict=True)}


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
                "det som behöver tidigare månader är ej rapporterat."
            )
    return ""


def _first_month(year: int, window_months: int) -> str:
    """The first month of a window that ends with the year."""
    return f"{year - int(window_months) // 12 + 1}-01"


MOST_ROWS = 1000


def html_table(frame: pd.DataFrame, number_columns: list[str] | None = None) -> None:
    """A table of ready-made text; figures to the right, words that stand for a missing value in italics.

    A long table scrolls under its header, and is cut at MOST_ROWS with a sentence that says so.
    """
    if len(frame) > MOST_ROWS:
        st.caption(
            f"Visar de första {words.number(MOST_ROWS)} av {words.number(len(frame))} rader; välj snävare."
        )
        frame = frame.head(MOST_ROWS)
    numeric = set(number_columns or [])
    status_words = words.status_words()
    head = "".join(
        f'<th scope="col"{" class=n" if column in numeric else ""}>{escape(column)}</th>' for column in frame
    )
    rows = []
    for row in frame.itertuples(index=False):
        cells = []
        for column, value in zip(frame.columns, row, strict=True):
            text = "" if words.is_missing(value) else str(value)
            kind = " class=s" if len(text) < 20 else " class=m" if len(text) < 50 else " class=l"
            if column in numeric:
                kind = " class=w" if text in status_words else " class=n"
            cells.append(f"<td{kind}>{escape(text)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    long = " bl-long" if len(rows) > 40 else ""
    st.html(
        f'<div class="bl-table{long}"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def html_list(items: list[tuple[str, str]]) -> None:
    """Names and what they mean, one line each."""
    lines = "".join(f"<li><b>{escape(name)}.</b> {escape(text)}</li>" for name, text in items)
    st.html(f'<ul class="bl-note">{lines}</ul>')


def download(frame: pd.DataFrame, file_name: str, key: str) -> None:
    """A button for the table as CSV as Swedish spreadsheets read it: semicolon, decimal comma, UTF-8 with BOM."""
    written = frame.copy()
    for column in written.columns[[kind.kind == "f" for kind in written.dtypes]]:
        written[column] = [
            "" if words.is_missing(value) else words.plain_number(value) for value in written[column]
        ]
    content = written.to_csv(index=False, sep=";").encode("utf-8-sig")
    st.download_button(
        "Ladda ner tabellen (CSV)",
        content,
        file_name=file_name,
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )


def for_download(frame: pd.DataFrame) -> pd.DataFrame:
    """Statuses in words, so that an empty cell in the file always has its reason beside it."""
    found = frame.copy()
    for column in [name for name in found.columns if name.endswith("status")]:
        found[column] = [words.STATUS_WORDS.get(status, status) for status in found[column]]
    return found


def show_chart(chart: Any, description: str) -> None:
    """A chart across the page, with a text for those who do not see it."""
    st.altair_chart(chart, width="stretch", theme=None, alt=description)
