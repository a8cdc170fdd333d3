"""What starts the run without a person: a nightly schedule and what is new in landing. Both ask what the command asks."""

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.sources import GROUP
from orchestration.pipeline import JOB, PipelineRun, begin_run, nothing_new
from orchestration.run_lock import is_running
from orchestration.settings import load_settings
from orchestration.warehouse.whats_new import note_inputs

pipeline = dg.define_asset_job(
    JOB,
    # the sources are another job's: a run stands on what has been fetched, and waits for nobody
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(GROUP),
    executor_def=dg.in_process_executor,
    description="Leveranser in, indikatorer ut: hela grafen i en process, under ett lås.",
)


@dg.resource(description="Körningen: låset, och vad som låg där när den började.")
def pipeline_run() -> Iterator[PipelineRun]:
    """Held from the first step to the last, whoever started it and whatever was selected."""
    with begin_run(load_settings()) as run:
        yield run


@dg.schedule(job=pipeline, cron_schedule="0 4 * * *", execution_timezone="Europe/Stockholm")
def nightly() -> dg.RunRequest | dg.SkipReason:
    """Every night, when anything is new."""
    settings = load_settings()
    told = nothing_new(settings, note_inputs(settings))
    return dg.SkipReason(told) if told else dg.RunRequest()


@dg.sensor(job=pipeline, minimum_interval_seconds=60)
def new_delivery(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run for each state of landing that differs from what the release in force was made from."""
    settings = load_settings()
    if is_running(settings):
        return dg.SkipReason("En körning pågår.")
    inputs = note_inputs(settings)
    if told := nothing_new(settings, inputs):
        return dg.SkipReason(told)
    # a digest holds no file names; a run that was stopped is not started again until something else has come
    mark = inputs.digest()
    if mark == context.cursor:
        return dg.SkipReason("Det som ligger i landing har redan startat en körning.")
    context.update_cursor(mark)
    return dg.RunRequest(run_key=mark)
