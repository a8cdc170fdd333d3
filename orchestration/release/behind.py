"""What stands behind a figure: deliveries, rows that were set aside, and the sources with the day they were fetched."""

from __future__ import annotations

from typing import Any

import duckdb

from orchestration.intake.rules.catalogue import rule_catalogue
from orchestration.release import wording
from orchestration.release.figure import Figure

_MOST_DELIVERIES = 12
# the municipality itself, or those that belonged to the area in the year; the country is all of them
_MEMBERS = """
(
    municipality_code = $id or $id = '0000' or municipality_code in (
        select municipality_code from geography_members
        where geography_id = $id and cast(left($last, 4) as integer)
            between coalesce(first_year, 0) and coalesce(last_year, 9999)
    )
)
"""
_DELIVERIES = f"""
select
    delivery_id, deliveries.state, min(deliveries.received_at), count(distinct municipality_code), min(period), max(period),
    count(distinct period), any_value(file_name)
from deliveries
left join delivery_files using (delivery_id)
where deliveries.state {{states}} and period between $first and $last and {_MEMBERS}
group by delivery_id, deliveries.state
order by 3, 1
"""
_SET_ASIDE = f"""
select rule_id, count(*), count(rows_count), sum(rows_count)
from delivery_rule_hits
where severity in ('error', 'duplicate') and period between $first and $last and {_MEMBERS}
    and exists (
        select 1 from deliveries
        where deliveries.state = 'accepted' and deliveries.delivery_id = delivery_rule_hits.delivery_id
            and deliveries.municipality_code = delivery_rule_hits.municipality_code
            and deliveries.period = delivery_rule_hits.period
    )
group by rule_id
order by rule_id
"""


def window(figure: Figure) -> tuple[str, str]:
    """First and last month that the figure is counted over."""
    if "-Q" in figure["period"]:
        year, _, quarter = figure["period"].partition("-Q")
        return f"{year}-{int(quarter) * 3 - 2:02d}", f"{year}-{int(quarter) * 3:02d}"
    is_month = len(figure["period"]) == 7
    last = figure["period"] if is_month else f"{figure['period']}-12"
    # a month is itself, unless the definition rolls over the months before it
    months = (
        1 if is_month and "rolling" not in figure["definition_id"] else int(figure["window_months"] or 12)
    )
    index = _month_number(last) - months
    return f"{index // 12:04d}-{index % 12 + 1:02d}", last


def _month_number(month: str) -> int:
    """Months since year 0, of `2019-05`."""
    return int(month[:4]) * 12 + int(month[5:])


def _asked(figure: Figure) -> dict[str, str]:
    first, last = window(figure)
    return {"id": figure["geography_id"], "first": first, "last": last}


def deliveries(connection: duckdb.DuckDBPyConnection, figure: Figure) -> list[str]:
    """Those in force, those of the same months that are not, and the months that never came."""
    asked = _asked(figure)
    in_force = connection.execute(_DELIVERIES.format(states="= 'accepted'"), asked).fetchall()
    others = connection.execute(_DELIVERIES.format(states="not in ('accepted', 'missing')"), asked).fetchall()
    lines = _told(in_force) or [f"Inga månader {wording.months_text(asked['first'], asked['last'])} gäller."]
    if figure["topic"] == "flode":
        lines.append(
            "Flöde räknas också på månader före och efter, för att se vem som är ny och vem som kommer åter."
        )
    if others:
        lines += ["Räknas inte:", *_told(others)]
    return lines + _never_came(connection, figure)


def _told(rows: list[tuple[Any, ...]]) -> list[str]:
    lines = []
    for number, state, received, municipalities, first, last, months, file_name in rows[-_MOST_DELIVERIES:]:
        line = (
            f"Leverans {number}, mottagen {received:%Y-%m-%d}, {wording.STATE_WORDS[state].lower()}: "
            f"{wording.months_text(first, last)}"
        )
        if months < _month_number(last) - _month_number(first) + 1:
            line += f" ({months} av månaderna)"
        line += f", {municipalities} kommuner" if municipalities > 1 else ""
        lines.append(line + (f", {file_name}" if file_name else ""))
    if len(rows) > _MOST_DELIVERIES:
        lines.insert(0, f"{len(rows)} leveranser; de {_MOST_DELIVERIES} senaste:")
    return lines


