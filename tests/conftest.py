"""Fixtures that are dear to build and shared by the whole session."""

from __future__ import annotations

import pytest

from orchestration.settings import Settings


@pytest.fixture(scope="session")
def drawn_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The warehouse that dbt builds from every drawn case of tests/spec, with all its tests passed."""
    from orchestration.lib.dbt_runner import run_dbt
    from orchestration.lib.raw_tables import load_raw_tables
    from tests.spec.drawing import write_vault

    settings = Settings(home=tmp_path_factory.mktemp("drawn"))
    write_vault(settings)
    load_raw_tables(settings)
    nodes = run_dbt(settings, ["build"])
    assert [f"{node.name}: {node.message}" for node in nodes if not node.is_ok] == []
    return settings
