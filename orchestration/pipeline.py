"""The one run: deliveries in, indicators out. The command, the schedule, the sensor and Dagster's pages all start it here.

A run holds the lock from its first step to its last. What lies there is noted when it begins and remembered when it has
ended well, so that what comes meanwhile is new to the next run. Only a run of the whole graph publishes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from orchestration.errors import PlainError, StoppedError
from orchestration.progress import report
from orchestration.release.store import adopt_older_layout
from orchestration.run_lock import only_run
from orchestration.settings import CODE_ROOT, Settings, utc_now
from orchestration.warehouse.whats_new import (
    Inputs,
    note_inputs,
    release_of_unchanged_inputs,
    remember_inputs,
)

INSTANCE_CONFIG = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
JOB = "pipeline"
# what a run must have done before anything is published, in the order of the graph
STEPS = ("intake", "raw_tables", "landing_gate", "dbt", "release_gate")


@dataclass
class PipelineRun:
    """A run that holds the lock: its settings, what lay there when it began, and the steps that it has done whole."""

    settings: Settings
    inputs: Inputs
    done: list[str] = field(default_factory=list)
    is_published: bool = False

    def why_not_publish(self) -> str | None:
        """One sentence when a step was left out, so that the warehouse may be another than was tested; otherwise None."""
        for step in STEPS:
            if step not in self.done:
                return f"En utgåva görs bara av en hel körning, och {step} är inte med; starta jobbet {JOB} eller kör bistand run."
        return None

    def remember(self, settings: Settings) -> None:
        """To be called when the release of the profile in `settings` is in force."""
        remember_inputs(settings, self.inputs)
        self.is_published = True


@contextmanager
def begin_run(settings: Settings) -> Iterator[PipelineRun]:
    """The run under its lock; taken inside `only_run` it is the same lock. Raises RunInProgressError."""
    with only_run(settings):
        adopt_older_layout(settings)
        started = utc_now()
        run = PipelineRun(settings, note_inputs(settings))
        try:
            yield run
        finally:
            # one that Dagster started has nobody else to write it down; what went wrong is told by whoever started it
            if run.is_published and settings.as_of is None:
                from orchestration.operation.state import remember_good_end

                remember_good_end(settings, started)


def nothing_new(settings: Settings, inputs: Inputs) -> str | None:
    """One sentence when the releases in force were made from exactly these inputs; otherwise None."""
    made = [
        release_of_unchanged_inputs(replace(settings, profile=profile), inputs)
        for profile in (settings.profile, *settings.also)
    ]
    if None in made:
        return None
    named = f"utgåvan {made[0]}" if len(made) == 1 else f"utgåvorna {' och '.join(filter(None, made))}"
    return f"Inget nytt sedan förra körningen; {named} gäller."


def run_pipeline(settings: Settings, rebuild: bool = False) -> bool:
    """The whole graph in this process, or nothing when nothing has changed and it is not asked for with `rebuild`; returns
    whether it ran.

    Raises StoppedError when a check stops the release, RunInProgressError when another run is going on, PlainError for the rest,
    each with one sentence.
    """
    with only_run(settings):
        adopt_older_layout(settings)
        if not rebuild and (told := nothing_new(settings, note_inputs(settings))):
            report(told)
            return False
        _run_graph(settings)
        return True


def dagster_home(settings: Settings) -> Path:
    """Dagster's own store of runs and checks, made when it is not there; `DAGSTER_HOME` moves it."""
    given = os.environ.get("DAGSTER_HOME")
    home = Path(given or settings.build / "dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    if not config.exists() or not given:
        config.write_text(INSTANCE_CONFIG, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _run_graph(settings: Settings) -> None:
    dagster_home(settings)
    day = f", det som var känt {settings.as_of}" if settings.as_of else ""
    report(
        f"Biståndslagret i {settings.home}, profil {' och '.join((settings.profile, *settings.also))}{day}"
    )
    report("Startar Dagster och dbt")
    import dagster as dg
    from dagster._core.errors import DagsterAssetCheckFailedError

    from orchestration.definitions import defs
    from orchestration.defs.quality import Stopped

    instance = dg.DagsterInstance.get()
    try:
        defs.resolve_job_def(JOB).execute_in_process(instance=instance, run_config=QUIET)
    except DagsterAssetCheckFailedError as error:
        raise StoppedError(
            f"Ett prov stoppade publiceringen; den förra utgåvan gäller, se raderna med STOPP ovan.{_advice(settings)}"
        ) from error
    except Stopped as error:
        raise StoppedError(error.description or "Ett prov stoppade körningen.") from error
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
    return subprocess.run(command, cwd=CODE_ROOT, check=False).returncode