def _never_came(connection: duckdb.DuckDBPyConnection, figure: Figure) -> list[str]:
    is_month = len(figure["period"]) == 7
    rows = connection.execute(
        "select missing_months, missing_municipalities from missing_months where geography_id = $id and period = $period "
        "and window_months = $months",
        {
            "id": figure["geography_id"], "period": figure["period"],
            "months": 1 if is_month else figure["window_months"] or 12,
        },
    ).fetchall()  # fmt: skip
    return [
        f"Saknas: {months or municipalities}." for months, municipalities in rows if months or municipalities
    ]


def set_aside(connection: duckdb.DuckDBPyConnection, figure: Figure) -> list[str]:
    """Rows in the deliveries in force that are not counted, by the rule that they broke."""
    titles = {rule_id: rule.title for rule_id, rule in rule_catalogue().items()}
    lines = []
    for rule_id, hits, shown, rows in connection.execute(_SET_ASIDE, _asked(figure)).fetchall():
        # a count in the band is null: what is summed is then only a part
        if rows is None:
            told = wording.STATUS_WORDS["suppressed"]
        else:
            told = f"{'minst ' if shown < hits else ''}{wording.number(rows)} rader"
        title = f" {titles[rule_id]}" if rule_id in titles else ""
        lines.append(f"{rule_id}{title}: {told}.")
    return lines


def sources(connection: duckdb.DuckDBPyConnection, figure: Figure) -> list[str]:
    """The source of the figure and, where people are divided by the population, that of the population."""
    lines = _named(connection, "source_id = $source", figure["source_id"])
    lines += _snapshots(connection, figure["source_id"])
    if "share_population" in figure["indicator_id"]:
        # what was laid in as a file has no snapshot
        laid_in = "starts_with(source_id, $source) and is_synthetic = (select is_synthetic from release_info)"
        population = _snapshots(connection, "scb", "population") or _named(connection, laid_in, "population")
        lines += [f"Nämnaren: {line}" for line in population]
    for table, source_id in connection.execute(
        "select published_table_id, split_part(published_table_id, ':', 1) from published_values where indicator_id = $indicator "
        "and definition_id = $definition and geography_id = $id and period = $period and contains(published_table_id, ':') "
        "group by all order by all",
        {
            "indicator": figure["indicator_id"], "definition": figure["definition_id"],
            "id": figure["geography_id"], "period": figure["period"],
        },
    ).fetchall():  # fmt: skip
        # what else is fetched from Kolada says nothing of where a value is from
        dataset_id = "values" if source_id == "kolada" else None
        lines += [
            f"{wording.table_name(table)}: {line}" for line in _snapshots(connection, source_id, dataset_id)
        ]
    return lines


def _named(connection: duckdb.DuckDBPyConnection, where: str, source_id: str) -> list[str]:
    return [
        f"{name} ({publisher}; {licence})."
        for name, publisher, licence in connection.execute(
            f"select source_name, publisher, licence from dim_sources where {where} order by source_id",
            {"source": source_id},
        ).fetchall()
    ]


def _snapshots(
    connection: duckdb.DuckDBPyConnection, source_id: str, dataset_id: str | None = None
) -> list[str]:
    return [
        f"{name}, {citation}, hämtad {retrieved:%Y-%m-%d} (ögonblicksbild {snapshot_id})."
        for name, citation, retrieved, snapshot_id in connection.execute(
            "select dataset_name, citation, retrieved_at, snapshot_id from source_datasets where source_id = $source "
            "and coalesce($dataset, dataset_id) = dataset_id and retrieved_at is not null order by sort_order",
            {"source": source_id, "dataset": dataset_id},
        ).fetchall()
    ]
