"""dbt in this process: one start-up for the whole run, and the database let go of afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from orchestration.errors import DISK_FULL, PlainError, tells_of_full_disk
from orchestration.machine import physical_memory
from orchestration.settings import Settings
from orchestration.warehouse.whats_new import code_digest

# the protection and all that is computed from it: made for one profile, of counts that are the same in all
AFTER_PROTECTION = "fqn:bistandslagret.protected+"
# the tests that macros/materializations.sql asks when a model is made, as it names them too
KEY_TESTS = ("unique_combination", "one_row")
# those, and the tests of seeds, which like unit tests belong to the code and are run with it
TRIED_ELSEWHERE = (
    *(f"test_name:{name}" for name in KEY_TESTS),
    "fqn:bistandslagret.reference,resource_type:test",
)
# what macros/materializations.sql says of a key that two rows share
_BROKEN_KEY = re.compile(r"Nyckeln gäller inte: (\d+) rader")
_MEMORY_LIMIT_MB = 5 * 1024
# what dbt read of the project, by its digest: one process may build in several homes
_readings: dict[str, tuple[bytes, ...]] = {}


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


def memory_limit() -> str:
    """How much memory models and gates may use before they spill to disk: `BISTAND_MEMORY_LIMIT`, else 5 GB, or half of a
    machine with less."""
    if given := os.environ.get("BISTAND_MEMORY_LIMIT"):
        return given
    return f"{min(_MEMORY_LIMIT_MB, physical_memory() // 2**21)}MB"


def target_folder(settings: Settings) -> Path:
    """Where dbt writes its manifest and compiled SQL."""
    return settings.build / "dbt_target"


def prepare_manifest(settings: Settings) -> Path:
    """The path of dbt's manifest of the project, as Dagster reads it; beside it lies the same as dbt reads it.

    dbt reads the project only when it is another than it was: and then all of it, since what it patches together of an older
    reading can lack what was said of a test.
    """
    read = hashlib.sha256(f"{code_digest(('dbt_project',))} {version('dbt-core')}".encode()).hexdigest()[:12]
    manifest = settings.build / f"dbt_manifest-{read}.json"
    if not (manifest.is_file() and manifest.with_suffix(".msgpack").is_file()):
        settings.build.mkdir(parents=True, exist_ok=True)
        if read not in _readings:
            # a folder of its own: another process may be reading the project at the same time
            with TemporaryDirectory(dir=settings.build) as target:
                _call(settings, ["parse", "--no-partial-parse"], target=Path(target))
                _readings[read] = tuple(
                    Path(target, name).read_bytes() for name in ("partial_parse.msgpack", "manifest.json")
                )
        for path, content in zip((manifest.with_suffix(".msgpack"), manifest), _readings[read], strict=True):
            # whole or not there
            beside = path.with_name(f"{path.name}.{os.getpid()}")
            beside.write_bytes(content)
            os.replace(beside, path)
        for older in settings.build.glob("dbt_manifest-*"):
            if older.stem != manifest.stem:
                older.unlink(missing_ok=True)
    return manifest


def build_models(
    settings: Settings, progress: Callable[[str], None] | None = None, select: str = "fqn:*"
) -> list[DbtNode]:
    """Every seed, model and test, or those of `select` (`AFTER_PROTECTION` for another profile of the same counts).

    As `run_dbt`; the raw tables of the run are loaded already.
    """
    left_out = ["--exclude-resource-type", "unit_test", "--exclude", *TRIED_ELSEWHERE]
    return run_dbt(settings, ["build", "--select", select, *left_out], progress)


def run_dbt(
    settings: Settings, arguments: list[str], progress: Callable[[str], None] | None = None
) -> list[DbtNode]:
    """Run dbt with `arguments` (for example `["build"]`) on the warehouse and vault of `settings`.

    `progress` gets one line per model and seed as it ends. Returns the nodes in the order they ended, failed ones
    too: the caller decides what a failure stops. Raises PlainError when dbt could not run at all.
    """
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.graph.nodes import GenericTestNode

    def on_event(event: Any) -> None:
        if progress is None or event.info.name != "NodeFinished":
            return
        node = event.data.node_info
        if node.resource_type in {"model", "seed"}:
            progress(f"{node.node_name}: {'klar' if node.node_status == 'success' else node.node_status}")

    read = prepare_manifest(settings).with_suffix(".msgpack")
    # a manifest of its own for each call: dbt writes in it
    manifest = Manifest.from_msgpack(read.read_bytes())
    # what macros see as `graph`, which dbt makes when it reads the project itself
    manifest.build_flat_graph()
    results = _call(settings, arguments, manifest, on_event)
    if settings.warehouse.exists():
        settings.warehouse.chmod(0o600)
    # an exposure says who reads, and there is nothing to run
    nodes = [_node(result) for result in results if result.status != "no-op"]
    keys: defaultdict[str, list[GenericTestNode]] = defaultdict(list)
    for test in manifest.nodes.values():
        if isinstance(test, GenericTestNode) and test.test_metadata.name in KEY_TESTS:
            keys[test.attached_node or ""].append(test)
    return nodes + [
        _key_test(test, node)
        for node in nodes
        if node.resource_type == "model"
        for test in keys[node.unique_id]
    ]


def _node(result: Any) -> DbtNode:
    message = result.message or ""
    broken = _BROKEN_KEY.search(message)
    return DbtNode(
        unique_id=result.node.unique_id,
        resource_type=str(getattr(result.node.resource_type, "value", result.node.resource_type)),
        name=result.node.name,
        # a fault of the data and not of the model
        status="fail" if broken else str(getattr(result.status, "value", result.status)),
        failures=int(broken[1]) if broken else result.failures or 0,
        seconds=result.execution_time,
        message=message,
    )


def _key_test(test: Any, model: DbtNode) -> DbtNode:
    """How the key went that was tried when the model was made."""
    status = {"success": "pass", "fail": "fail"}.get(model.status, "skipped")
    return DbtNode(test.unique_id, "test", test.name, status, model.failures, 0.0, model.message)


def _call(
    settings: Settings,
    arguments: list[str],
    manifest: Any = None,
    on_event: Callable[[Any], None] = lambda event: None,
    target: Path | None = None,
) -> list[Any]:
    """dbt's own results of one call, which writes to `target` or the home's own folder. Raises PlainError when it could not run."""
    os.environ["BISTAND_WAREHOUSE"] = str(settings.warehouse)
    os.environ["BISTAND_VAULT"] = str(settings.vault)
    os.environ["BISTAND_MEMORY_LIMIT"] = memory_limit()
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    settings.build.mkdir(parents=True, exist_ok=True)
    settings.build.chmod(0o700)
    options = [
        "--project-dir", str(settings.dbt_project),
        "--profiles-dir", str(settings.dbt_project),
        "--target-path", str(target or target_folder(settings)),
        "--log-path", str(settings.build / "dbt_logs"),
        "--quiet",
        "--log-level", "none",
        "--log-level-file", "info",
        "--no-use-colors",
    ]  # fmt: skip
    told = {"profile": settings.profile}
    if settings.known_before:
        told["known_before"] = settings.known_before.isoformat(sep=" ")
    options += ["--vars", json.dumps(told)]
    try:
        outcome = dbtRunner(manifest, [on_event]).invoke([*arguments, *options])
    finally:
        DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None:
        if tells_of_full_disk(str(outcome.exception)):
            raise PlainError(f"dbt stannade: {DISK_FULL}")
        kind = type(outcome.exception).__name__
        raise PlainError(f"dbt kunde inte köra steget {arguments[0]}: {kind} {outcome.exception}")
    return list(getattr(outcome.result, "results", None) or [])
