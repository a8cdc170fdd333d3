"""The asset graph: every layer in the order of the pipeline, nothing published past the gates."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from orchestration.settings import Settings


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_every_asset_belongs_to_a_layer(graph) -> None:
    layers = {
        "register",
        "sources",
        "raw",
        "reference",
        "staging",
        "intermediate",
        "protected",
        "marts",
        "meta",
        "release",
    }
    assert {graph.get(key).group_name for key in graph.materializable_asset_keys} == layers


def test_the_release_stands_on_every_mart(graph) -> None:
    import dagster as dg

    parents = graph.get(dg.AssetKey("release")).parent_keys
    marts = {key for key in graph.materializable_asset_keys if key.path[0] in ("marts", "meta")}
    assert parents == marts


def test_the_intake_stands_before_every_person_model(graph) -> None:
    import dagster as dg

    vault = dg.AssetKey(["vault", "person_months"])
    downstream = graph.get(vault).child_keys
    assert dg.AssetKey(["staging", "stg_register__person_months"]) in downstream
    assert graph.get(vault).is_materializable


def test_both_gates_block(graph) -> None:
    blocking = {key.name for key in graph.asset_check_keys if graph.get(key).blocking}
    assert {"landing_gate", "release_gate"} <= blocking


def test_schedule_and_sensor_start_the_one_job() -> None:
    from orchestration.defs import triggers

    assert triggers.nightly.job.name == triggers.new_delivery.job.name == "pipeline"


def test_each_part_of_a_source_is_an_asset_that_the_run_never_waits_for(definitions, graph) -> None:
    import dagster as dg

    sources = {key for key in graph.get_all_asset_keys() if key.path[0] == "sources"}
    assert (
        dg.AssetKey(["sources", "scb", "population"])
        in graph.get(dg.AssetKey(["raw", "scb_population"])).parent_keys
    )
    for key in sources:
        asset = graph.get(key)
        assert asset.description
        assert asset.freshness_policy is not None
        assert {one.name for one in graph.asset_check_keys if one.asset_key == key} == {"is_fresh"}
    in_run = definitions.resolve_job_def("pipeline").asset_layer.executable_asset_keys
    assert in_run.isdisjoint(sources)
    refreshed = definitions.resolve_job_def("refresh_sources").asset_layer.executable_asset_keys
    assert refreshed == {key for key in sources if graph.get(key).is_materializable}


def test_a_source_that_fails_is_seen_and_stops_no_other_and_one_that_is_down_is_asked_again(
    definitions, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from orchestration.sources.fetching import refresh as going_out
    from orchestration.sources.fetching.snapshots import Attempt

    asked = []

    def answer(settings: Settings, name: str, progress: object) -> list[Attempt]:
        asked.append(name)
        source, dataset = name.split("/")
        ended = {"scb/population": ("unreachable", None), "kolada/values": ("drifted", None)}.get(
            name, ("unchanged", "2026-01-01")
        )
        at = datetime(2026, 1, 1, tzinfo=UTC)
        return [Attempt(source, dataset, at, ended[0], "", None, f"{name}: sagt", ended[1], 1)]

    monkeypatch.setattr(going_out, "refresh", answer)
    monkeypatch.setenv("BISTAND_HOME", str(tmp_path))
    waits: list[int] = []
    monkeypatch.setattr(
        dg.RetryPolicy, "calculate_delay", lambda self, attempt: waits.append(attempt * self.delay) or 0
    )
    with dg.DagsterInstance.ephemeral() as instance:
        ended = definitions.resolve_job_def("refresh_sources").execute_in_process(
            instance=instance, raise_on_error=False
        )
    failed = {one.node_name for one in ended.all_events if one.is_step_failure}
    assert failed == {"refresh_scb_population", "refresh_kolada_values"}
    # Dagster also asks how long it would wait a third time
    assert (asked.count("scb/population"), waits[:2]) == (3, [600, 1200])
    assert len(asked) == len(set(asked)) + 2 == 12
    assert not ended.success


def test_the_project_is_read_by_dbt_once(parsed_home, tmp_path) -> None:
    from orchestration.warehouse.dbt_runner import prepare_manifest, target_folder
    from orchestration.warehouse.test_sentences import read_dbt_tests

    settings = Settings(home=shutil.copytree(parsed_home, tmp_path / "home"))
    manifest = prepare_manifest(settings)
    assert len(read_dbt_tests(manifest)) > 100
    # nor where another process writes at the same time
    assert not target_folder(settings).exists()
