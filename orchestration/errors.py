"""Errors that a user can do something about, and how a command ends."""

from __future__ import annotations

import re
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended, for what started it. The table in docs/how-to/run-it-every-night.md says what each means."""

    DONE = 0
    FAILED = 1
    WAITS = 2
    STOPPED = 3
    BUSY = 4
    # as sysexits.h has it: the words on the line were wrong, and nothing was done
    USAGE = 64
    INTERRUPTED = 130


class PlainError(Exception):
    """The message is one plain Swedish sentence: what went wrong, where, and what to do. Never personal data."""

    exit_code = ExitCode.FAILED


class StoppedError(PlainError):
    """A check stopped the publication; the release before is in force."""

    exit_code = ExitCode.STOPPED


class RegisterError(PlainError):
    """The intake or the vault cannot go on."""


DISK_FULL = "disken är full; den förra utgåvan gäller, frigör plats och kör igen."
# how the system, DuckDB and SQLite say it
_FULL = re.compile(
    r"no space left|file too large|quota exceeded|disk is full|disk i/o error|could not write file",
    re.IGNORECASE,
)


def tells_of_full_disk(text: str) -> bool:
    """Whether the text of an error, which is itself never shown, says that nothing more could be written."""
    return _FULL.search(text) is not None
