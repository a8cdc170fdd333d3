"""The same models must run on a distributed engine: each is put into the dialect of Spark."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from orchestration.settings import Settings
from orchestration.warehouse.dbt_runner import target_folder

# functions that Spark has under this name and that sqlglot does not know
OF_SPARK = {"bin", "make_date"}
BITWISE = (exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor)


@pytest.fixture(scope="module")
def models(drawn_warehouse: Settings) -> list[dict[str, Any]]:
    manifest = json.loads((target_folder(drawn_warehouse) / "manifest.json").read_text(encoding="utf-8"))
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_every_model_can_be_written_for_spark(
    models: list[dict[str, Any]], drawn_warehouse: Settings
) -> None:
    faults = []
    for model in models:
        # what dbt has compiled this model to; the manifest holds it for what was built last only
        compiled = target_folder(drawn_warehouse) / "compiled/bistandslagret" / model["original_file_path"]
        try:
            (written,) = sqlglot.transpile(
                compiled.read_text(encoding="utf-8"),
                read="duckdb",
                write="spark",
                unsupported_level=ErrorLevel.RAISE,
            )
            read_back = sqlglot.parse_one(written, read="spark")
        except sqlglot.errors.SqlglotError as fault:
            faults.append(f"{model['name']}: {fault}")
            continue
        faults += [
            f"{model['name']}: Spark har ingen funktion {call.name}"
            for call in read_back.find_all(exp.Anonymous)
            if call.name.lower() not in OF_SPARK
        ]
    assert faults == []


def test_operators_on_months_stand_in_brackets(
    models: list[dict[str, Any]], drawn_warehouse: Settings
) -> None:
    """DuckDB takes & and | in the order they are written, Spark takes & first: together they need brackets."""
    mixed = []
    for model in models:
        compiled = target_folder(drawn_warehouse) / "compiled/bistandslagret" / model["original_file_path"]
        read = sqlglot.parse_one(compiled.read_text(encoding="utf-8"), read="duckdb")
        mixed += [
            f"{model['name']}: {outer.sql('duckdb')}"
            for outer in read.find_all(*BITWISE)
            for inner in (outer.left, outer.right)
            if isinstance(inner, BITWISE) and type(inner) is not type(outer)
        ]
    assert mixed == []
