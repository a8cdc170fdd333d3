"""Everything Dagster knows of this house."""

import dagster as dg

from orchestration.defs import ingest, publish, quality, transform, triggers

defs = dg.Definitions.merge(
    dg.load_definitions_from_modules([ingest, transform, quality, publish, triggers]),
    dg.Definitions(executor=dg.in_process_executor),
)
