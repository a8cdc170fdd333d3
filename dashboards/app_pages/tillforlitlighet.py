"""Går siffrorna att lita på: what has come and what has not, what was corrected, checked and protected, and the published figures."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import address, charts, colours, layout, picture, reconciled, words
from orchestration.intake.rules.catalogue import rule_catalogue
from orchestration.release.compare import tell
from orchestration.release.wording import STATE_WORDS
from orchestration.sources.connector import GOOD_OUTCOMES, OUTCOMES

SENDERS_WORDS = ("Fil", "Besked", "Kolumner som inte lästs in")
SEVERITIES = {"error": "fel", "blocking": "stoppar", "warning": "varning", "duplicate": "dubblett"}
GATES = {"landing": "Vid inläsningen", "release": "Inför publicering", "dbt": "I beräkningarna"}


def _text(value: object) -> str:
    return "" if words.is_missing(value) else str(value)


def _release(page: layout.Page) -> None:
    info = page.info
    layout.html_table(
        pd.DataFrame(
            [
                ("Utgåva", info["release_id"]),
                ("Uppgifter per", info["as_of"]),
                ("Månader i registret", f"{info['first_month']} till {info['last_month']}"),
                ("Kommuner som har levererat", words.number(info["municipalities_count"])),
                ("Register", info["source_label"]),
                ("Påhittade uppgifter", "ja" if info["is_synthetic"] else "nej"),
                ("Profil", layout.PROFILE_WORDS.get(info["profile"], info["profile"])),
            ],
            columns=["Uppgift", "Innehåll"],
        )
    )


def _deliveries(page: layout.Page) -> None:
    months = queries.delivery_months(page.release)
    if months.empty:
        st.info("Inga leveranser är redovisade i den här utgåvan.")
        return
    counts = months["state"].value_counts()
    parts = [
        f"{name}: <b>{words.number(counts[state])}</b>"
        for state, (name, _) in colours.DELIVERY_STATES.items()
        if state in counts.index
    ]
    st.html(f'<div class="bl-note">En månad i en kommun är en leverans. {" · ".join(parts)}</div>')
    picture.show(charts.delivery_map(months), "Leveransernas läge, kommun för kommun och månad för månad")
    gaps = months[months["state"].isin(["missing", "held", "rejected", "forgotten"])]
    if len(gaps):
        rows = []
        for (name, state), part in gaps.groupby(["municipality_name", "state"], sort=False):
            rows.append(
                {
                    "Kommun": name,
                    "Läge": colours.DELIVERY_STATES[state][0],
                    "Antal månader": words.number(len(part)),
                    "Från": part["period"].min(),
                    "Till": part["period"].max(),
                }
            )
        st.subheader("Månader som saknas, väntar på beslut eller är underkända")
        layout.html_table(pd.DataFrame(rows), ["Antal månader"])
    layout.download(
        months.assign(state=[colours.DELIVERY_STATES[one][0] for one in months["state"]]).rename(
            columns={
                "municipality_name": "kommun",
                "period": "manad",
                "state": "lage",
                "deliveries_count": "leveranser",
            }
        ),
        "leveranser.csv",
        "ladda_leveranser",
    )


def _files(page: layout.Page) -> None:
    files = queries.delivery_files(page.release)
    shown = pd.DataFrame(
        {
            "Nr": files["delivery_id"],
            "Fil": [_text(one) for one in files["file_name"]],
            "Läge": [STATE_WORDS.get(one, one) for one in files["state"]],
            "Besked": [_text(one) for one in files["message"]],
            "Regel": [_text(one) for one in files["rule_id"]],
            "Mottagen": files["received_at"].dt.strftime("%Y-%m-%d %H:%M"),
            "Rader lästa": [_count(one) for one in files["rows_read"]],
            "Inlästa": [_count(one) for one in files["rows_loaded"]],
            "I karantän": [_count(one) for one in files["rows_quarantined"]],
            "Dubbletter": [_count(one) for one in files["rows_duplicate"]],
            "Kolumner som inte lästs in": [_text(one) for one in files["ignored_columns"]],
        }
    )
    # a public release holds no words of a sender
    shown = shown.loc[:, [name not in SENDERS_WORDS or (shown[name] != "").any() for name in shown]]
    layout.html_table(shown, ["Rader lästa", "Inlästa", "I karantän", "Dubbletter"])


def _count(value: Any) -> str:
    return words.small_count() if words.is_missing(value) else words.number(value)


def _sum(shown: Any, is_part: bool) -> str:
    if words.is_missing(shown):
        return words.STATUS_WORDS["suppressed"]
    return f"{'minst ' if is_part else ''}{words.number(shown)}"


def _rule_hits(page: layout.Page) -> None:
    hits = queries.rule_hits(page.release)
    if hits.empty:
        st.markdown("Inga rader har fastnat i en kontrollregel.")
        return
    rules = rule_catalogue()
    layout.html_table(
        pd.DataFrame(
            {
                "Regel": hits["rule_id"],
                "Vad som var fel": [rules[one].title if one in rules else one for one in hits["rule_id"]],
                "Slag": [SEVERITIES.get(one, one) for one in hits["severity"]],
                "Rader": [_sum(*one) for one in zip(hits["rows_count"], hits["is_part"], strict=True)],
                "Filer": [words.number(one) for one in hits["files_count"]],
                "Gör så här": [rules[one].action if one in rules else "" for one in hits["rule_id"]],
            }
        ),
        ["Rader", "Filer"],
    )


def _quality(page: layout.Page) -> None:
    results = queries.quality_results(page.release)
    failed = int((~results["is_passed"].astype(bool)).sum())
    st.html(
        f'<div class="bl-note"><b>{words.number(len(results) - failed)}</b> kontroller godkända, '
        f"<b>{words.number(failed)}</b> inte godkända.</div>"
    )
    shown = pd.DataFrame(
        {
            "Utfall": ["✓ godkänd" if one else "✗ inte godkänd" for one in results["is_passed"]],
            "När": [GATES.get(one, one) for one in results["gate"]],
            "Kontroll": results["expectation"],
            "Observerat": [_text(one) for one in results["observed"]],
            "Tabell": [_text(one) for one in results["table_name"]],
            "Kolumn": [_text(one) for one in results["column_name"]],
            "Allvar": [SEVERITIES.get(one, _text(one)) for one in results["severity"]],
            "Rader": ["" if words.is_missing(one) else words.number(one) for one in results["checked_rows"]],
        }
    )
    layout.html_table(shown, ["Rader"])


def _fetched(page: layout.Page) -> None:
    found = queries.source_datasets(page.release)
    state = []
    for row in found.itertuples():
        if words.is_missing(row.last_outcome):
            state.append("aldrig hämtad")
        elif words.is_missing(row.rows_count) or row.last_outcome not in GOOD_OUTCOMES:
            state.append(f"{_day(row.last_attempted_at)}: {row.last_message}")
        else:
            gone = re.findall(r"Nyckeltalet \w+ finns inte i Koladas katalog\.", row.last_message or "")
            state.append(" ".join([f"{OUTCOMES[row.last_outcome]} {_day(row.last_attempted_at)}", *gone]))
    layout.html_table(
        pd.DataFrame(
            {
                "Källa": found["source_name"],
                "Del": found["dataset_name"],
                "Gällande uppgifter hämtade": [
                    _day(row.retrieved_at) + (" (inlagda för hand)" if row.origin == "hand" else "")
                    for row in found.itertuples()
                ],
                "Rader": ["" if words.is_missing(one) else words.number(one) for one in found["rows_count"]],
                "Senaste försöket": state,
                "Källan kommer ut": found["cadence"],
            }
        ),
        ["Rader"],
    )


def _day(moment: object) -> str:
    return "" if words.is_missing(moment) else f"{moment:%Y-%m-%d}"


def _own(page: layout.Page, area: pd.Series | None, months: pd.DataFrame) -> None:
    """In a sentence: what has come, and what has not."""
    counts = months["state"].isin(["accepted", "replaced"])
    last = page.info["last_month"]
    said = (
        f"<b>{words.municipalities(page.info['municipalities_count'])}</b> har levererat, till och med "
        f"<b>{words.month_text(str(last))}</b>. {words.number(counts.sum())} av {words.number(len(months))} månader är godkända."
    )
    if area is not None and area["geography_type"] == "municipality":
        own = months[months["municipality_name"] == area["geography_name"]]
        missing = own[~own["state"].isin(["accepted", "replaced"])]
        said += f" {layout.escape(area['geography_name'])}: {len(own) - len(missing)} av {len(own)}."
        if len(missing):
            said += f" Det som fattas ligger inom {words.months_text(missing['period'].min(), missing['period'].max())}."
    st.html(f'<div class="bl-note bl-lead">{said}</div>')


def _corrections(page: layout.Page, area: pd.Series | None) -> None:
    """What is another than before: deliveries that replaced others, and figures since the release before."""
    st.header("Leveranser som ersatts")
    months = queries.delivery_months(page.release)
    replaced = months[months["state"] == "replaced"]
    if replaced.empty:
        st.html('<div class="bl-note">Ingen månad har levererats på nytt.</div>')
    else:
        rows = [
            {
                "Kommun": name,
                "Antal månader": words.number(len(part)),
                "Från": part["period"].min(),
                "Till": part["period"].max(),
            }
            for name, part in replaced.groupby("municipality_name", sort=False)
        ]
        layout.html_table(pd.DataFrame(rows), ["Antal månader"])
    st.header("Siffror som är andra än i förra utgåvan")
    before, changes = queries.news(page.release, None if area is None else area["geography_id"])
    if before is None:
        st.html('<div class="bl-note">Det finns ingen tidigare utgåva att jämföra med.</div>')
        return
    lines = list(tell(changes, [], layout.indicator_names(page)))
    st.html(
        f'<div class="bl-note">Jämfört med utgåva {layout.escape(before)}:'
        f"<ul>{''.join(f'<li>{layout.escape(line)}</li>' for line in lines[:30])}</ul></div>"
    )
    if len(lines) > 30:
        st.caption(f"De första 30 av {len(lines)} raderna; välj kommun för att se bara dess.")


def _protection(page: layout.Page) -> None:
    """What is protected, and why."""
    st.header("Vad som skyddas, och varför")
    st.html(
        '<div class="bl-note">Uppgifterna gäller människors ekonomi och försörjning. Personnummer byts mot en nyckel när filen tas emot '
        "och finns ingenstans därefter. Ingen siffra redovisas per handläggare.</div>"
    )
    if page.info["profile"] == "public":
        st.html(f'<div class="bl-note">{layout.escape(words.protection(page.info))}</div>')
    else:
        st.html(
            '<div class="bl-note">Utgåvan är intern: alla antal visas hela, också de små. Den är bara för kommunens eget bruk.</div>'
        )


def _sources(page: layout.Page) -> None:
    """Where the figures come from, and how old what is fetched is."""
    st.header("Källor")
    sources = queries.sources(page.release)
    layout.html_table(
        pd.DataFrame(
            {
                "Källa": sources["source_name"],
                "Utgivare": sources["publisher"],
                "Licens": sources["licence"],
                "Innehåll": [
                    " ".join(filter(None, (_text(row.source_text), _text(row.caveat_text))))
                    for row in sources.itertuples()
                ],
                "Påhittad": ["ja" if one else "nej" for one in sources["is_synthetic"]],
            }
        )
    )
    st.header("Hämtat från officiella källor")
    _fetched(page)


def _checks(page: layout.Page) -> None:
    """Every file, what stuck, and what was checked."""
    st.header("Rader som fastnat i en kontrollregel")
    _rule_hits(page)
    st.header("Kontroller av beräkningar och utgåva")
    _quality(page)
    st.header("Filer")
    _files(page)


def _delivered(page: layout.Page) -> None:
    """What has been delivered, and the release itself."""
    st.header("Leveranser")
    _deliveries(page)
    st.header("Utgåvan")
    _release(page)


PARTS = {
    "leveranser": "Leveranser",
    "rattelser": "Rättelser",
    "kontroller": "Kontroller",
    "avstamning": "Avstämning",
    "skydd": "Skydd",
    "kallor": "Källor",
}
page = layout.open_page()
st.title("Var kommer siffrorna ifrån, och går de att lita på?")
area = layout.maybe_area(page) if len(queries.areas(page.release)) else None
months = queries.delivery_months(page.release)
if len(months):
    _own(page, area, months)
part = address.choose(
    "Del av sidan", list(PARTS), "del", "leveranser", name=lambda one: PARTS.get(one, one), as_tabs=True
)
if part == "leveranser":
    _delivered(page)
elif part == "rattelser":
    _corrections(page, area)
elif part == "kontroller":
    _checks(page)
elif part == "avstamning":
    reconciled.show(page)
elif part == "skydd":
    _protection(page)
else:
    _sources(page)
st.html(
    '<div class="bl-caption"><b>Källa:</b> leveranserna och kontrollerna bakom utgåva '
    f"{layout.escape(page.info['release_id'])}. <b>Status:</b> uppgifter per {layout.escape(page.info['as_of'])}.</div>"
)
