"""Everything Dagster knows of this house."""

import dagster as dg

from orchestration.defs import ingest, publish, quality, transform, triggers

defs = dg.Definitions(
    assets=[ingest.door, ingest.raw_tables, transform.dbt_models, publish.release],
    asset_checks=[quality.landing_gate, quality.release_gate],
    jobs=[triggers.whole_house],
    schedules=[triggers.nightly],
    sensors=[triggers.new_delivery],
    executor=dg.in_process_executor,
)
