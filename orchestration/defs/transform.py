"""dbt: every model, seed and test as assets and checks, built in this process by one call."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, build_dbt_asset_specs

from orchestration.database import table_rows
from orchestration.defs.quality import Stopped
from orchestration.errors import DISK_FULL, tells_of_full_disk
from orchestration.pipeline import PipelineRun
from orchestration.progress import report
from orchestration.settings import load_settings
from orchestration.warehouse.dbt_runner import DbtNode, build_models, prepare_manifest, run_dbt
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


SPECS = build_dbt_asset_specs(manifest=MANIFEST, dagster_dbt_translator=FolderTranslator())


@dg.multi_asset(
    name="dbt",
    specs=SPECS,
    # A check costs Dagster 26 ms whatever it holds: one for a released model with all its tests. The outcome of every test of
    # every model is in quality_results.
    check_specs=[
        dg.AssetCheckSpec(CHECK, asset=spec.key)
        for spec in SPECS
        if spec.key.path[-1] in TESTS and spec.group_name in RELEASED_LAYERS
    ],
    can_subset=True,
)
def dbt_models(
    context: dg.AssetExecutionContext, run: dg.ResourceParam[PipelineRun]
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Seeds, staging, exact counts, each count as the profile shows it, and the marts, with their tests."""
    settings = run.settings
    report(f"dbt: bygger modeller och prövar dem (profil {settings.profile})")
    if context.is_subset:
        names = [key.path[-1] for key in sorted(context.selected_asset_keys)]
        built = run_dbt(settings, ["build", "--full-refresh", "--select", *names], report)
    else:
        built = build_models(settings, report)
    nodes = {node.unique_id: node for node in built}
    rows = table_rows(settings.warehouse)
    yield from _made(context, nodes, rows)
    results = {
        key: results_of(nodes, key.path[-1], rows, context.is_subset) for key in context.selected_asset_keys
    }
    for check in context.selected_asset_check_keys:
        if of_model := results[check.asset_key]:
            failed = [one.expectation for one in of_model if not one.is_passed]
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=CHECK,
                passed=not failed,
                metadata={"tests": len(of_model), "failed": "; ".join(failed) or "–"},
            )
    # a part of the models says nothing of the whole
    if not context.is_subset:
        save_results(settings, "dbt", [one for key in sorted(results) for one in results[key]])
    stop_on_failure(built)
    if not context.is_subset:
        run.done.append("dbt")


def _made(
    context: dg.AssetExecutionContext, nodes: Mapping[str, DbtNode], rows: Mapping[str, int]
) -> Iterator[dg.MaterializeResult]:
    """The models that were made, parents before children as Dagster wants it."""
    for key in TopologicalSorter(context.assets_def.asset_deps).static_order():
        if key not in context.selected_asset_keys:
            continue
        node = nodes.get(context.assets_def.specs_by_key[key].metadata[UNIQUE_ID])
        if node is None or not node.is_ok:
            continue
        cost = {"seconds": node.seconds, "failing_rows": node.failures}
        yield dg.MaterializeResult(asset_key=key, metadata={"rows": rows.get(key.path[-1]), **cost})


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
