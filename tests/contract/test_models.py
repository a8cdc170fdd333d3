"""What every model of dbt says of itself: its grain, and where its key is tested."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.dbt_runner import prepare_manifest

MODELS = PROJECT_ROOT / "dbt_project/models"
KEY_TESTS = {"unique", "unique_combination", "one_row"}
# what told the rows of an erased person apart is erased: two of them can be alike
# and the results of the tests themselves come after them
WITHOUT_KEY = {"stg_register__erased_rows", "int_household_rows", "quality_results"}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    manifest = prepare_manifest(Settings(home=tmp_path_factory.mktemp("models")))
    return json.loads(manifest.read_text(encoding="utf-8"))["nodes"]


def of_type(nodes: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    return [node for node in nodes.values() if node["resource_type"] == resource_type]


def test_every_model_says_its_grain_first(nodes: dict[str, Any]) -> None:
    assert [
        model["name"] for model in of_type(nodes, "model") if not model["description"].startswith("One row")
    ] == []


def test_the_key_of_every_model_is_tested(nodes: dict[str, Any]) -> None:
    """By a test of its own, or in what is named as `key_tested_in`: a model or test that reads it."""
    keyed = {
        test["attached_node"]
        for test in of_type(nodes, "test")
        if (test.get("test_metadata") or {}).get("name") in KEY_TESTS
    }
    readers = defaultdict(set)
    for node in nodes.values():
        for parent in node.get("depends_on", {}).get("nodes", []):
            readers[parent].add(node["unique_id"])

    def is_tested(model: str) -> bool:
        if model in keyed or nodes[model]["resource_type"] == "test":
            return True
        named = nodes[model]["config"]["meta"].get("key_tested_in")
        return any(nodes[reader]["name"] == named and is_tested(reader) for reader in readers[model])

    without = {model["name"] for model in of_type(nodes, "model") if not is_tested(model["unique_id"])}
    assert without == WITHOUT_KEY


def test_every_folder_of_models_has_one_description_named_as_the_folder() -> None:
    folders = {path.parent for path in MODELS.rglob("*.sql")}
    assert set(MODELS.rglob("*.y*ml")) == {folder / f"_{folder.name}.yml" for folder in folders}


def test_every_model_is_described_in_its_own_folder(nodes: dict[str, Any]) -> None:
    for model in of_type(nodes, "model"):
        described = Path((model["patch_path"] or "").partition("://")[2])
        assert described.parent == Path(model["original_file_path"]).parent, model["name"]
