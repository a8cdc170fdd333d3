"""The graph: ingest, transform, quality, publish, and what starts it. Only this folder imports Dagster."""
