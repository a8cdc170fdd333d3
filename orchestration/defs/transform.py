"""dbt: every model, seed and test as assets and checks, built in this process by two calls: one to the exact
counts, and one from the protection on."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, build_dbt_asset_specs

from orchestration.database import table_rows
from orchestration.defs.quality import Stopped
from orchestration.errors import DISK_FULL, tells_of_full_disk
from orchestration.pipeline import PipelineRun
from orchestration.progress import report
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
from orchestration.warehouse.test_sentences import DbtTest, read_dbt_tests

UNIQUE_ID = "dagster_dbt/unique_id"
CHECK = "dbt_tests"


class FolderTranslator(DagsterDbtTranslator):
    """The layer of a model is its group: reference, staging, intermediate, protected, marts or meta."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        if dbt_resource_props["resource_type"] == "seed":
            return "reference"
        return dbt_resource_props["fqn"][1]


RELEASED_LAYERS = ("marts", "meta")
Results = Iterator[dg.MaterializeResult | dg.AssetCheckResult]

MANIFEST = prepare_manifest(load_settings())
TESTS: defaultdict[str, list[tuple[str, DbtTest]]] = defaultdict(list)
for _unique_id, _test in read_dbt_tests(MANIFEST).items():
    TESTS[_test.model].append((_unique_id, _test))


def models(name: str, select: str, exclude: str | None = None) -> Callable[[Any], dg.AssetsDefinition]:
    """Decorates the step that builds these models of dbt: an asset each, and for a released one a check for all its tests together.

    A check costs Dagster 26 ms whatever it holds; the outcome of every test of every model is in quality_results.
    """
    specs = build_dbt_asset_specs(
        manifest=MANIFEST, select=select, exclude=exclude, dagster_dbt_translator=FolderTranslator()
    )
    checks = [
        dg.AssetCheckSpec(CHECK, asset=spec.key)
        for spec in specs
        if spec.key.path[-1] in TESTS and spec.group_name in RELEASED_LAYERS
    ]
    return dg.multi_asset(name=name, specs=specs, check_specs=checks, can_subset=True)


@models("dbt", select="fqn:*", exclude=AFTER_PROTECTION)
def dbt_models(context: dg.AssetExecutionContext, run: dg.ResourceParam[PipelineRun]) -> Results:
    """Seeds, staging, exact counts, and the marts that hold no count of the register, with their tests."""
    report("dbt: bygger modeller och prövar dem")
    yield from _built(context, run, build_models, "dbt")


@models("dbt_after_protection", select=AFTER_PROTECTION)
def models_after_protection(context: dg.AssetExecutionContext, run: dg.ResourceParam[PipelineRun]) -> Results:
    """Each count as the profile shows it, and the marts that are computed from that."""
    report(f"dbt: skyddar antalen (profil {run.settings.profile}) och räknar på dem")
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
    results = []
    checked = {check.asset_key for check in context.selected_asset_check_keys}
    for key in sorted(context.selected_asset_keys):
        of_model = results_of(nodes, key.path[-1], rows, context.is_subset)
        failed = [one.expectation for one in of_model if not one.is_passed]
        if of_model and key in checked:
            yield dg.AssetCheckResult(
                asset_key=key,
                check_name=CHECK,
                passed=not failed,
                metadata={"tests": len(of_model), "failed": "; ".join(failed) or "–"},
            )
        results += of_model
    # a part of the models says nothing of the whole
    if not context.is_subset:
        save_results(settings, step, results)
    stop_on_failure(built)
    if not context.is_subset:
        run.done.append(step)


def results_of(
    nodes: Mapping[str, DbtNode], model: str, rows: Mapping[str, int], is_subset: bool = False
) -> list[QualityResult]:
    """How the tests of a model went, of the nodes (by their id) that dbt ran; `rows` are those of each table."""
    return [
        _quality_result(nodes.get(unique_id), test, rows.get(test.model))
        for unique_id, test in TESTS[model]
        if not _is_left_out(nodes.get(unique_id), is_subset)
    ]


def _is_left_out(node: DbtNode | None, is_subset: bool) -> bool:
    """Whether nothing is known of a node: skipped after a failure, or not asked for. None in a whole run: it stands as the
    last build left it, which ended well."""
    return is_subset if node is None else node.status == "skipped"


def _cost(node: DbtNode | None) -> dict[str, Any]:
    if node is None:
        return {"is_run": False}
    return {"is_run": True, "seconds": node.seconds, "failing_rows": node.failures}


def _quality_result(node: DbtNode | None, test: DbtTest, rows: int | None) -> QualityResult:
    return QualityResult(
        gate="dbt",
        suite="dbt",
        expectation=test.sentence,
        table_name=test.model,
        column_name=test.column,
        severity="blocking",
        is_passed=node is None or node.is_ok,
        observed=f"{node.failures} rader bryter mot provet"
        if node and node.failures
        else "inga rader bryter mot provet",
        checked_rows=rows,
    )


def stop_on_failure(nodes: list[DbtNode]) -> None:
    failed = [node for node in nodes if node.status in {"error", "fail"}]
    if failed:
        if any(tells_of_full_disk(node.message) for node in failed):
            raise dg.Failure(f"dbt stoppade bygget: {DISK_FULL}")
        names = ", ".join(node.name for node in failed[:5])
        # a model that cannot be built is a fault of ours or of the machine; a test that fails is one of the data
        kind = Stopped if all(node.status == "fail" for node in failed) else dg.Failure
        raise kind(
            f"dbt stoppade bygget: {names} gick fel; den förra utgåvan gäller, se {load_settings().build}/dbt_logs."
        )
