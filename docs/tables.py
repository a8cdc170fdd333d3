"""The pages of docs/dictionary: one for each released table, from dbt's manifest, the catalogue and docs/tables.yml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestration.catalog.loader import load_catalog
from orchestration.catalog.models import ReleasedTable
from orchestration.settings import PROJECT_ROOT, load_settings
from orchestration.yaml_files import read_yaml

FOLDER = PROJECT_ROOT / "docs" / "dictionary"
SAID = PROJECT_ROOT / "docs" / "tables.yml"
INDEX = "README.md"
# what the end of a column's name says of its values, the first that fits
_UNITS = (
    ("_share", "andel 0–1"),
    ("_sek", "kronor"),
    ("_count", "antal"),
    ("_pct", "0–100"),
    ("_date", "dag"),
    ("_at", "tid, UTC"),
    ("_month", "månad"),
    ("_months", "månader"),
    ("_year", "år"),
    ("_years", "år"),
    ("_id", "id"),
    ("_code", "kod"),
    ("_name", "namn"),
)


def tables() -> list[dict[str, Any]]:
    """The entries of docs/tables.yml: table, group, question, beware, query."""
    entries: list[dict[str, Any]] = read_yaml(SAID)
    return entries


def dictionary_pages(manifest: Path) -> dict[str, str]:
    """Text by file name of every page, from dbt's manifest at that path.

    Raises KeyError for a released table that docs/tables.yml or dbt does not know.
    """
    models = {
        node["name"]: node
        for node in json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
        if node["resource_type"] == "model"
    }
    said = {entry["table"]: entry for entry in tables()}
    released = load_catalog(load_settings()).release.tables
    pages = {
        f"{one.table}.md": _page(said[one.table], models[one.table], _of_table(one, released))
        for one in released
    }
    views = {
        f"{name}.md": _page(said[name], models[name], ["- Vy i `indicators.duckdb`, schemat `marts`"])
        for name in load_catalog(load_settings()).release.views
    }
    return {INDEX: _index(list(said.values()), models)} | pages | views


def _index(entries: list[dict[str, Any]], models: dict[str, Any]) -> str:
    lines = [
        "# Vilken tabell ska jag använda?",
        "",
        "Tabellerna i en utgåva, efter fråga. Ur dbt, katalogen och `docs/tables.yml`; ändra där och kör `make docs`.",
        "Beskrivningarna av tabeller och kolumner är på engelska, som i filerna själva.",
    ]
    group = ""
    for entry in entries:
        if entry["group"] != group:
            group = entry["group"]
            lines += ["", f"## {group}", "", "| Fråga | Tabell |", "|---|---|"]
        lines.append(f"| {entry['question']} | [{entry['table']}]({entry['table']}.md) |")
    lines += [
        "",
        "Måtten och deras definitioner: [indikatorer](../reference/indikatorer.md). Hur man frågar från Python, R, Excel och",
        "Power BI: [fråga en utgåva](../how-to/query-a-release.md).",
    ]
    return "\n".join(lines) + "\n"


def _of_table(released: ReleasedTable, others: list[ReleasedTable]) -> list[str]:
    """What the catalogue says of a table: where it lies, its key, what it refers to, when its value is there."""
    keys = {other.table: other.key for other in others}
    lines = [f"- Schema: `{released.in_schema}`", f"- Nyckel: {_columns(released.key)}"]
    lines += [f"- Slås upp i [{name}]({name}.md) på {_columns(keys[name])}" for name in released.refers_to]
    if released.value_column:
        lines.append(
            f"- `{released.value_column}` finns bara där `{released.status_column}` är `published`; tomt är aldrig 0"
        )
    return lines


def _page(said: dict[str, Any], model: dict[str, Any], facts: list[str]) -> str:
    lines = [f"# {said['table']}", "", f"**{said['question']}**", "", _line(model["description"]), "", *facts]
    lines += ["", "## Akta dig för", "", *[f"- {_line(one)}" for one in said["beware"]]]
    lines += ["", "## Kolumner", "", "| Kolumn | Typ | Enhet | Betydelse |", "|---|---|---|---|"]
    for column in model["columns"].values():
        kind = column["data_type"] or ""
        meaning = _line(column["description"]).replace("|", "\\|")
        unit = _unit(column["name"], kind, "unit" in model["columns"])
        lines.append(f"| `{column['name']}` | {kind} | {unit} | {meaning} |")
    lines += ["", "## En fråga", "", "```sql", said["query"].strip(), "```", ""]
    lines.append(f"Modell: `dbt_project/{model['original_file_path']}`. [Alla tabeller]({INDEX})")
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())


def _columns(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _unit(name: str, kind: str, has_unit: bool) -> str:
    """What the name says of the unit; a figure without such an ending is in what the column `unit` beside it says."""
    if kind == "boolean":
        return "ja/nej"
    found = next((unit for ending, unit in _UNITS if name.endswith(ending)), "")
    is_figure = kind == "double" and name not in ("numerator", "denominator")
    return found or ("se `unit`" if is_figure and has_unit else "")
