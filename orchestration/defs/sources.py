"""The official sources: a job that goes out, a weekly schedule that is off until someone turns it on, and freshness."""

import dagster as dg

from orchestration.progress import report
from orchestration.settings import load_settings


@dg.op
def ask_every_source(context: dg.OpExecutionContext) -> None:
    """Fetch every dataset; what fails leaves an outcome and the snapshot before stays in force."""
    from orchestration.sources.fetching.refresh import refresh

    outcomes = refresh(load_settings(), progress=report)
    told = "\n".join(f"- {one.message}" for one in outcomes)
    context.add_output_metadata({"outcomes": dg.MetadataValue.md(told)})


@dg.job(
    executor_def=dg.in_process_executor,
    description="Hämtar de officiella källorna; det enda som går ut på nätet.",
)
def refresh_sources() -> None:
    """The only job that uses the network."""
    ask_every_source()


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
    """A warning and never a stop: what is old still holds, and says its date."""
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
