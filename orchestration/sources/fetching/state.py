"""How it stands with each source: its newest snapshot and how the last attempt ended."""

from __future__ import annotations

from orchestration.catalog.loader import load_catalog
from orchestration.database import attach, open_database
from orchestration.errors import PlainError
from orchestration.progress import swedish_number
from orchestration.settings import Settings, utc_now
from orchestration.sources.connector import OUTCOMES, service_of, with_service
from orchestration.sources.fetching.snapshots import list_outcomes, list_snapshots


def list_lines(settings: Settings) -> list[str]:
    """One line per dataset, and the last attempt below it when it did not end well."""
    now = utc_now()
    last = {(one.source_id, one.dataset_id): one for one in list_outcomes(settings)}
    lines = []
    for source in with_service(load_catalog(settings)):
        for dataset in service_of(source).datasets:
            name = f"{source.source_id}/{dataset.dataset_id}"
            snapshots = list_snapshots(settings, source.source_id, dataset.dataset_id)
            if snapshots:
                newest = snapshots[-1]
                days = (now - newest.retrieved_at).days
                age = f"{newest.retrieved_at:%Y-%m-%d}, {days} dagar gammal"
                if days > dataset.fresh_days:
                    age += f" (äldre än {dataset.fresh_days} dagar: hämta på nytt)"
                lines.append(f"{name}: {age}, {swedish_number(newest.rows)} rader")
            else:
                lines.append(f"{name}: aldrig hämtad")
            attempt = last.get((source.source_id, dataset.dataset_id))
            if attempt is not None:
                lines.append(
                    f"    senaste försök {attempt.attempted_at:%Y-%m-%d %H:%M}: {OUTCOMES[attempt.outcome]}"
                )
                if attempt.snapshot_id is None:
                    lines.append(f"    {attempt.message}")
    return lines


def stale_datasets(settings: Settings) -> list[str]:
    """The datasets whose newest snapshot is older than the catalogue wants; never fetched is not stale."""
    now = utc_now()
    found = []
    for source in with_service(load_catalog(settings)):
        for dataset in service_of(source).datasets:
            snapshots = list_snapshots(settings, source.source_id, dataset.dataset_id)
            if snapshots and (now - snapshots[-1].retrieved_at).days > dataset.fresh_days:
                found.append(f"{source.source_id}/{dataset.dataset_id}")
    return found


def diff_lines(settings: Settings, source_id: str) -> list[str]:
    """What the source changed afterwards, as it stood when the warehouse was last built.

    Raises PlainError when revisions of the source are not followed or nothing is built.
    """
    if source_id != "kolada":
        raise PlainError(f"Ändringar följs bara för kolada, inte för {source_id}.")
    if not settings.warehouse.is_file():
        raise PlainError("Datalagret är inte byggt; kör bistand run först.")
    with open_database() as connection:
        attach(connection, settings.warehouse, "warehouse")
        rows = connection.execute("""
            select
                left(new_snapshot_id, 8), revision_kind, kpi_id, area_id, period_year, gender, old_value, new_value
            from warehouse.marts.kolada_revisions
            order by new_snapshot_id, kpi_id, area_id, period_year, gender
        """).fetchall()
        gone = connection.execute("""
            select kpis.kpi_id, any_value(kpis.title)
            from warehouse.raw.kolada_kpis as kpis
            where kpis.kpi_id not in (
                select kpi_id from warehouse.raw.kolada_kpis
                where snapshot_number = (
                    select max(snapshot_number) from warehouse.raw.source_snapshots
                    where source_id = 'kolada' and dataset_id = 'kpis'
                )
            )
            group by kpis.kpi_id order by kpis.kpi_id
        """).fetchall()
    lines = [f"{kpi} ({title}): finns inte längre i Koladas katalog" for kpi, title in gone]
    if not rows and not lines:
        return ["Kolada har inte ändrat något som redan var hämtat."]
    return [*lines, *(_diff_line(*row) for row in rows)]


def _diff_line(
    day: str, kind: str, kpi: str, area: str, year: int, gender: str, old: float | None, new: float | None
) -> str:
    if kind == "vanished_kpi":
        return f"{day} {kpi}: hela nyckeltalet är borta (fanns till {year}); de gamla värdena gäller"
    change = {
        "changed": f"{_told(old)} → {_told(new)}",
        "added": f"nytt {_told(new)}",
        "removed": f"{_told(old)} borta",
    }
    return f"{day} {kpi} {area} {year} {gender}: {change[kind]}"


def _told(value: float | None) -> str:
    return "saknas" if value is None else f"{value:g}".replace(".", ",")
