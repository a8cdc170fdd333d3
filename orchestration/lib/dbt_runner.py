"""dbt in this process: one start-up for the whole run, and the database let go of afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from orchestration.settings import Settings


@dataclass(frozen=True)
class DbtNode:
    """What dbt made of one model, seed or test.

    `status` is dbt's own word (success, pass, fail, error, skipped, warn); `failures` the rows a test found;
    `seconds` wall time; `message` dbt's text for a node that went wrong.
    """

    unique_id: str
    resource_type: str
    name: str
    status: str
    failures: int
    seconds: float
    message: str

    @property
    def is_ok(self) -> bool:
        return self.status in {"success", "pass", "warn"}


class DbtError(RuntimeError):
    """dbt could not run or a node failed; the message names the nodes."""


def run_dbt(
    settings: Settings, arguments: list[str], progress: Callable[[str], None] | None = None
) -> list[DbtNode]:
    """Run dbt with `arguments` (for example `["build"]`) on the warehouse and vault of `settings`.

    Returns the nodes in the order they ended, failed ones too: the caller decides what a failure stops.
    Raises DbtError when dbt could not run at all.
    """
    os.environ["BISTAND_WAREHOUSE"] = str(settings.warehouse)
    os.environ["BISTAND_VAULT"] = str(settings.vault)
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    ended: list[DbtNode] = []

    def on_event(event: object) -> None:
        if event.info.name != "NodeFinished":
            return
        node = event.data.node_info
        if progress is not None and node.resource_type in {"model", "seed"}:
            progress(f"  {node.resource_type} {node.node_name}: {node.node_status}")

    settings.build.mkdir(parents=True, exist_ok=True)
    folders = [
        "--project-dir", str(settings.dbt_project),
        "--profiles-dir", str(settings.dbt_project),
        "--target-path", str(settings.build / "dbt_target"),
        "--log-path", str(settings.build / "dbt_logs"),
    ]  # fmt: skip
    try:
        outcome = dbtRunner(callbacks=[on_event]).invoke(["--quiet", "--no-use-colors", *arguments, *folders])
    finally:
        DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None:
        raise DbtError(f"dbt kunde inte köras ({arguments[0]}): {outcome.exception}")
    for result in getattr(outcome.result, "results", []) or []:
        ended.append(
            DbtNode(
                unique_id=result.node.unique_id,
                resource_type=str(result.node.resource_type),
                name=result.node.name,
                status=str(result.status),
                failures=result.failures or 0,
                seconds=result.execution_time,
                message=result.message or "",
            )
        )
    return ended
