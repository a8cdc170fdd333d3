"""How it stands with each source: what is in force, how old it is, what is next, what changed and how it last ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pyarrow.parquet as pq

from orchestration.catalog.loader import load_catalog
from orchestration.catalog.models import Dataset, Source
from orchestration.database import attach, open_database
from orchestration.errors import PlainError
from orchestration.progress import swedish_number
from orchestration.settings import Settings, utc_now
from orchestration.sources.connector import OUTCOMES, service_of, with_service
from orchestration.sources.fetching.changes import changes
from orchestration.sources.fetching.snapshots import (
    SYNTHETIC,
    Attempt,
    Snapshot,
    list_outcomes,
    list_snapshots,
)
from orchestration.sources.loading import parsed_tables


def status_lines(settings: Settings) -> list[str]:
    """Per dataset what is in force and how old it is; below it what is next, what changed, and how it last ended."""
    last = {(one.source_id, one.dataset_id): one for one in list_outcomes(settings)}
    lines = []
    for source in with_service(load_catalog(settings)):
        for dataset in service_of(source).datasets:
            snapshots = list_snapshots(settings, source.source_id, dataset.dataset_id)
            attempt = last.get((source.source_id, dataset.dataset_id))
            lines += _dataset_lines(settings, source, dataset, snapshots, attempt)
    return lines


def _dataset_lines(
    settings: Settings, source: Source, dataset: Dataset, snapshots: list[Snapshot], attempt: Attempt | None
) -> list[str]:
    name, now = f"{source.source_id}/{dataset.dataset_id}", utc_now()
    if not snapshots:
        lines = [f"{name}: aldrig hämtad"]
    else:
        newest = snapshots[-1]
        days = (now - newest.retrieved_at).days
        age = f"{newest.retrieved_at:%Y-%m-%d}, {days} dagar gammal"
        if newest.origin == SYNTHETIC:
            age = f"påhittat uttag från bistand demo, {newest.retrieved_at:%Y-%m-%d}"
        elif days > dataset.fresh_days:
            age += f" (äldre än {dataset.fresh_days} dagar: hämta på nytt)"
        lines = [f"{name}: {age}, {swedish_number(newest.rows)} rader"]
        lines.append(_next_line(settings, source, dataset, newest, now.date()))
        if len(snapshots) > 1:
            lines.append(_changes_line(settings, source, dataset, snapshots[-2], newest))
    if attempt is not None:
        when = f"{attempt.attempted_at:%Y-%m-%d %H:%M}"
        lines.append(f"    senaste försök {when}: {OUTCOMES[attempt.outcome]}")
        if attempt.snapshot_id is None:
            lines.append(f"    {attempt.message}")
    return lines


def _next_line(settings: Settings, source: Source, dataset: Dataset, newest: Snapshot, today: date) -> str:
    """What the calendar promises after the day of the snapshot, and whether that day has gone by."""
    told = _told_dates(settings, source, dataset)
    expected = next_expected(dataset, newest.retrieved_at.date(), told)
    whose = "källans kalender" if expected in told else "katalogens kalender"
    if newest.origin == SYNTHETIC:
        return "    ersätts av det första verkliga svaret"
    if expected < today:
        how = "lägg in filerna" if dataset.is_by_hand else "hämta på nytt"
        return f"    nytt väntades {expected} enligt {whose}: {how}"
    return f"    nästa väntas {expected} enligt {whose}"


def next_expected(dataset: Dataset, after: date, told: frozenset[date] = frozenset()) -> date:
    """The first day after `after` that the source itself has told, or else that the catalogue's calendar has."""
    if later := [one for one in told if one > after]:
        return min(later)
    days = [_day(year, text) for year in (after.year, after.year + 1) for text in dataset.calendar]
    return min(one for one in days if one > after)


def _day(year: int, text: str) -> date:
    """A day of the calendar; one past the end of its month is the last day of it."""
    month, day = map(int, text.split("-"))
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def _told_dates(settings: Settings, source: Source, dataset: Dataset) -> frozenset[date]:
    """The days of publication that Kolada tells of its KPIs; no other source tells any."""
    if (source.source_id, dataset.dataset_id) not in (("kolada", "kpis"), ("kolada", "values")):
        return frozenset()
    kpis = list_snapshots(settings, "kolada", "kpis")
    tables = {path.stem: path for path in parsed_tables(settings, source, kpis[-1])} if kpis else {}
    if "kolada_kpis" not in tables:
        return frozenset()
    columns = pq.read_table(tables["kolada_kpis"], columns=["prel_publication_date", "publication_date"])
    texts = {text for column in columns.itercolumns() for text in column.to_pylist() if text}
    return frozenset(found for text in texts if (found := _date_or_none(text)))


def _date_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _changes_line(
    settings: Settings, source: Source, dataset: Dataset, before: Snapshot, newest: Snapshot
) -> str:
    """What the newest says otherwise. Files laid in by hand add to those before: what is not in them is not gone."""
    found = changes(settings, source, before, newest)
    since = f"    sedan {before.retrieved_at:%Y-%m-%d}:"
    if found is None:
        return f"{since} jämförs inte"
    parts = [
        f"{swedish_number(count)} {word}"
        for count, word in (
            (found.added, "nya rader"),
            (0 if dataset.is_by_hand else found.gone, "borta"),
            (found.changed, "ändrade"),
        )
        if count
    ]
    return f"{since} {', '.join(parts) or 'inget ändrat'}"


def stale_datasets(settings: Settings) -> list[str]:
    """The datasets whose newest snapshot is older than the catalogue wants; never fetched is not
    stale, nor is what the demo made up."""
    now = utc_now()
    return [
        f"{source.source_id}/{dataset.dataset_id}"
        for source, dataset, snapshots in _real_snapshots(settings)
        if (now - snapshots[-1].retrieved_at).days > dataset.fresh_days
    ]


def late_datasets(settings: Settings, today: date, days: int) -> Iterator[tuple[str, date, bool]]:
    """(name, day that something new was expected, whether it is laid in by hand) of what is more than `days` late."""
    for source, dataset, snapshots in _real_snapshots(settings):
        told = _told_dates(settings, source, dataset)
        expected = next_expected(dataset, snapshots[-1].retrieved_at.date(), told)
        if (today - expected).days > days:
            yield f"{source.source_id}/{dataset.dataset_id}", expected, dataset.is_by_hand


def changed_datasets(settings: Settings, after: date) -> Iterator[tuple[str, Snapshot, int, int]]:
    """(name, newest snapshot, rows changed, rows gone) where the newest, retrieved since `after`, says otherwise what was there.

    A source tells of none of this itself. What is laid in by hand adds to what was there, so nothing of it is gone.
    """
    for source, dataset, snapshots in _real_snapshots(settings):
        if len(snapshots) < 2 or snapshots[-1].retrieved_at.date() < after:
            continue
        found = changes(settings, source, *snapshots[-2:])
        gone = 0 if found is None or dataset.is_by_hand else found.gone
        if found is not None and (found.changed or gone):
            yield f"{source.source_id}/{dataset.dataset_id}", snapshots[-1], found.changed, gone


def _real_snapshots(settings: Settings) -> Iterator[tuple[Source, Dataset, list[Snapshot]]]:
    """The datasets that have been fetched or laid in, with their snapshots; what the demo made up is none."""
    for source in with_service(load_catalog(settings)):
        for dataset in service_of(source).datasets:
            snapshots = list_snapshots(settings, source.source_id, dataset.dataset_id)
            if snapshots and snapshots[-1].origin != SYNTHETIC:
                yield source, dataset, snapshots


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
