"""Definitioner: how every measure is counted, its variants side by side on one's own figures, and all that it is divided by."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import address, charts, layout, opened, picture, words

TOTAL = "total"
# more groups than this are read in the table
MOST_BARS = 30
MONTHS, YEARS = 7, 4
TOPICS = {
    "omfattning": "Omfattning",
    "varaktighet": "Varaktighet",
    "flode": "Flöde",
    "hushall": "Hushåll",
    "belopp": "Belopp",
    "forsorjningshinder": "Försörjningshinder",
    "aktivitetskravet": "Aktivitetskravet",
    "kostnad": "Kostnad",
    "lokala_forutsattningar": "Lokala förutsättningar",
    "oppna_jamforelser": "Öppna jämförelser",
}


def _kind(breakdown: str) -> str:
    """`sex;age` for `sex=K;age=18-24`."""
    return ";".join(part.split("=")[0] for part in breakdown.split(";"))


def _kind_name(kind: str, names: pd.DataFrame) -> str:
    known = names.drop_duplicates("dimension_id").set_index("dimension_id")["dimension_name"]
    if kind == TOTAL:
        return "Ingen, alla tillsammans"
    parts = [known.get(part, {"district": "Stadsdel"}.get(part, part)) for part in kind.split(";")]
    return ", ".join([parts[0], *[part[0].lower() + part[1:] for part in parts[1:]]])


def _labelled(found: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Rows with the name of their group, in the order of the code lists."""
    known = names.set_index(["dimension_id", "value_code"])[["value_name", "value_order"]]

    def named(breakdown: str) -> tuple[tuple[int, ...], str]:
        keys = [tuple(part.split("=", 1)) for part in breakdown.split(";")]
        order = tuple(int(known.loc[key, "value_order"]) if key in known.index else 0 for key in keys)
        return order, ", ".join(
            known.loc[key, "value_name"] if key in known.index else key[1] for key in keys
        )

    places = {breakdown: named(breakdown) for breakdown in found["breakdown"].unique()}
    drawn = found.assign(
        label=[places[breakdown][1] for breakdown in found["breakdown"]],
        place=[places[breakdown] for breakdown in found["breakdown"]],
    )
    return drawn.sort_values(["place", "period"])


def _shown(frame: pd.DataFrame, definition: pd.Series) -> list[str]:
    unit, decimals = definition["unit"], int(definition["decimals"])
    return [
        words.shown(value, status, unit, decimals)
        for value, status in zip(frame["value"], frame["value_status"], strict=True)
    ]


def _printed(page: layout.Page, area: pd.Series, definition: pd.Series) -> pd.DataFrame:
    """Figures of others for the same measure, in the shape of our own: year, series, value, value_status."""
    found = queries.printed_values(page.release, area["geography_id"])
    found = found[
        (found["indicator_id"] == definition["indicator_id"])
        & (found["definition_id"] == definition["definition_id"])
    ]
    return found.assign(
        year=found["period_year"],
        series=layout.printed_names(found),
    )


def _over_time(page: layout.Page, area: pd.Series, definition: pd.Series, found: pd.DataFrame) -> None:
    """The measure as a whole: years with printed figures beside, then months."""
    unit, decimals = definition["unit"], int(definition["decimals"])
    yearly = found[found["period"].str.len() == YEARS]
    printed = _printed(page, area, definition)
    if len(yearly):
        lines = yearly.assign(year=yearly["period"].astype(int), series="Egen beräkning ur registret")
        marks = printed[printed["value_status"] == "published"][["year", "value", "series"]]
        chart = charts.years_line(lines, unit, decimals, marks)
    elif len(printed):
        chart = charts.years_line(printed, unit, decimals)
    else:
        chart = None
    if chart is not None:
        picture.show(chart, f"{definition['indicator_name']} över åren, {area['geography_name']}")
    is_quarter = found["period"].str.contains("Q")
    monthly = found[(found["period"].str.len() == MONTHS) & ~is_quarter]
    if len(monthly):
        st.header("Månad för månad")
        picture.show(
            charts.months_line(monthly, unit, decimals),
            f"{definition['indicator_name']} månad för månad, {area['geography_name']}",
        )
    elif is_quarter.any():
        st.info("Måttet räknas per kvartal; se sidan Aktivitetskravet.")
    elif chart is None:
        st.info("Måttet finns inte för området i den här utgåvan.")


