"""Run the graph in this process, or open Dagster's own pages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from orchestration.errors import PlainError
from orchestration.progress import report
from orchestration.run_lock import only_run
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.whats_new import note_inputs, release_of_unchanged_inputs, remember_inputs

INSTANCE_CONFIG = """\
telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: orchestration.defs.event_log
  class: KeptEventLogStorage
"""
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def dagster_home(settings: Settings) -> Path:
    """Dagster's own store of runs and checks, made when it is not there; `DAGSTER_HOME` moves it."""
    home = Path(os.environ.get("DAGSTER_HOME") or settings.build / "dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    if not config.exists():
        config.write_text(INSTANCE_CONFIG, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def run_pipeline(settings: Settings, rebuild: bool = False) -> None:
    """Deliveries in, indicators out, one run at a time. Nothing is done when nothing has changed, and only what has when
    something has; with `rebuild` everything is built from the beginning.

    Raises PlainError with one sentence when something stops the release, or when another run is going on.
    """
    with only_run(settings):
        # what comes while we run is new to the next run
        inputs = note_inputs(settings)
        release = None if rebuild else release_of_unchanged_inputs(settings, inputs)
        if release:
            report(f"Inget nytt sedan förra körningen; utgåvan {release} gäller.")
            return
        if rebuild:
            from orchestration.warehouse.changed_years import forget_build

            forget_build(settings)
        _run_graph(settings)
        remember_inputs(settings, inputs)


def _run_graph(settings: Settings) -> None:
    dagster_home(settings)
    day = f", det som var känt {settings.as_of}" if settings.as_of else ""
    report(f"Biståndslagret i {settings.home}, profil {settings.profile}{day}")
    report("Startar Dagster och dbt")
    import dagster as dg
    from dagster._core.errors import DagsterAssetCheckFailedError

    from orchestration.definitions import defs

    instance = dg.DagsterInstance.get()
    try:
        job = defs.resolve_job_def("whole_house")
        job.execute_in_process(instance=instance, run_config=QUIET)
    except DagsterAssetCheckFailedError as error:
        raise PlainError(
            f"Ett prov stoppade publiceringen; den förra utgåvan gäller, se raderna med STOPP ovan.{_advice(settings)}"
        ) from error
    except dg.Failure as error:
        raise PlainError(error.description or "Körningen avbröts.") from error
    finally:
        instance.dispose()
    if settings.as_of:
        report(f"Klart. Utgåvan ligger i {settings.published}; den som gäller nu är orörd.")
    else:
        report("Klart. Visa sidorna med: bistand serve")


def _advice(settings: Settings) -> str:
    """What to do about the release gate, when it was what stopped."""
    from orchestration.warehouse.quality import blocking_failures, load_results

    stopped = [one for one in blocking_failures(load_results(settings)) if one.gate == "release"]
    if not stopped:
        return ""
    return ' Är ändringen rätt, kör bistand run --accept-changes "varför".'


def open_dagster(settings: Settings, port: int) -> int:
    """Dagster's pages for this graph on 127.0.0.1, until interrupted; returns Dagster's own exit code."""
    dagster_home(settings)
    report(f"Dagster öppnas på http://127.0.0.1:{port} (avsluta med Ctrl-C)")
    command = [
        str(Path(sys.executable).parent / "dagster"), "dev",
        "--module-name", "orchestration.definitions",
        "--host", "127.0.0.1",
        "--port", str(port),
    ]  # fmt: skip
    return subprocess.run(command, cwd=PROJECT_ROOT, check=False).returncode
