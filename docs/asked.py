"""The page of docs/questions: what people ask, the query that answers and the page, from docs/questions.yml."""

from __future__ import annotations

from typing import Any

from orchestration.settings import PROJECT_ROOT
from orchestration.yaml_files import read_yaml

SAID = PROJECT_ROOT / "docs" / "questions.yml"
PAGE = PROJECT_ROOT / "docs" / "questions" / "README.md"


def questions() -> list[dict[str, Any]]:
    """The entries of docs/questions.yml: number, question, and query with page, or without."""
    entries: list[dict[str, Any]] = read_yaml(SAID)
    return entries


def questions_page() -> str:
    """The text of the page."""
    entries = questions()
    answered = sum("query" in one for one in entries)
    lines = [
        "# De sextiofem frågorna",
        "",
        f"{answered} av {len(entries)} besvaras av en intern utgåva med frågan nedan; för de andra står vad som saknas. Ur "
        "`docs/questions.yml`; ändra där och kör `make docs`. Ett prov ställer varje fråga.",
        "",
        "    duckdb -readonly published/internal/current/indicators.duckdb",
        "    set search_path = 'marts,meta';",
    ]
    for one in entries:
        lines += ["", f"## {one['number']}. {one['question']}", ""]
        if "page" in one:
            lines += [f"Sidan `dashboards/app_pages/{one['page']}.py`.", ""]
        lines += ["```sql", one["query"].strip(), "```"] if "query" in one else [one["without"]]
    return "\n".join(lines) + "\n"
