"""The release: what people read, swapped in whole."""

import dagster as dg

from orchestration.catalog.loader import load_catalog
from orchestration.pipeline import PipelineRun
from orchestration.progress import report
from orchestration.settings import load_settings
from orchestration.warehouse.quality import load_results


@dg.asset(
    group_name="release",
    kinds={"duckdb", "parquet"},
    deps=[["marts", one.table] for one in load_catalog(load_settings()).release.tables],
)
def release(run: dg.ResourceParam[PipelineRun]) -> dg.MaterializeResult:
    """indicators.duckdb, Parquet and manifest in a new folder; then the link is swapped."""
    from orchestration.release.build import build_release

    if told := run.why_not_publish():
        raise dg.Failure(told)
    report("Utgåva: skrivning och kontroll")
    made = build_release(run.settings, load_results(run.settings))
    run.remember()
    word = "ny utgåva" if made.is_new else "oförändrad utgåva"
    report(f"  {word} {made.release_id} ({run.settings.profile})")
    return dg.MaterializeResult(
        metadata={"release_id": made.release_id, "profile": run.settings.profile, "is_new": made.is_new}
    )
