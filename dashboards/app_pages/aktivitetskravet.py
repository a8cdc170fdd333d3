"""Aktivitetskravet: the quarter's counts as they are reported to IVO, the target group, what is law and what is our reading."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import layout, opened, picture, words
from dashboards.components.activity_chart import target_group_lines
from orchestration.release.activity_report import REPORT_COLUMNS, state_of, warnings_of

FIRST_MONTH = "2026-10"
MEASURE_MONTHS = 6
# headings of several words, which would push the last columns off the page
_NARROW_HEADINGS = "<style>.bl-table th.n {white-space:normal;min-width:5.2rem;vertical-align:bottom}</style>"
LEVELS = {
    "Publiceringskategorier": "publication",
    "Som hindren registrerats": "registration",
}
# the monthly counts of the table, in words that find room there; the catalogue says them whole
COLUMNS = {
    "three_months_adults": "Fyra månader i följd",
    "three_months_exempt_seen": "därav undantag syns",
    "three_months_possible": "högst omfattas",
    "six_months_adults": "Sex månader i följd",
    "jobpremium_base": "Jobbpremie",
    "jobpremium_left": "därav utan bistånd",
    "households_over_three_children": "Hushåll, fler än tre barn",
}
SOURCES = {"register": "leveranser av insatser", "by_hand": "sammanställning gjord för hand"}
LAW = [
    "Nämnden ska kräva aktivitet av den som haft försörjningsstöd i minst tre månader i följd (12 kap. 4 a §), och får göra det tidigare (4 d §).",
    "Varje kvartal rapporteras till IVO hur många som anvisats enligt 4 a §, hur många enligt 4 d §, och hur många som nekats eller fått nedsatt försörjningsstöd för att de inte deltagit (34 kap. 12 §).",
    "Varje antal delas upp på personernas försörjningshinder (12 kap. 5 § socialtjänstförordningen).",
    "Undantagna är bland andra den som är under 18 år, går i gymnasiet vid 18–20 år, är sysselsatt på heltid, nått riktåldern, har sjukpenning, sjuk- eller aktivitetsersättning, eller är föräldraledig med barn under ett år.",
    "Sjukdom utan ersättning är inget undantag: timmarna anpassas efter förmågan.",
]
READING = [
    "Om nya anvisningar eller alla som gäller ska räknas säger lagen inte: båda visas, märkta nya och gällande.",
    "Kvartalet är det då anvisningen gavs eller beslutet fattades.",
    "Hindret är det som står på anvisningen, annars personens senaste registrerade. Den som haft två står i båda raderna, och en gång i raden för alla.",
    "Målgruppen räknas i en och samma kommun: månaden och de tre före. En månad med bara övrigt bistånd bryter följden.",
    "Undantagen är de som syns i registret. De övriga är en gräns uppåt, inte de som ska anvisas.",
    "Kvartalet visas när alla tre månaderna är levererade. En kommun som ännu inte lämnat en fil av slaget är ej rapporterad, inte noll.",
]


def _quarter(found: pd.DataFrame) -> str | None:
    """The quarter that is looked at: the latest one that is told, when the reader has not chosen."""
    if found.empty:
        return None
    quarters = sorted(found["period"].unique(), reverse=True)
    told = found[found["is_directed_reported"] | found["is_reduced_reported"]]["period"]
    default = max(told) if len(told) else quarters[0]
    return layout.remembered_choice("Kvartal", quarters, "kvartal", default)


def _counts(page: layout.Page, area: pd.Series, found: pd.DataFrame, quarter: str) -> None:
    """The table of the report, and the same as text to copy where the counts are whole."""
    st.header(f"Att rapportera, {words.month_text(quarter)}")
    rows = found[found["period"] == quarter]
    first = rows.iloc[0]
    for warning in warnings_of(first, quarter, area["geography_type"] == "municipality"):
        st.warning(warning)
    level = LEVELS[
        layout.remembered_choice("Försörjningshinder", list(LEVELS), "hinderniva", next(iter(LEVELS)))
    ]
    rows = rows[rows["reason_level"].isin(["total", level])]
    table = pd.DataFrame({"Försörjningshinder": rows["reason_name"]})
    for column, heading in REPORT_COLUMNS.items():
        table[heading] = [
            words.shown(value, status, "persons", 0)
            for value, status in zip(rows[f"{column}_count"], rows[f"{column}_status"], strict=True)
        ]
    layout.html_table(table, list(REPORT_COLUMNS.values()))
    st.html(f'<div class="bl-caption">{layout.escape(state_of(first, page.info["profile"]))}</div>')
    if page.info["profile"] == "internal":
        with st.expander("Kopiera till IVO:s formulär"):
            st.code(table.to_csv(sep="\t", index=False), language=None)
    layout.download(table, f"aktivitetskravet_{area['geography_id']}_{quarter}.csv", "ladda_aktivitet")


def _share(page: layout.Page, area: pd.Series, quarter: str) -> None:
    """Of those who can be required, how many have a direction."""
    found = queries.directed_share(page.release, area["geography_id"])
    found = found[found["period"] == quarter]
    if found.empty:
        return
    row = found.iloc[0]
    st.header("Andel anvisade av dem som högst kan omfattas")
    definition = layout.definition_of(page, "directed_share", "default")
    text = words.shown(row["value"], row["value_status"], "share", int(definition["decimals"]))
    of = (
        f" – {words.number(row['numerator'])} av {words.number(row['denominator'])} vuxna i kvartalets sista månad"
        if row["value_status"] == "published"
        else ""
    )
    st.html(f'<div><span class="bl-value">{text}</span> <span class="bl-note">{of}</span></div>')
    layout.caption(page, definition, words.month_text(quarter))
    opened.how_counted(definition, area["geography_id"], [quarter])


def _has_months(page: layout.Page, area: pd.Series) -> bool:
    """Whether the area has any month of the target group; if not, the reader is told who has."""
    if (queries.target_group(page.release, area["geography_id"])["value_status"] != "not_reported").any():
        return True
    names = list(queries.activity_municipalities(page.release)["geography_name"])
    st.info(
        f"{area['geography_name']} har inga månader från juli 2025 och framåt i registret, så varken kvartal eller målgrupp kan räknas."
        + (f" De finns för {', '.join(names)}." if names else "")
    )
    return False


def _target_group(page: layout.Page, area: pd.Series) -> None:
    """The curve, and the other monthly counts of the law in a table."""
    found = queries.target_group(page.release, area["geography_id"])
    st.header("Målgruppen månad för månad")
    names = {
        "three_months_adults": "Försörjningsstöd fyra månader i följd",
        "three_months_possible": "Högst så många kan omfattas",
        "six_months_adults": "Försörjningsstöd sex månader i följd",
    }
    lines = pd.concat(
        found[found["indicator_id"] == indicator].assign(series=name) for indicator, name in names.items()
    )
    picture.show(
        target_group_lines(lines, FIRST_MONTH),
        f"Aktivitetskravets målgrupp månad för månad, {area['geography_name']}",
    )
    definition = layout.definition_of(page, "three_months_possible", "default")
    periods = sorted(found["period"].unique())
    layout.caption(
        page, definition, f"{words.month_text(periods[0])}–{words.month_text(periods[-1])}",
        layout.coverage_text(page, area),
    )  # fmt: skip
    table = pd.DataFrame({"Månad": periods[::-1]})
    for indicator, heading in COLUMNS.items():
        of = found[found["indicator_id"] == indicator].set_index("period")
        if len(of):
            table[heading] = [
                words.shown(of.loc[period, "value"], of.loc[period, "value_status"], "persons", 0)
                if period in of.index
                else ""
                for period in table["Månad"]
            ]
    layout.html_table(table, list(table.columns[1:]))
    opened.how_counted(definition, area["geography_id"], periods[::-1])


def _measures(page: layout.Page, area: pd.Series) -> None:
    """Persons in each measure; what was counted by hand is a source of its own."""
    found = queries.measure_months(page.release, area["geography_id"])
    if found.empty:
        return
    st.header("Personer i insatser")
    months = sorted(found["period"].unique())[-MEASURE_MONTHS:]
    counts = found.set_index(["measure_name", "count_source", "period"])["persons_count"]
    measures = sorted(set(zip(found["measure_name"], found["count_source"], strict=True)))
    table = pd.DataFrame(
        {
            "Insats": [name for name, _ in measures],
            **{
                month: [
                    words.number(counts[*one, month]) if (*one, month) in counts.index else "–"
                    for one in measures
                ]
                for month in months
            },
            "Källa": [SOURCES[source] for _, source in measures],
        }
    )
    layout.html_table(table, months)
    st.html(
        '<div class="bl-caption">Ett streck är en månad då ingen är inläst i insatsen. En sammanställning är gjord för hand i kommunen och läggs aldrig ihop med registrets antal.</div>'
    )


def _law(page: layout.Page) -> None:
    """What the law says, what we have had to read into it, and the dates."""
    st.header("Vad som är lag och vad som är vår läsning")
    left, right = st.columns(2)
    for column, heading, lines in ((left, "Lagen säger", LAW), (right, "Vår läsning", READING)):
        with column:
            items = "".join(f"<li>{layout.escape(line)}</li>" for line in lines)
            st.html(f'<div class="bl-note"><b>{heading}</b><ul>{items}</ul></div>')
    dates = queries.activity_dates(page.release)
    today = date.today().isoformat()
    table = pd.DataFrame(
        {
            "Datum": dates["event_date"],
            "Vad": dates["date_name"],
            "Källa": [
                row.source + ("" if row.date_status == "printed" else " (inte tryckt)")
                for row in dates.itertuples()
            ],
            "Läge": ["framåt" if day > today else "" for day in dates["event_date"]],
        }
    )
    st.header("Datum")
    layout.html_table(table)


page = layout.open_page()
st.html(_NARROW_HEADINGS)
st.title("Hur många anvisas till aktivitet, och hur många kan omfattas?")
left, right = st.columns(2)
with left:
    area = layout.choose_area(page)
found = queries.activity_quarters(page.release, area["geography_id"])
with right:
    quarter = _quarter(found)
if _has_months(page, area):
    if quarter is None:
        st.info(
            "Registret når inte fram till tredje kvartalet 2026 för området, då rapporteringen till IVO började, så det finns inget kvartal att visa."
        )
    else:
        _counts(page, area, found, quarter)
        _share(page, area, quarter)
    _target_group(page, area)
    _measures(page, area)
_law(page)
