"""dbt: every model, seed and test as assets and checks, built by one dbt call in this process."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration.errors import DISK_FULL, tells_of_full_disk
from orchestration.lib.database import table_rows
from orchestration.lib.dbt_checks import checks_in_words
from orchestration.lib.dbt_runner import DbtNode, build_models, prepare_manifest, run_dbt
from orchestration.lib.progress import report
from orchestration.lib.quality import QualityResult, save_results
from orchestration.lib.run_lock import only_run
from orchestration.settings import load_settings

UNIQUE_ID = "dagster_dbt/unique_id"


class FolderTranslator(DagsterDbtTranslator):
    """The room of a model is its group: reference, staging, intermediate or marts."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        if dbt_resource_props["resource_type"] == "seed":
            return "reference"
        return dbt_resource_props["fqn"][1]


MANIFEST = prepare_manifest(load_settings())


@dbt_assets(manifest=MANIFEST, name="dbt", dagster_dbt_translator=FolderTranslator())
def dbt_models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Seeds, staging, intermediate and marts with their unit tests and tests."""
    settings = load_settings()
    report("dbt: bygger modeller och prövar dem")
    with only_run(settings):
        if context.is_subset:
            names = [key.path[-1] for key in sorted(context.selected_asset_keys)]
            built = run_dbt(settings, ["build", "--full-refresh", "--select", *names], report)
        else:
            built = build_models(settings, report)
    nodes = {node.unique_id: node for node in built}
    rows = table_rows(settings.warehouse)
    keys = {
        spec.metadata[UNIQUE_ID]: key
        for key, spec in context.assets_def.specs_by_key.items()
        if key in context.selected_asset_keys
    }
    # in the order dbt ended them: Dagster wants parents before children
    for node in nodes.values():
        if node.is_ok and node.unique_id in keys:
            yield dg.MaterializeResult(
                asset_key=keys[node.unique_id],
                metadata={"rows": rows.get(node.name), "seconds": node.seconds},
            )
    words = checks_in_words(MANIFEST)
    results = []
    for check in sorted(context.selected_asset_check_keys):
        spec = context.assets_def.get_spec_for_check_key(check)
        node = nodes.get(spec.metadata[UNIQUE_ID])
        if node is None or node.status == "skipped":
            continue
        results.append(_quality_result(node, *words[node.unique_id], check.asset_key.path[-1]))
        yield dg.AssetCheckResult(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=node.is_ok,
            metadata={"failing_rows": node.failures, "seconds": node.seconds},
        )
    save_results(settings, "dbt", results)
    _stop_on_failure(list(nodes.values()))


def _quality_result(node: DbtNode, sentence: str, column: str | None, table: str) -> QualityResult:
    return QualityResult(
        gate="dbt",
        suite="dbt",
        expectation=sentence,
        table_name=table,
        column_name=column,
        severity="blocking",
        is_passed=node.is_ok,
        observed=f"{node.failures} rader bryter mot provet"
        if node.failures
        else "inga rader bryter mot provet",
        checked_rows=0,
    )


def _stop_on_failure(nodes: list[DbtNode]) -> None:
    failed = [node for node in nodes if node.status in {"error", "fail"}]
    if failed:
        if any(tells_of_full_disk(node.message) for node in failed):
            raise dg.Failure(f"dbt stoppade bygget: {DISK_FULL}")
        names = ", ".join(node.name for node in failed[:5])
        raise dg.Failure(
            f"dbt stoppade bygget: {names} gick fel; den förra utgåvan gäller, se {load_settings().build}/dbt_logs."
        )
