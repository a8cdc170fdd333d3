"""What a test of dbt demands, in a Swedish sentence: for the page that shows what was checked before publication."""

from __future__ import annotations

import json
import re
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


def checks_in_words(manifest: Path) -> dict[str, tuple[str, str | None]]:
    """The sentence of each test and unit test in the manifest of dbt, and the column it looks at, by the test's id.

    Generic tests have their sentence here, the others in their `meta`. Raises KeyError for a test that has none.
    """
    read = json.loads(manifest.read_text(encoding="utf-8"))
    tests = [node for node in read["nodes"].values() if node["resource_type"] == "test"]
    return {test["unique_id"]: _in_words(test) for test in [*tests, *read["unit_tests"].values()]}


def _in_words(test: dict[str, Any]) -> tuple[str, str | None]:
    generic = test.get("test_metadata")
    if generic is None:
        return test["config"]["meta"]["sentence"], None
    arguments = {name: _argument(value) for name, value in generic["kwargs"].items()}
    return _SENTENCES[generic["name"]].format(**arguments), test["column_name"]


def _argument(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return re.sub(r"^.*ref\(['\"](\w+)['\"]\).*$", r"\1", str(value))
