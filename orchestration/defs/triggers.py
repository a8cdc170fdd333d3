"""What starts a run without a person: a nightly schedule and new files in landing."""

import dagster as dg

from orchestration.settings import load_settings

whole_house = dg.define_asset_job(
    "whole_house",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Leveranser in, indikatorer ut: hela grafen i en process.",
)

nightly = dg.ScheduleDefinition(
    job=whole_house, cron_schedule="0 4 * * *", execution_timezone="Europe/Stockholm", name="nightly"
)


@dg.sensor(job=whole_house, minimum_interval_seconds=60)
def new_delivery(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run when the newest file in landing/register is newer than the last run's."""
    folder = load_settings().landing_register
    times = (
        [path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    )
    newest = str(max(times, default=0))
    if newest == (context.cursor or "0"):
        return dg.SkipReason("Inga nya filer i landing/register.")
    context.update_cursor(newest)
    return dg.RunRequest(run_key=f"landing:{newest}")
