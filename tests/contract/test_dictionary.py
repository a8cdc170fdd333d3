"""The dictionary of the released tables is what dbt, the catalogue and docs/tables.yml say today."""

from __future__ import annotations

from pathlib import Path

from docs.tables import FOLDER, dictionary_pages, tables
from orchestration.catalog.loader import load_catalog
from orchestration.settings import Settings
from orchestration.warehouse.dbt_runner import prepare_manifest


def test_every_released_table_has_its_page_and_nothing_else_has(parsed_home: Path) -> None:
    pages = dictionary_pages(prepare_manifest(Settings(home=parsed_home)))
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*")}
    assert written.keys() == pages.keys(), "kör make docs"
    assert [name for name in pages if written[name] != pages[name]] == [], "kör make docs"


def test_every_released_table_answers_a_question(parsed_home: Path) -> None:
    said = [entry["table"] for entry in tables()]
    assert len(said) == len(set(said))
    assert set(said) == load_catalog(Settings(home=parsed_home)).release.names
    assert all(entry["question"].endswith("?") and entry["beware"] for entry in tables())
