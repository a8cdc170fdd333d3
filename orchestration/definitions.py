"""Everything Dagster knows of the pipeline."""

import dagster as dg

from orchestration.defs import ingest, publish, quality, sources, transform, triggers

defs = dg.Definitions(
    assets=[
        ingest.intake,
        ingest.raw_tables,
        transform.dbt_models,
        publish.release,
        *sources.ASSETS,
    ],
    asset_checks=[
        quality.landing_gate,
        quality.release_gate,
        sources.sources_are_fresh,
        *sources.CHECKS,
    ],
    jobs=[triggers.pipeline, sources.refresh_sources],
    schedules=[triggers.nightly, sources.weekly_refresh],
    sensors=[triggers.new_delivery],
    resources={"run": triggers.pipeline_run},
    executor=dg.in_process_executor,
)
