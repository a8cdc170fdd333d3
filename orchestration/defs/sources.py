"""The official sources: an asset for each part, refreshed by a job of its own that goes out; the run never waits for it."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from orchestration.catalog.loader import load_catalog
from orchestration.catalog.models import Dataset, Source
from orchestration.progress import report
from orchestration.settings import load_settings
from orchestration.sources.connector import GOOD_OUTCOMES, service_of, with_service

GROUP = "sources"
# read once for all that Dagster knows: it takes a sixth of a second
CATALOG = load_catalog(load_settings())
# a service that is down for longer than the client waits is asked again after ten and twenty minutes, and not after a week
_LATER = dg.RetryPolicy(max_retries=2, delay=600, backoff=dg.Backoff.LINEAR)
_DATASETS = [(source, dataset) for source in with_service(CATALOG) for dataset in service_of(source).datasets]


def key_of(source: Source, dataset: Dataset) -> dg.AssetKey:
    """The asset of one part of a source."""
    return dg.AssetKey([GROUP, source.source_id, dataset.dataset_id])


def _spec(source: Source, dataset: Dataset) -> dg.AssetSpec:
    by_hand = (
        f" Läggs in för hand: bistand sources add --source {source.source_id}/{dataset.dataset_id} FILER."
    )
    return dg.AssetSpec(
        key_of(source, dataset),
        group_name=GROUP,
        description=f"{source.name}: {dataset.name}. Kommer {dataset.cadence}."
        + (by_hand if dataset.is_by_hand else ""),
        metadata={
            "publisher": source.publisher,
            "licence": source.licence,
            "citation": service_of(source).citation,
            "calendar": ", ".join(dataset.calendar),
        },
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=dataset.fresh_days)),
    )


def _fetched(source: Source, dataset: Dataset) -> dg.AssetsDefinition:
    """One asset whose run asks the service; another source that fails does not stop it."""
    name = f"{source.source_id}/{dataset.dataset_id}"

    @dg.multi_asset(
        name=f"refresh_{source.source_id}_{dataset.dataset_id}",
        specs=[_spec(source, dataset)],
        retry_policy=_LATER,
    )
    def refresh_dataset() -> dg.MaterializeResult:
        from orchestration.sources.fetching.refresh import refresh

        [outcome] = refresh(load_settings(), name, progress=report)
        if outcome.outcome not in GOOD_OUTCOMES:
            raise dg.Failure(
                outcome.message,
                metadata={"outcome": outcome.outcome, "url": outcome.url},
                # what a service said is the same in ten minutes
                allow_retries=outcome.outcome == "unreachable",
            )
        return dg.MaterializeResult(
            metadata={
                "outcome": outcome.outcome,
                "rows": outcome.rows or 0,
                "snapshot": outcome.snapshot_id or "–",
                "url": outcome.url,
            }
        )

    return refresh_dataset


def _checked(source: Source, dataset: Dataset) -> dg.AssetChecksDefinition:
    """A warning and never a stop: what is old still holds, and says its date."""

    @dg.asset_check(
        name="is_fresh",
        asset=key_of(source, dataset),
        description="Det som gäller är inte äldre än katalogen vill, och det senaste försöket gick bra.",
    )
    def is_fresh() -> dg.AssetCheckResult:
        from orchestration.sources.fetching.snapshots import list_outcomes, list_snapshots
        from orchestration.sources.fetching.state import stale_datasets

        settings, name = load_settings(), (source.source_id, dataset.dataset_id)
        tried = [one for one in list_outcomes(settings) if (one.source_id, one.dataset_id) == name]
        snapshots = list_snapshots(settings, *name)
        return dg.AssetCheckResult(
            passed="/".join(name) not in stale_datasets(settings)
            and (not tried or tried[-1].outcome in GOOD_OUTCOMES),
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "in_force": f"{snapshots[-1].retrieved_at:%Y-%m-%d}" if snapshots else "–",
                "snapshots": len(snapshots),
                "last_attempt": tried[-1].message if tried else "–",
            },
        )

    return is_fresh


ASSETS: list[dg.AssetsDefinition | dg.AssetSpec] = [
    _spec(*one) if one[1].is_by_hand else _fetched(*one) for one in _DATASETS
]
CHECKS = [_checked(*one) for one in _DATASETS]

refresh_sources = dg.define_asset_job(
    "refresh_sources",
    selection=dg.AssetSelection.groups(GROUP) | dg.AssetSelection.checks(*CHECKS),
    executor_def=dg.in_process_executor,
    description="Hämtar de officiella källorna; det enda som går ut på nätet.",
)

weekly_refresh = dg.ScheduleDefinition(
    job=refresh_sources,
    cron_schedule="0 5 * * 1",
    execution_timezone="Europe/Stockholm",
    name="weekly_refresh",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)


@dg.asset_check(
    asset=["raw", "source_snapshots"], description="Ingen hämtad källa är äldre än katalogen vill."
)
def sources_are_fresh() -> dg.AssetCheckResult:
    """The same for all of them, in the run: a warning and never a stop."""
    from orchestration.sources.fetching.state import stale_datasets, status_lines

    settings = load_settings()
    stale = stale_datasets(settings)
    return dg.AssetCheckResult(
        passed=not stale,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "stale": ", ".join(stale) or "–",
            "state": dg.MetadataValue.md("\n".join(f"- {line}" for line in status_lines(settings))),
        },
    )
