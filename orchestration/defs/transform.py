"""dbt: every model, seed and test as assets and checks, built in this process by two calls, one on each side of the
protection."""

from collections.abc import Callable, Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration.catalog.loader import load_catalog
from orchestration.database import table_rows
from orchestration.errors import DISK_FULL, tells_of_full_disk
from orchestration.pipeline import PipelineRun
from orchestration.progress import report
from orchestration.release.disclosure import forget_protection, protect_marts
from orchestration.settings import Settings, load_settings
from orchestration.warehouse.dbt_runner import (
    AFTER_PROTECTION,
    DbtNode,
    build_after_protection,
    build_models,
    prepare_manifest,
    run_dbt,
)
from orchestration.warehouse.quality import QualityResult, save_results
from orchestration.warehouse.test_sentences import checks_in_words

UNIQUE_ID = "dagster_dbt/unique_id"


class FolderTranslator(DagsterDbtTranslator):
    """The layer of a model is its group: reference, staging, intermediate or marts."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        if dbt_resource_props["resource_type"] == "seed":
            return "reference"
        return dbt_resource_props["fqn"][1]


Results = Iterator[dg.MaterializeResult | dg.AssetCheckResult]

MANIFEST = prepare_manifest(load_settings())
PROTECTED = [one.table for one in load_catalog(load_settings()).release.tables if not one.is_after_protection]
PROTECTED_GROUP: dict[str, Any] = {"group_name": "protected", "kinds": {"duckdb"}}


@dbt_assets(
    manifest=MANIFEST, name="dbt", exclude=AFTER_PROTECTION, dagster_dbt_translator=FolderTranslator()
)
def dbt_models(context: dg.AssetExecutionContext, run: dg.ResourceParam[PipelineRun]) -> Results:
    """Seeds, staging, intermediate and marts with their unit tests and tests."""
    report("dbt: bygger modeller och prövar dem")
    # what is protected is of the marts as they are now
    forget_protection(run.settings)
    yield from _built(context, run, build_models, "dbt")


@dg.multi_asset(
    name="protected",
    specs=[
        *(
            dg.AssetSpec(["protected", table], deps=[["marts", table]], **PROTECTED_GROUP)
            for table in PROTECTED
        ),
        dg.AssetSpec(["protected", "release_profile"], **PROTECTED_GROUP),
    ],
)
def protected(run: dg.ResourceParam[PipelineRun]) -> Iterator[dg.MaterializeResult]:
    """The marts as the profile of the release shows them: small counts hidden, and what would give them back."""
    report("Röjandekontroll")
    protect_marts(run.settings)
    run.done.append("protected")
    for table in (*PROTECTED, "release_profile"):
        yield dg.MaterializeResult(asset_key=["protected", table], metadata={"profile": run.settings.profile})


@dbt_assets(
    manifest=MANIFEST,
    name="dbt_after_protection",
    select=AFTER_PROTECTION,
    dagster_dbt_translator=FolderTranslator(),
)
def models_after_protection(context: dg.AssetExecutionContext, run: dg.ResourceParam[PipelineRun]) -> Results:
    """What is computed from protected tables: groups and comparison, profiles, signals."""
    report("dbt: jämför det som visas")
    yield from _built(context, run, build_after_protection, "dbt_after_protection")


def _built(
    context: dg.AssetExecutionContext,
    run: PipelineRun,
    build: Callable[[Settings, Callable[[str], None]], list[DbtNode]],
    step: str,
) -> Results:
    """What one call of dbt made and tested, told to Dagster and kept for quality_results."""
    settings = run.settings
    if context.is_subset:
        names = [key.path[-1] for key in sorted(context.selected_asset_keys)]
        built = run_dbt(settings, ["build", "--full-refresh", "--select", *names], report)
    else:
        built = build(settings, report)
    nodes = {node.unique_id: node for node in built}
    rows = table_rows(settings.warehouse)
    # Dagster wants parents before children
    for key in TopologicalSorter(context.assets_def.asset_deps).static_order():
        if key not in context.selected_asset_keys:
            continue
        node = nodes.get(context.assets_def.specs_by_key[key].metadata[UNIQUE_ID])
        if _is_left_out(node, context.is_subset) or not (node is None or node.is_ok):
            continue
        yield dg.MaterializeResult(asset_key=key, metadata={"rows": rows.get(key.path[-1]), **_cost(node)})
    words = checks_in_words(MANIFEST)
    results = []
    for check in sorted(context.selected_asset_check_keys):
        unique_id = context.assets_def.get_spec_for_check_key(check).metadata[UNIQUE_ID]
        node = nodes.get(unique_id)
        if _is_left_out(node, context.is_subset):
            continue
        results.append(_quality_result(node, *words[unique_id], check.asset_key.path[-1]))
        yield dg.AssetCheckResult(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=results[-1].is_passed,
            metadata=_cost(node),
        )
    # a part of the models says nothing of the whole
    if not context.is_subset:
        save_results(settings, step, results)
    _stop_on_failure(list(nodes.values()))
    if not context.is_subset:
        run.done.append(step)


def _is_left_out(node: DbtNode | None, is_subset: bool) -> bool:
    """Whether nothing is known of a node: skipped after a failure, or not asked for. None in a whole run: it stands as the
    last build left it, which ended well."""
    return is_subset if node is None else node.status == "skipped"


def _cost(node: DbtNode | None) -> dict[str, Any]:
    if node is None:
        return {"is_run": False}
    return {"is_run": True, "seconds": node.seconds, "failing_rows": node.failures}


def _quality_result(node: DbtNode | None, sentence: str, column: str | None, table: str) -> QualityResult:
    return QualityResult(
        gate="dbt",
        suite="dbt",
        expectation=sentence,
        table_name=table,
        column_name=column,
        severity="blocking",
        is_passed=node is None or node.is_ok,
        observed=f"{node.failures} rader bryter mot provet"
        if node and node.failures
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
