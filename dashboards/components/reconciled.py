"""Reconciliation: our figures beside the published ones, and published tables that contradict each other."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import layout, words
from orchestration.release.wording import VERDICT_WORDS

EXPLANATIONS = {
    "agrees": "vår siffra blir den tryckta när den avrundas",
    "differs": "skillnaden är större än avrundningen",
    "not_comparable": "riket och medelvärden kan jämföras först när alla kommuner har levererat",
    "own_missing": "en månad är inte levererad, registret börjar senare, eller underlag saknas",
    "own_suppressed": "så få personer att siffran inte visas",
    "published_missing": "rapporten har ett märke i stället för ett tal",
    "both_missing": "rapporten har ett märke, och vi har inte heller någon siffra",
}
BREAKDOWNS = {"total": "alla", "sex=K": "kvinnor", "sex=M": "män"}
ALL_TABLES, ALL_AREAS, ALL_VERDICTS = "Alla tabeller", "Alla områden", "Alla utfall"


def _summary(found: pd.DataFrame) -> None:
    counts = found.groupby("verdict")["figures_count"].sum()
    cards = []
    for verdict, word in VERDICT_WORDS.items():
        if verdict in counts.index:
            cards.append(
                f'<div class="bl-card"><div class="bl-name" style="min-height:0">{word}</div>'
                f'<div class="bl-value">{words.number(counts[verdict])}</div>'
                f'<div class="bl-of">{EXPLANATIONS[verdict]}</div></div>'
            )
    st.html(f'<div class="bl-cards">{"".join(cards)}</div>')


def _by_table(found: pd.DataFrame) -> None:
    """One row per published table, one column per verdict that occurs."""
    rows = []
    for table, part in found.groupby("published_table_id", sort=False):
        counts = part.set_index("verdict")["figures_count"]
        rows.append(
            {
                "Publicerad tabell": words.table_name(table),
                **{
                    word: words.number(counts.get(verdict, 0))
                    for verdict, word in VERDICT_WORDS.items()
                    if verdict in set(found["verdict"])
                },
            }
        )
    table = pd.DataFrame(rows)
    table = table.iloc[
        sorted(
            range(len(table)),
            key=lambda i: int("".join(filter(str.isdigit, rows[i]["Publicerad tabell"])) or 0),
        )
    ]
    layout.html_table(table, list(table.columns[1:]))


def _details(found: pd.DataFrame) -> None:
    columns = st.columns(3)
    tables = list(dict.fromkeys(found["published_table_id"]))
    with columns[0]:
        table = st.selectbox(
            "Tabell",
            [ALL_TABLES, *tables],
            format_func=lambda one: one if one == ALL_TABLES else words.table_name(one),
            key="avst_tabell",
        )
    with columns[1]:
        area = st.selectbox("Område", [ALL_AREAS, *dict.fromkeys(found["geography_name"])], key="avst_omrade")
    with columns[2]:
        present = [word for verdict, word in VERDICT_WORDS.items() if verdict in set(found["verdict"])]
        verdict = st.selectbox("Utfall", [ALL_VERDICTS, *present], key="avst_utfall")
    if table != ALL_TABLES:
        found = found[found["published_table_id"] == table]
    if area != ALL_AREAS:
        found = found[found["geography_name"] == area]
    if verdict != ALL_VERDICTS:
        found = found[[VERDICT_WORDS[one] == verdict for one in found["verdict"]]]
    st.caption(f"{words.number(len(found))} jämförelser")
    shown = pd.DataFrame(
        {
            "Tabell": [words.table_name(one) for one in found["published_table_id"]],
            "Område": found["geography_name"],
            "År": found["period_year"],
            "Mått": found["indicator_name"],
            "Gäller": [BREAKDOWNS.get(one, one) for one in found["breakdown"]],
            "Publicerad": [
                words.shown(row.published_value, row.published_status, row.unit, row.decimals)
                for row in found.itertuples()
            ],
            "Egen": [
                words.shown(
                    row.own_value, row.own_status, row.unit, row.decimals + 1 if row.unit == "share" else 0
                )
                for row in found.itertuples()
            ],
            "Skillnad": [
                "" if words.is_missing(row.difference) else _signed(row.difference, row.unit, row.decimals)
                for row in found.itertuples()
            ],
            "Tolerans": [
                f"±{words.number(100 * row.tolerance, row.decimals + 1) if row.unit == 'share' else words.number(row.tolerance, 1)}"
                for row in found.itertuples()
            ],
            "Utfall": [
                VERDICT_WORDS[row.verdict]
                if row.verdict != "differs" or words.is_missing(row.cause_name)
                else f"{VERDICT_WORDS[row.verdict]} ({row.cause_name})"
                for row in found.itertuples()
            ],
        }
    )
    layout.html_table(shown, ["År", "Publicerad", "Egen", "Skillnad", "Tolerans"])
    export = layout.for_download(found).drop(columns=["indicator_id", "geography_id", "decimals"])
    export["verdict"] = [VERDICT_WORDS.get(one, one) for one in export["verdict"]]
    layout.download(
        export.rename(
            columns={
                "published_table_id": "tabell",
                "definition_id": "definition",
                "indicator_name": "matt",
                "geography_name": "omrade",
                "period_year": "ar",
                "breakdown": "uppdelning",
                "published_value": "publicerad",
                "value_as_printed": "som_tryckt",
                "published_status": "publicerad_status",
                "unit": "enhet",
                "own_value": "egen",
                "own_status": "egen_status",
                "difference": "skillnad",
                "tolerance": "tolerans",
                "verdict": "utfall",
                "known_cause": "kand_orsak_kod",
                "cause_name": "kand_orsak",
            }
        ),
        "avstamning.csv",
        "ladda_avstamning",
    )


def _contradiction(row) -> str:
    """One plain sentence for a row of queries.contradictions."""
    group = "" if row.breakdown == "total" else f", {BREAKDOWNS.get(row.breakdown, row.breakdown)}"
    what = f"**{row.area_name} {row.period_year}**, {row.indicator_name[0].lower()}{row.indicator_name[1:]}{group}: "
    printed = f"{words.table_name(row.table_a)} anger {words.figure(row.value_a, row.unit, row.decimals)}"
    if row.contradiction_kind == "impossible_share":
        return (
            f"{what}{printed}, men inget helt antal av de {words.number(row.value_b)} vuxna i "
            f"{words.table_name(row.table_b)} ger den andelen."
        )
    if row.contradiction_kind == "parts_do_not_add_up":
        gap = words.number(abs(row.value_b - row.value_a), row.decimals)
        return (
            f"{what}{printed}, men delarna blir tillsammans {words.figure(row.value_b, row.unit, row.decimals)}, "
            f"{gap} {'färre' if row.value_b < row.value_a else 'fler'}."
        )
    return (
        f"{what}{printed} och {words.table_name(row.table_b)} anger {words.figure(row.value_b, row.unit, row.decimals)}. "
        "Skillnaden är större än avrundning kan förklara, så minst en av dem är fel tryckt."
    )


def _signed(value: float, unit: str, decimals: int) -> str:
    return words.signed(words.number(100 * value, decimals + 1) if unit == "share" else words.number(value))


def show(page: layout.Page) -> None:
    """Verdicts counted, table by table, what the printed tables say against each other, and every comparison."""
    summary = queries.reconciliation_summary(page.release)
    if summary.empty:
        st.info("Det finns inga publicerade siffror att jämföra med i den här utgåvan.")
        return
    _summary(summary)
    if page.info["is_synthetic"]:
        st.html(
            '<div class="bl-note">Det påhittade registret är gjort så att det ska ligga nära de publicerade siffrorna. '
            "Att de stämmer visar att beräkningarna följer definitionerna, inte att registret är verkligt.</div>"
        )

    st.header("Tabell för tabell")
    _by_table(summary)

    st.header("Publicerade tabeller som säger emot varandra")
    conflicts = queries.contradictions(page.release)
    if conflicts.empty:
        st.markdown("Inga publicerade siffror säger emot varandra.")
    else:
        st.markdown("\n".join(f"- {_contradiction(row)}" for row in conflicts.itertuples()))

    st.header("Varje jämförelse")
    _details(queries.reconciliation(page.release))
    sources = queries.sources(page.release)
    printed = sources[sources["licence"].str.startswith("Tryckta sakuppgifter")]
    names = "; ".join(f"{row.source_name}, {row.publisher}" for row in printed.itertuples())
    st.html(
        '<div class="bl-caption"><b>Definition:</b> Egen siffra är räknad ur registret med den metod som anges i Om data. '
        "De stämmer när vår siffra, oavrundad, ligger inom en halv enhet i den sista tryckta decimalen (toleransen). "
        f"<b>Källa:</b> {layout.escape(names) or 'publicerade tabeller'}; {layout.escape(page.info['source_label'])}, "
        f"uppgifter per {layout.escape(page.info['as_of'])}. <b>Period:</b> de år tabellerna anger. "
        "<b>Status:</b> publicerade siffror är avskrivna som de är tryckta, även när de är fel.</div>"
    )
