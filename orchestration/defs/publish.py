"""The release: what people read, swapped in whole."""

from dataclasses import replace

import dagster as dg

from orchestration.database import table_rows
from orchestration.defs.quality import Stopped, ask_gate
from orchestration.defs.sources import CATALOG
from orchestration.defs.transform import TESTS, results_of, stop_on_failure
from orchestration.pipeline import PipelineRun
from orchestration.progress import report
from orchestration.settings import Settings
from orchestration.warehouse.dbt_runner import AFTER_PROTECTION, build_models
from orchestration.warehouse.quality import blocking_failures, load_results, save_results

RELEASED = CATALOG.release


@dg.asset(
    group_name="release",
    kinds={"duckdb", "parquet"},
    deps=[
        *([one.in_schema, one.table] for one in RELEASED.tables),
        *(["marts", view] for view in RELEASED.views),
    ],
)
def release(context: dg.AssetExecutionContext, run: dg.ResourceParam[PipelineRun]) -> dg.MaterializeResult:
    """indicators.duckdb, Parquet and manifest in a new folder; then the link is swapped. Where the home makes two profiles, the
    other one is made after it, of the same counts: only what follows the protection is computed again."""
    if told := run.why_not_publish():
        raise dg.Failure(told)
    made = {run.settings.profile: _publish(run, run.settings)}
    for profile in run.settings.also:
        settings = replace(run.settings, profile=profile)
        _prepare(settings)
        made[profile] = _publish(run, settings)
    context.instance.add_run_tags(context.run_id, {f"release/{name}": made[name] for name in made})
    return dg.MaterializeResult(metadata=made)


def _publish(run: PipelineRun, settings: Settings) -> str:
    """The id of the release of the warehouse as it is."""
    from orchestration.release.build import build_release
    from orchestration.release.withdrawal import ERASED, withdraw

    report("Utgåva: skrivning och kontroll")
    made = build_release(settings, load_results(settings))
    for release_id in withdraw(settings):
        report(f"  återkallad: {release_id} ({ERASED})")
    run.remember(settings)
    report(f"  {'ny utgåva' if made.is_new else 'oförändrad utgåva'} {made.release_id} ({settings.profile})")
    return made.release_id


def _prepare(settings: Settings) -> None:
    """The marts in another profile, with their tests and the release gate."""
    from validation.gates import run_release_gate

    report(f"dbt: skyddar antalen (profil {settings.profile}) och räknar på dem")
    built = build_models(settings, report, AFTER_PROTECTION)
    nodes = {node.unique_id: node for node in built}
    rows = table_rows(settings.warehouse)
    save_results(settings, "dbt", [one for model in sorted(TESTS) for one in results_of(nodes, model, rows)])
    stop_on_failure(built)
    if stopping := blocking_failures(ask_gate(settings, "release", run_release_gate)):
        raise Stopped(
            f"Ett prov stoppade utgåvan med profilen {settings.profile} ({stopping[0].expectation}); den förra gäller."
        )
