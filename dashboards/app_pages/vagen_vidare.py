"""Vägen vidare: need against measures, waiting, how long aid lasts by first measure, exits and return, before and after a
marked change, and the municipality's own targets by quarter."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import (
    address,
    blocks,
    change_steps,
    charts,
    flow_charts,
    follow_up,
    layout,
    picture,
    words,
)

ALL, NONE = "alla", "ingen_insats"
LEFT_AFTER = (3, 6, 12)
MOST_CURVES = 5
YEARLY = [("exits", "default"), ("return_share_12m", "default")]
ONLY_INSIDE = (
    "Behov mot insatser, väntan och hur många som är kvar efter den första insatsen visas bara i den interna utgåvan, eftersom få "
    "personer är i varje insats; här står avslut och återaktualisering, före och efter en förändring, och egna mål."
)
NO_EFFECT = (
    "En kurva är ingen effekt: den som fick en insats hade kvar biståndet tills den började, och vem som får vilken insats är "
    "inte slump."
)
SPELL = (
    "<b>Definition:</b> biståndsperioder i kommunen som syns börja, bland vuxna, från den första månad som kommunen lämnat insatser "
    "för: tre levererade månader utan bistånd före. Två månader utan är inget slut, tre är det. Den första insatsen är den som "
    "började först under perioden."
)


def _note(text: str, kind: str = "bl-note") -> None:
    st.html(f'<div class="{kind}">{text}</div>')


def _whole(share: object) -> str:
    return "" if words.is_missing(share) else words.figure(float(str(share)), "share", 0)


def _answer(needs: pd.DataFrame, chains: pd.DataFrame) -> str:
    """The page in one or two sentences, from figures that are shown."""
    last = needs[(needs["period"] == needs["period"].max()) & (needs["reason"] == ALL)].set_index(
        "measure_kind"
    )
    said = f"I {words.month_text(needs['period'].max())} hade <b>{words.number(last.loc[ALL, 'adults_count'])}</b> vuxna ekonomiskt bistånd"
    if NONE in last.index:
        none = last.loc[NONE]
        said += f", och <b>{words.number(none['adults_count'])}</b> av dem ({_whole(none['adults_share'])}) var inte i någon insats"
    whole = chains[(chains["reason"] == ALL) & (chains["measure_kind"] == ALL)]
    if whole.empty:
        return f"{said}."
    row = whole.iloc[0]
    if not words.is_missing(row["waiting_months_median"]):
        months = words.figure(
            row["waiting_months_median"], "months", 0 if row["waiting_months_median"] % 1 == 0 else 1
        )
        said += f". Den som fick en insats väntade {months} i median"
    if row["return_known_count"] > 0:
        said += (
            f". Av {words.number(row['return_known_count'])} perioder som slutat och följts i tolv månader kom "
            f"<b>{words.number(row['returned_count'])}</b> tillbaka"
        )
    return f"{said}."


def _needs(area: pd.Series, needs: pd.DataFrame) -> None:
    """Adults by reason, and which kinds of measure they are in."""
    months = sorted(needs["period"].unique(), reverse=True)
    month = layout.remembered_choice("Månad", months, "manad", months[0])
    found = needs[needs["period"] == month]
    st.header(f"Behov mot insatser, {words.month_text(month)}")
    reasons = found[found["reason"] != ALL]
    drawn = reasons[reasons["measure_kind"].isin([ALL, NONE])].assign(
        label=lambda one: one["reason_name"],
        series=lambda one: one["measure_kind"].map(
            {ALL: "alla vuxna med hindret", NONE: "därav utan insats"}
        ),
        value=lambda one: one["adults_count"],
        value_status="published",
    )
    picture.show(
        charts.paired_bars(drawn[["label", "series", "value", "value_status"]], "persons", 0),
        f"Vuxna efter försörjningshinder, alla och utan insats, {area['geography_name']} {words.month_text(month)}",
    )
    names = dict(zip(found["reason"], found["reason_name"], strict=True))
    reason = address.choose(
        "Insatser för försörjningshinder", list(names), "hinder", ALL, name=lambda one: names.get(one, one)
    )
    of = found[found["reason"] == reason]
    table = pd.DataFrame(
        {
            "Insats": of["measure_kind_name"],
            "Vuxna": [words.number(count) for count in of["adults_count"]],
            "Andel": [_whole(share) for share in of["adults_share"]],
        }
    )
    layout.html_table(table, ["Vuxna", "Andel"])
    _note(
        "<b>Definition:</b> vuxna med bistånd månaden, efter hindret då, och de slag av insats som de var i någon dag. Den som har två "
        "hinder eller är i två insatser står i båda, så raderna kan bli fler än alla. Ett slag som ingen är i har ingen rad.",
        "bl-caption",
    )  # fmt: skip
    export = found[["reason_name", "measure_kind_name", "adults_count", "adults_share"]].rename(
        columns={
            "reason_name": "hinder",
            "measure_kind_name": "insats",
            "adults_count": "vuxna",
            "adults_share": "andel",
        }
    )
    layout.download(export, f"behov_{area['geography_id']}_{month}.csv", "ladda_behov")


def _counts(found: pd.DataFrame, name: str, heading: str, columns: dict[str, str]) -> pd.DataFrame:
    """A table with a row of counts by name, each column with its heading."""
    table = pd.DataFrame({heading: found[name]})
    for column, title in columns.items():
        table[title] = [words.number(count) for count in found[column]]
    return table


def _waiting_table(found: pd.DataFrame, name: str, heading: str) -> None:
    columns = {
        "spells_count": "Perioder",
        "measure_before_count": "Insats före",
        "measure_during_count": "Insats under",
        "measure_after_count": "Insats efter",
    }
    table = _counts(found, name, heading, columns)
    for title, column in (
        ("Väntan, median", "waiting_months_median"),
        ("Väntan, medel", "waiting_months_mean"),
    ):
        table[title] = [
            "ej tillämpligt" if words.is_missing(value) else words.figure(value, "months", 1)
            for value in found[column]
        ]
    layout.html_table(table, list(table.columns[1:]))


def _waiting(area: pd.Series, chains: pd.DataFrame) -> None:
    """From the first month of aid to the first measure."""
    st.header("Väntan från första månaden till första insatsen")
    kinds = chains[chains["reason"] == ALL]
    drawn = kinds[kinds["waiting_months_mean"].notna()].rename(
        columns={"measure_kind_name": "label", "waiting_months_mean": "value"}
    )
    if len(drawn):
        picture.show(
            charts.bars(
                drawn[["label", "value"]].assign(value_status="published"), "months", 1, row_height=36
            ),
            f"Månader från biståndets första månad till den första insatsen, medel, {area['geography_name']}",
        )
    _waiting_table(kinds, "measure_kind_name", "Första insats")
    with st.expander("Väntan efter försörjningshinder"):
        _waiting_table(
            chains[(chains["measure_kind"] == ALL) & (chains["reason"] != ALL)],
            "reason_name",
            "Försörjningshinder",
        )
    _note(
        f"{SPELL} En insats som började före perioden eller efter den räknas för sig; 0 månader är samma månad.",
        "bl-caption",
    )


def _left(page: layout.Page, area: pd.Series) -> None:
    """What share still has aid after 3, 6 and 12 months, by first measure."""
    curves = queries.measure_curves(page.release, area["geography_id"])
    left = queries.measure_left(page.release, area["geography_id"])
    if left.empty:
        return
    st.header("Hur många som är kvar, efter den första insatsen")
    _note(f"<b>{NO_EFFECT}</b>")
    kinds = list(dict.fromkeys(curves["measure_kind"]))[:MOST_CURVES]
    picture.show(
        flow_charts.curves(
            curves[curves["measure_kind"].isin(kinds)].rename(
                columns={"measure_kind_name": "series", "months_since_start": "month_since_entry"}
            ),
            by="Första insats",
        ),
        f"Andel som fortfarande har bistånd efter så många månader, efter den första insatsen, {area['geography_name']}",
    )
    table = pd.DataFrame({"Första insats": list(dict.fromkeys(left["measure_kind_name"]))})
    for months in LEFT_AFTER:
        of = left[left["months"] == months].set_index("measure_kind_name")
        table[f"Kvar efter {months} månader"] = [
            words.shown(of.loc[name, "value"], of.loc[name, "value_status"], "share", 0)
            if name in of.index
            else "inte ännu"
            for name in table["Första insats"]
        ]
    layout.html_table(table, list(table.columns[1:]))
    _note(
        f"Perioderna är de som ovan. Var och en följs så långt slutet kan ses (Kaplan–Meier); den som är kvar när registret slutar räknas till dess. "
        f"Diagrammet visar de {MOST_CURVES} med flest perioder, tabellen alla.",
        "bl-caption",
    )  # fmt: skip


def _exits(page: layout.Page, area: pd.Series, chains: pd.DataFrame) -> None:
    """How many end and come back: of all by year, and by first measure and reason where the release has them."""
    st.header("Avslut och återaktualisering")
    values = queries.yearly_values(page.release, area["geography_id"])
    own = pd.concat([blocks.of(values, key) for key in YEARLY])
    if own.empty:
        _note("Det finns inga årsvärden för kommunen ännu.")
    else:
        blocks.years(page, area, values, {YEARLY[0]: "Avslutade bistånd"}, height=220)
        blocks.measure_table(page, values, YEARLY)
        returned = layout.definition_of(page, *YEARLY[1])
        layout.caption(page, returned, "alla år i tabellen", with_caveats=False)
    ended = chains[(chains["reason"] == ALL) & (chains["ended_count"] > 0)]
    if ended.empty:
        return
    st.subheader("Efter den första insatsen")
    columns = {
        "ended_count": "Slutade",
        "return_known_count": "Följda tolv månader",
        "returned_count": "Tillbaka",
    }
    table = _counts(ended, "measure_kind_name", "Första insats", columns)
    table["Tillbaka, andel"] = [_whole(share) or "inte ännu" for share in ended["returned_share"]]
    layout.html_table(table, list(table.columns[1:]))
    _note(
        "Perioderna är de som ovan. Tillbaka är den som fick bistånd i kommunen igen inom tolv månader efter slutet.",
        "bl-caption",
    )
    _endings(page, area)


def _endings(page: layout.Page, area: pd.Series) -> None:
    """What the spells ended for, when the reasons compete."""
    found = queries.measure_endings(page.release, area["geography_id"])
    if found.empty:
        return
    months = int(found["months"].max())
    st.subheader(f"Varför perioderna slutat inom {months} månader")
    picture.show(
        charts.bars(found[["label", "value", "value_status"]], "share", 1, row_height=34, label_width=26),
        f"Andel av biståndsperioderna som slutat inom {months} månader efter orsak, {area['geography_name']}",
    )
    _note(
        "Orsakerna konkurrerar: den som slutat av en orsak kan inte sluta av en annan. Resten är kvar.",
        "bl-caption",
    )


def _changes(page: layout.Page, area: pd.Series) -> None:
    """Before and after a marked change, with the spread of the same step among the others."""
    st.header("Före och efter en markerad förändring")
    found = queries.changes(page.release, area["geography_id"])
    if found.empty:
        _note(
            "Ingen förändring är markerad för kommunen. Den skrivs på sidan Förbättringsarbete och läggs i <code>landing/events</code>."
        )
        return
    # two changes of a day are told apart by their order
    days = found[["event_date", "title"]].drop_duplicates()
    days["code"] = days["event_date"].dt.strftime("%Y-%m-%d")
    order = days.groupby("code").cumcount()
    days["code"] += ["" if number == 0 else f".{number + 1}" for number in order]
    names = {row.code: f"{row.code[:10]} {row.title}" for row in days.itertuples()}
    found = found.merge(days, on=["event_date", "title"])
    # at first the latest that can be held against others, or that is known at all
    known = found[found["value_status"] == "published"]
    beside = known[known["others_status"] == "published"]
    known = (beside if len(beside) else known)["code"]
    chosen = address.choose(
        "Förändring", list(names)[::-1], "handelse", known.iloc[-1] if len(known) else days["code"].iloc[-1],
        name=lambda code: names.get(code, code),
    )  # fmt: skip
    rows = found[found["code"] == chosen]
    items = "".join(f"<li>{change_steps.sentence(row)}</li>" for _, row in rows.iterrows())
    _note(f"<ul>{items}</ul>")
    if rows["change_share"].notna().any() or rows["others_median"].notna().any():
        picture.show(
            change_steps.chart(
                rows[["indicator_name", "change_share", "others_p25", "others_median", "others_p75"]]
            ),
            f"Månaderna efter ”{rows['title'].iloc[0]}” mot samma månader året före, {area['geography_name']} och andra kommuner",
        )
    change_steps.table(rows)
    _note(
        "Månaderna räknas från den första hela efter förändringen, de som är kända i följd inom ett år, och jämförs med samma månader året "
        "före. De andra kommunerna är alla med en siffra för samma månader, vad de än själva har ändrat. Siffrorna säger vad som "
        "hände efter förändringen, inte vad som hade hänt utan den.",
        "bl-caption",
    )  # fmt: skip
    name = f"forandring_{area['geography_id']}_{chosen}.csv"
    layout.download(layout.for_download(rows.drop(columns=["code", "decimals"])), name, "ladda_forandring")


page = layout.open_page()
st.title("Vilka insatser får människor, och vad händer sedan?")
area = layout.choose_area(page, only_municipalities=True)
needs = queries.measure_needs(page.release, area["geography_id"])
chains = queries.measure_chains(page.release, area["geography_id"])
if page.info["profile"] != "internal":
    _note(ONLY_INSIDE, "bl-note bl-lead")
elif needs.empty:
    _note(
        "Här finns inga insatser för kommunen, så behov mot insatser, väntan och hur många som är kvar kan inte visas. Insatser kommer i en "
        "egen fil, om de alls lämnas.",
        "bl-note bl-lead",
    )  # fmt: skip
else:
    _note(_answer(needs, chains), "bl-note bl-lead")
    _needs(area, needs)
    if len(chains):
        _waiting(area, chains)
        _left(page, area)
_exits(page, area, chains)
_changes(page, area)
st.header("Egenkontroll: mål och utfall per kvartal")
follow_up.show_targets(page.release, area["geography_id"], only_quarters=True)