def _by_group(area: pd.Series, definition: pd.Series, found: pd.DataFrame, names: pd.DataFrame) -> None:
    """The groups of one breakdown: bars of the year chosen, and every year in a table."""
    yearly = found[found["period"].str.len() == YEARS]
    if yearly.empty:
        st.info("Uppdelningen finns bara månad för månad; ladda ner tabellen för att se den.")
        return
    drawn = _labelled(yearly, names)
    years = sorted(yearly["period"].unique(), reverse=True)
    known = yearly[yearly["value_status"] == "published"]["period"]
    year = str(layout.choose_year([int(one) for one in years], int(known.max() if len(known) else years[0])))
    one = drawn[drawn["period"] == year]
    if len(one) <= MOST_BARS:
        picture.show(
            charts.bars(
                one[["label", "value", "value_status"]],
                definition["unit"],
                int(definition["decimals"]),
                row_height=34,
            ),
            f"{definition['indicator_name']} efter grupp, {area['geography_name']} {year}",
        )
    table = drawn.assign(shown=_shown(drawn, definition)).pivot(
        index="label", columns="period", values="shown"
    )
    table = table.loc[list(dict.fromkeys(drawn["label"]))].reset_index(names="Grupp")
    layout.html_table(table, list(table.columns[1:]))


def _opened(area: pd.Series, definition: pd.Series, found: pd.DataFrame, names: pd.DataFrame) -> None:
    """Any figure of the page opened: years before months, the latest first, of any group."""
    periods = sorted(found["period"].unique(), key=lambda period: (-len(period), period), reverse=True)
    labelled = _labelled(found, names) if TOTAL not in set(found["breakdown"]) else found.assign(label="")
    groups = dict(zip(labelled["label"], labelled["breakdown"], strict=True))
    opened.how_counted(definition, area["geography_id"], periods, groups)


