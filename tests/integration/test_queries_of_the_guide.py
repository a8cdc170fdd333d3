"""What docs/how-to/query-a-release.md, docs/dictionary and docs/questions tell an analyst to write gives an answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from docs.asked import questions
from docs.tables import tables
from orchestration.settings import PROJECT_ROOT
from tests.fixtures.asking import in_release, released

GUIDE = (PROJECT_ROOT / "docs/how-to/query-a-release.md").read_text(encoding="utf-8")
SQL = [
    query
    for block in re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)
    for query in block.split(";")
    if query.strip()
]
PYTHON = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("query", SQL, ids=range(len(SQL)))
def test_a_query_has_rows(query: str, own_home: Path) -> None:
    with duckdb.connect(str(released(own_home) / "indicators.duckdb"), read_only=True) as release:
        assert release.execute(query).fetchall()


@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
def test_a_program_has_rows(code: str, own_home: Path) -> None:
    names: dict[str, Any] = {"folder": released(own_home)}
    exec(code, names)
    *_, answer = names.values()
    assert answer.shape[0] > 0
    assert answer.shape[1] > 1


@pytest.mark.parametrize("entry", tables(), ids=[entry["table"] for entry in tables()])
def test_the_query_of_a_table_has_rows_where_the_table_has(entry: dict[str, Any], own_home: Path) -> None:
    [(rows,)] = in_release(own_home, f"select count(*) from {entry['table']}")
    assert bool(in_release(own_home, entry["query"])) == (rows > 0)


ANSWERED = [one for one in questions() if "query" in one]
# of sources that the register of the tests is without
NOT_LAID_IN = {55, 56, 59, 60, 62}


@pytest.mark.parametrize("entry", ANSWERED, ids=[one["number"] for one in ANSWERED])
def test_a_question_is_answered(entry: dict[str, Any], own_home: Path) -> None:
    assert bool(in_release(own_home, entry["query"])) != (entry["number"] in NOT_LAID_IN)
