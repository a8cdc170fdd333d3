"""What several unit tests share."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from orchestration.intake.rules import judging
from orchestration.settings import load_settings


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """A database with the rules of the intake, as they were known on the first day of 2026."""
    connection = duckdb.connect()
    judging.prepare(connection, load_settings(), date(2026, 1, 1))
    return connection
