"""The asset graph: every layer in the order of the pipeline, nothing published past the gates."""

from __future__ import annotations

import shutil

import pytest

from orchestration.settings import Settings


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_every_asset_belongs_to_a_layer(graph) -> None:
    layers = {
        "register",
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


def test_the_project_is_read_by_dbt_once(parsed_home, tmp_path) -> None:
    from orchestration.warehouse.dbt_runner import prepare_manifest, target_folder
    from orchestration.warehouse.test_sentences import read_dbt_tests

    settings = Settings(home=shutil.copytree(parsed_home, tmp_path / "home"))
    own_of_dbt = target_folder(settings) / "manifest.json"
    own_of_dbt.unlink(missing_ok=True)
    manifest = prepare_manifest(settings)
    assert len(read_dbt_tests(manifest)) > 100
    assert not own_of_dbt.exists()
