"""dbt's way to the vault: attached by the one place that opens it, so that its key stands in no profile and no file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from orchestration.vault.file import attach_for_reading, load_encryption


class Plugin(BasePlugin):
    """Named so because dbt-duckdb looks for it by that name."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        self._path = Path(plugin_config["path"])

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        # what spills is encrypted, whether the vault is or not
        load_encryption(conn)
        attach_for_reading(conn, self._path)
