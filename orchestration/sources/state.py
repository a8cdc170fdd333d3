"""How it stands with each source: its newest snapshot and how the last attempt ended."""

from __future__ import annotations

from orchestration.catalog import load_catalog
from orchestration.lib.progress import swedish_number
from orchestration.lib.snapshots import list_outcomes, list_snapshots
from orchestration.settings import Settings, utc_now
from orchestration.sources import OUTCOMES, with_service


def list_lines(settings: Settings) -> list[str]:
    """One line per dataset, and the last attempt below it when it did not end well."""
    now = utc_now()
    last = {(one.source_id, one.dataset_id): one for one in list_outcomes(settings)}
    lines = []
    for source in with_service(load_catalog(settings)):
        for dataset in source.service.datasets:
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
