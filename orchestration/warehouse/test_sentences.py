"""What a test of dbt demands, in a Swedish sentence: for the page that shows what was checked before publication."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# by the name of the generic test; a value comes from its arguments
_SENTENCES = {
    "not_null": "Varje rad är ifylld",
    "unique": "Varje värde finns på en enda rad",
    "unique_combination": "En enda rad för varje {columns}",
    "one_row": "En enda rad",
    "accepted_values": "Varje värde är ett av {values}",
    "relationships": "Varje värde finns i {to}",
    "share_between_0_and_1": "Andelar ligger mellan 0 och 1",
}


@dataclass(frozen=True)
class DbtTest:
    """What a test demands of a model (of one of its columns, or of the whole)."""

    model: str
    column: str | None
    sentence: str


def read_dbt_tests(manifest: Path) -> dict[str, DbtTest]:
    """The data tests in the manifest of dbt, by their id; one that reads several models belongs to the last that it names.

    Those of a seed are left out: a seed belongs to the code and is tested with it. Generic tests have their sentence here, the
    others in their `meta`. Raises KeyError for a test that has none.
    """
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    return {
        node["unique_id"]: _in_words(node)
        for node in nodes.values()
        if node["resource_type"] == "test" and not (node.get("attached_node") or "").startswith("seed.")
    }


def _in_words(test: dict[str, Any]) -> DbtTest:
    model = (test.get("attached_node") or test["depends_on"]["nodes"][-1]).split(".")[-1]
    generic = test.get("test_metadata")
    if generic is None:
        return DbtTest(model, None, test["config"]["meta"]["sentence"])
    arguments = {name: _argument(value) for name, value in generic["kwargs"].items()}
    sentence = _SENTENCES[generic["name"]].format(**arguments)
    if arguments.get("filled"):
        sentence += f"; {arguments['filled']} är ifyllda"
    return DbtTest(model, test["column_name"], sentence)


def _argument(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return re.sub(r"^.*ref\(['\"](\w+)['\"]\).*$", r"\1", str(value))
