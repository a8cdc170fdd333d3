"""What starts a run without a person: a nightly schedule and new files in landing."""

import hashlib
import json

import dagster as dg

from orchestration.settings import load_settings
from orchestration.warehouse.whats_new import landing_files

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
    """One run when a file in landing (deliveries, exit reasons, events, population, mappings) is new or another than at the
    last look, whatever its time. A file that is taken away starts nothing."""
    now = landing_marks(landing_files(load_settings()))
    before = set(json.loads(context.cursor)) if context.cursor else set()
    context.update_cursor(json.dumps(sorted(now)))
    if not now - before:
        return dg.SkipReason("Inga nya filer i landing.")
    return dg.RunRequest(run_key=hashlib.sha256(repr(sorted(now)).encode()).hexdigest())


def landing_marks(files: dict[str, tuple[int, int]]) -> set[str]:
    """A short mark of each file that is another when the file is: the cursor holds no names."""
    return {hashlib.sha256(repr(file).encode()).hexdigest()[:16] for file in files.items()}
