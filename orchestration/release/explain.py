"""One figure of a release opened: what it is, what it is made of, and where it can be trusted.

Read from the release alone, so that it says the same on the command line, on the pages and years later.
"""

from __future__ import annotations

from typing import Any

import duckdb

from orchestration.release import wording
from orchestration.release.behind import deliveries, set_aside, sources
from orchestration.release.figure import Figure, Question, find_figure, open_release, records
from orchestration.release.files import parquet_of
from orchestration.release.store import Release

Section = tuple[str, list[str]]
# what the months of a year with aid say something about
_ABOUT_MONTHS = ("omfattning", "varaktighet")


def explain(release: Release, question: Question, others: list[Release] | None = None) -> list[Section]:
    """Headings with their lines, in Swedish. `others` are further releases of the profile to look for another value in.

    Raises PlainError when the release has no such figure; the sentence names the nearest ones.
    """
    with open_release(release) as connection:
        sections = _sections(connection, find_figure(connection, question), others or [])
    return [(heading, lines) for heading, lines in sections if lines]


def as_lines(sections: list[Section]) -> list[str]:
    """For a terminal: each heading above its lines."""
    return [line for heading, lines in sections for line in (heading, *(f"  {one}" for one in lines))]


def _sections(connection: duckdb.DuckDBPyConnection, figure: Figure, others: list[Release]) -> list[Section]:
    info = records(connection, "select * from release_info")[0]
    return [
        ("Siffran", _value(figure, info)),
        ("Definition", _definition(figure)),
        ("Uträkning", _parts(figure, info)),
        ("Leveranser bakom", deliveries(connection, figure)),
        ("Rader som inte räknats", set_aside(connection, figure)),
        ("Månader med bistånd", _months(connection, figure)),
        ("Källor", sources(connection, figure)),
        ("Att tänka på", [figure[name] for name in ("caveat_text", "unseen_months_text") if figure[name]]),
        ("Brott i serien", _breaks(connection, figure)),
        ("Publicerat av andra", _published(connection, figure)),
        ("I andra utgåvor", _other_releases(connection, figure, info, others)),
    ]


def _value(figure: Figure, info: dict[str, Any]) -> list[str]:
    place = f"{figure['geography_name']} {wording.month_text(figure['period'])}"
    if figure["breakdown"] != "total":
        place += f", {figure['breakdown_name']}"
    status, band_to = figure["value_status"], info["band_to"]
    told = wording.shown(figure["value"], status, figure["unit"], figure["decimals"], band_to)
    lines = [f"{place}: {told}"]
    if status in wording.STATUS_EXPLANATIONS:
        lines.append(wording.STATUS_EXPLANATIONS[status])
    lines.append(
        f"Utgåva {info['release_id']}, profil {info['profile']}, uppgifter per {info['as_of']}."
        + (" Registret är påhittat." if info["is_synthetic"] else "")
    )
    if figure["is_rounded"] or status == "suppressed":
        lines.append(f"Skydd: {wording.protection(info)}")
    elif info["rounding_base"] and status == "published":
        lines.append("Visas som den är: ett huvudantal, eller en siffra som räknas på sådana.")
    if figure["is_preliminary"]:
        lines.append("Siffran är preliminär.")
    if figure["is_estimated"]:
        lines.append("Folkmängden är uppskattad.")
    return lines + _coverage(figure)


def _coverage(figure: Figure) -> list[str]:
    """How many municipalities an area's figure stands on."""
    included, total = figure["municipalities_included"], figure["municipalities_total"]
    if figure["geography_type"] == "municipality" or included is None:
        return []
    return [f"Bygger på {included} av {total} kommuner, de som har levererat alla månader som behövs."]


def _definition(figure: Figure) -> list[str]:
    name = figure["indicator_name"]
    lines = [
        f"{name}. Enhet: {wording.UNIT_WORDS.get(figure['unit'], figure['unit'])}.",
        f"Id: {figure['indicator_id']}, {figure['definition_id']}.",
    ]
    if others := figure["other_definitions"]:
        what = "den officiella" if figure["is_official"] else "inte den officiella"
        lines.append(f"Definitionen är {what}: {figure['definition_name']}. Andra: {'; '.join(others)}.")
    lines.append(figure["definition_text"])
    if figure["kolada_id"]:
        lines.append(f"Motsvarar {figure['kolada_id']} i Kolada.")
    return lines


