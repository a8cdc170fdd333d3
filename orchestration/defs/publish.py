"""The release: what people read, swapped in whole."""

import dagster as dg

from orchestration.catalog.loader import load_catalog
from orchestration.progress import report
from orchestration.run_lock import only_run
from orchestration.settings import load_settings
from orchestration.warehouse.quality import load_results


@dg.asset(
    group_name="release",
    kinds={"duckdb", "parquet"},
    deps=[
        ["marts" if one.is_after_protection else "protected", one.table]
        for one in load_catalog(load_settings()).release.tables
    ],
)
def release() -> dg.MaterializeResult:
    """indicators.duckdb, Parquet and manifest in a new folder; then the link is swapped."""
    from orchestration.release.build import build_release

    settings = load_settings()
    report("Utgåva: skrivning och kontroll")
    with only_run(settings):
        made = build_release(settings, load_results(settings))
    word = "ny utgåva" if made.is_new else "oförändrad utgåva"
    report(f"  {word} {made.release_id} ({settings.profile})")
    return dg.MaterializeResult(
        metadata={"release_id": made.release_id, "profile": settings.profile, "is_new": made.is_new}
    )