def _figures(page: layout.Page, area: pd.Series, definition: pd.Series) -> None:
    """The measure on one's own figures, by any breakdown it has."""
    everything = queries.indicator_values(
        page.release, area["geography_id"], definition["indicator_id"], definition["definition_id"]
    )
    names = queries.breakdowns(page.release)
    everything = everything.assign(kind=[_kind(breakdown) for breakdown in everything["breakdown"]])
    kinds = sorted(everything["kind"].unique(), key=lambda kind: (kind != TOTAL, kind))
    kind = TOTAL
    if kinds:
        kind = address.choose(
            "Uppdelning", kinds, "uppdelning", kinds[0], name=lambda one: _kind_name(one, names)
        )
    found = everything[everything["kind"] == kind]
    if kind == TOTAL:
        _over_time(page, area, definition, found)
    else:
        _by_group(area, definition, found, names)
    if found.empty:
        return
    if begins := layout.register_begins(page, area, definition):
        st.caption(begins)
    period = f"{found['period'].min()} till {found['period'].max()}"
    # flow has windows of its own, so the municipalities behind a year are others
    is_flow = definition["topic"] == "flode"
    coverage = layout.coverage_text(page, area, window_years=int(definition["window_months"]) // 12)
    layout.caption(page, definition, period, "" if is_flow else coverage, with_caveats=False)
    _opened(area, definition, found, names)
    export = layout.for_download(_labelled(found, names) if kind != TOTAL else found.assign(label=""))
    columns = {
        "period": "period", "breakdown": "uppdelning", "label": "grupp", "value": "varde", "numerator": "taljare",
        "denominator": "namnare", "value_status": "status",
    }  # fmt: skip
    layout.download(
        export[list(columns)].rename(columns=columns),
        f"{definition['indicator_id']}_{area['geography_id'].replace(':', '_')}.csv",
        "ladda_indikator",
    )


def _search(catalogue: dict[str, pd.Series]) -> None:
    """Measures whose name, definition or Kolada id hold what the reader writes, as links."""
    wanted = (
        st.text_input("Sök bland definitionerna", placeholder="till exempel barn, 10 månader eller N31814")
        .strip()
        .lower()
    )
    if not wanted:
        return
    hits = [
        (code, row)
        for code, row in catalogue.items()
        if wanted
        in " ".join(
            str(row[name]) for name in ("indicator_name", "definition_name", "definition_text", "kolada_id")
        ).lower()
    ]
    lines = "".join(
        f'<li><a href="{layout.escape(address.link("definitioner", matt=code))}" target="_self">'
        f"{layout.escape(layout.measure_name(catalogue, code))}</a>: {layout.escape(row['definition_text'])}</li>"
        for code, row in hits
    )
    count = "1 träff" if len(hits) == 1 else f"{len(hits) or 'Inga'} träffar"
    st.html(f'<div class="bl-note">{count}<ul>{lines}</ul></div>')


def _definition(definition: pd.Series) -> None:
    """How the measure is counted, in full."""
    lines = [layout.escape(definition["definition_text"])]
    for label, text in (
        ("Täljare", definition["numerator_text"]),
        ("Nämnare", definition["denominator_text"]),
        ("Motsvarar i Kolada", definition["kolada_id"]),
        ("Att tänka på", definition["caveat_text"]),
        ("Obs", definition["unseen_months_text"]),
    ):
        if not words.is_missing(text):
            lines.append(f"<b>{label}:</b> {layout.escape(text)}")
    st.html(f'<div class="bl-note">{"<br>".join(lines)}</div>')


def _variants(page: layout.Page, area: pd.Series, definition: pd.Series) -> None:
    """The yearly figures of every way to count the measure, side by side."""
    found = queries.indicators(page.release)
    found = found[found["indicator_id"] == definition["indicator_id"]]
    values = queries.yearly_values(page.release, area["geography_id"])
    values = values[values["indicator_id"] == definition["indicator_id"]]
    if len(found) < 2 or values.empty:
        return
    st.header("Olika sätt att räkna, sida vid sida")
    unit, decimals = definition["unit"], int(definition["decimals"])
    rows, drawn = [], []
    for one in found.itertuples():
        of = values[values["definition_id"] == one.definition_id]
        if of.empty:
            continue
        name = one.definition_name + (" (officiell)" if one.is_official else "")
        drawn.append(of.rename(columns={"period_year": "year"}).assign(series=name))
        rows.append(
            {
                "Sätt att räkna": name,
                **{
                    str(row.period_year): words.shown(row.value, row.value_status, unit, decimals)
                    for row in of.itertuples()
                },
                "Hur": one.definition_text,
            }
        )
    if len(rows) < 2:
        return
    picture.show(
        charts.years_line(pd.concat(drawn), unit, decimals, height=240),
        f"{definition['indicator_name']} räknat på {len(rows)} sätt, {area['geography_name']}",
    )
    table = pd.DataFrame(rows)
    layout.html_table(table, [column for column in table if column not in ("Sätt att räkna", "Hur")])


def _all(catalogue: dict[str, pd.Series]) -> None:
    """Every definition, by topic, folded away."""
    st.header("Alla definitioner")
    by_topic: dict[str, list[str]] = {}
    for code, row in catalogue.items():
        name = layout.escape(layout.measure_name(catalogue, code))
        link = layout.escape(address.link("definitioner", matt=code))
        by_topic.setdefault(row["topic"], []).append(
            f'<li><a href="{link}" target="_self">{name}</a>: {layout.escape(row["definition_text"])}</li>'
        )
    for topic, lines in by_topic.items():
        with st.expander(f"{TOPICS.get(topic, topic)} ({len(lines)})"):
            st.html(f'<ul class="bl-note">{"".join(lines)}</ul>')


page = layout.open_page()
st.title("Hur räknas varje mått?")
catalogue = layout.measures(queries.indicators(page.release))
_search(catalogue)
left, right = st.columns([2, 3])
with right:
    definition = layout.choose_measure(page, catalogue, next(iter(catalogue)))
with left:
    area = layout.maybe_area(page)
st.header(f"{definition['indicator_name']}{'' if area is None else ', ' + area['geography_name']}")
_definition(definition)
if area is None:
    st.info("Välj kommun för att se måttet i egna siffror.")
else:
    _figures(page, area, definition)
    _variants(page, area, definition)
_all(catalogue)