def _parts(figure: Figure, info: dict[str, Any]) -> list[str]:
    """Above and below the line; a part that is not shown has a word."""
    lines = []
    for name, said, count in (
        ("Täljare", figure["numerator_text"], figure["numerator"]),
        ("Nämnare", figure["denominator_text"], figure["denominator"]),
    ):
        if said or count is not None:
            status = figure["value_status"] if figure["value_status"] != "published" else "missing"
            told = (
                wording.number(count)
                if count is not None
                else wording.status_word(status, figure["unit"], info["band_to"])
            )
            lines.append(f"{name}: {said or 'antalet själv'} = {told}")
    return lines


def _months(connection: duckdb.DuckDBPyConnection, figure: Figure) -> list[str]:
    """How many adults had aid in how many months, for a yearly figure of all persons."""
    if figure["topic"] not in _ABOUT_MONTHS or figure["breakdown"] != "total":
        return []
    rows = connection.execute(
        "select value_name, numerator, value_status from indicator_values inner join dim_breakdowns "
        "on breakdown = 'duration=' || value_code and dimension_id = 'duration' where indicator_id = 'duration_share' "
        "and geography_id = $id and period = $period order by value_order",
        {"id": figure["geography_id"], "period": figure["period"]},
    ).fetchall()
    lines = [
        f"{name}: {wording.number(count)} vuxna"
        if status == "published"
        else f"{name}: {wording.STATUS_WORDS[status]}"
        for name, count, status in rows
        if status in ("published", "suppressed")
    ]
    # only the internal release holds the months one by one, and only of a municipality do persons add up
    by_month = connection.execute(
        "select months_everywhere_count, sum(adults_count) from adult_years where municipality_code = $id "
        "and cast(period_year as varchar) = $period group by all order by all",
        {"id": figure["geography_id"], "period": figure["period"]},
    ).fetchall()
    if lines and by_month:
        told = ", ".join(f"{months}: {wording.number(count)}" for months, count in by_month)
        lines.append(f"Vuxna efter antal månader: {told}.")
    return lines


def _breaks(connection: duckdb.DuckDBPyConnection, figure: Figure) -> list[str]:
    """Where years of the series are not alike: the definition, the borders, and changes that began a new phase."""
    lines = []
    if figure["published_break_years"]:
        lines.append(f"Publicerade siffror bryts {figure['published_break_years']}.")
    if figure["since_year"]:
        lines.append(f"Definitionen används i publicerad statistik från {figure['since_year']}.")
    if figure["break_years"]:
        lines.append(f"Kommunens gränser ändrades {figure['break_years']}.")
    rows = connection.execute(
        "select event_date, title, kind_name from variation_events where starts_phase "
        "and coalesce(municipality_code, $id) = $id order by event_date, title",
        {"id": figure["geography_id"]},
    ).fetchall()
    return lines + [f"{day}: {title} ({kind.lower()})." for day, title, kind in rows]


def _published(connection: duckdb.DuckDBPyConnection, figure: Figure) -> list[str]:
    rows = connection.execute(
        "select published_table_id, value_as_printed, verdict, cause_name from reconciliation where indicator_id = $indicator "
        "and definition_id = $definition and geography_id = $id and period = $period and breakdown = $breakdown order by 1",
        {
            "indicator": figure["indicator_id"], "definition": figure["definition_id"], "id": figure["geography_id"],
            "period": figure["period"], "breakdown": figure["breakdown"],
        },
    ).fetchall()  # fmt: skip
    return [
        f"{wording.table_name(table)}, som tryckt: {printed}. {wording.VERDICT_WORDS[verdict]}"
        + (f" ({cause})." if cause else ".")
        for table, printed, verdict, cause in rows
    ]


def _other_releases(
    connection: duckdb.DuckDBPyConnection, figure: Figure, info: dict[str, Any], others: list[Release]
) -> list[str]:
    """The releases kept here in which the figure is another, and how many say the same."""
    key = ("indicator_id", "definition_id", "geography_id", "period", "breakdown")
    same, lines = 0, []
    for other in others:
        try:
            rows = connection.execute(
                f"select value, value_status from {parquet_of(other.folder, 'indicator_values')} "
                f"where {' and '.join(f'{name} = ${name}' for name in key)}",
                {name: figure[name] for name in key},
            ).fetchall()
        except duckdb.Error:
            lines.append(f"{other.release_id}: går inte att läsa")
            continue
        if rows == [(figure["value"], figure["value_status"])]:
            same += 1
            continue
        told = (
            wording.shown(rows[0][0], rows[0][1], figure["unit"], figure["decimals"], info["band_to"])
            if rows
            else "fanns inte"
        )
        lines.append(f"{other.release_id}: {told}")
    if same:
        lines.append(f"Samma i {same} {'annan utgåva' if same == 1 else 'andra utgåvor'} som finns här.")
    return lines
