"""A run as a schedule starts it: what came of it is written down, told to those who asked to be told, and said by the exit code."""

from __future__ import annotations

import logging
from contextlib import suppress

from orchestration.errors import DISK_FULL, ExitCode, PlainError, tells_of_full_disk
from orchestration.operation.log import note
from orchestration.operation.state import read_state, remember_good_end, remember_run
from orchestration.pipeline import run_pipeline
from orchestration.run_lock import only_run
from orchestration.settings import Settings, utc_now


def run_and_remember(settings: Settings, rebuild: bool = False) -> ExitCode:
    """As `run_pipeline`; returns DONE, or WAITS when a delivery waits for a decision.

    What it raises is written down first, except that another run is going on: that one writes down how it ends. A run as of an
    earlier day is no run of the schedule, and is not written down.
    """
    with only_run(settings):
        started = utc_now()
        try:
            has_run = run_pipeline(settings, rebuild)
        except BaseException as error:
            if settings.as_of is None:
                code, told = _how_it_ended(error)
                note(told, logging.ERROR, event="run_ended", exit_code=int(code))
                # on a full disk what went wrong is more than that it cannot be written down
                with suppress(OSError):
                    remember_run(settings, started, code, told)
            raise
        if settings.as_of is not None:
            return ExitCode.DONE
        # a run that published has been written down when it let go of the pipeline; where nothing was new, the ledger is as it was
        state = read_state(settings)
        if state is None or not has_run:
            state = remember_good_end(settings, started, state.ledger if state else None)
        note(state.told, event="run_ended", exit_code=state.exit_code, releases=state.releases)
        return ExitCode(state.exit_code)


def _how_it_ended(error: BaseException) -> tuple[ExitCode, str]:
    """The text of an unforeseen error may quote data: only its kind is told."""
    if isinstance(error, PlainError):
        return error.exit_code, str(error)
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED, "Avbruten av den som körde."
    if tells_of_full_disk(str(error)):
        return ExitCode.FAILED, f"Körningen stannade: {DISK_FULL}"
    return ExitCode.FAILED, f"Något oväntat hände ({type(error).__name__})."
