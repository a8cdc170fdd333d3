"""What happened, as JSON lines in `<home>/logs`, for those who read many machines' logs in one place. Turned over by size.

What is written is what a person at the keyboard sees: sentences without personal data. They are scrubbed once more on the way.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from orchestration.intake.scrubbing import scrub_file_name
from orchestration.run_lock import private_files

LOGGER = logging.getLogger("bistand")
FILE_NAME = "bistand.jsonl"
# five files of five megabytes: a run writes some 20 kB
_BYTES, _FILES = 5_000_000, 4
_LONGEST = 2000


class _JsonLine(logging.Formatter):
    def __init__(self, command: str) -> None:
        super().__init__()
        self._command = command

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "command": self._command,
            "process": os.getpid(),
            **getattr(record, "told", {}),
            # municipality codes and dates are in what is told, and a check digit tells them from a personnummer
            "message": scrub_file_name(record.getMessage(), _LONGEST),
        }
        return json.dumps(line, ensure_ascii=False)


class _PrivateFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        with private_files():
            return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk is told by the command itself, in a sentence."""


def keep_log(home: Path | None, command: str) -> None:
    """From now on, what this process reports is also written to the log of the home, or to none. A log that cannot be written stops
    nothing."""
    for old in list(LOGGER.handlers):
        LOGGER.removeHandler(old)
        old.close()
    if home is None:
        return
    try:
        folder = home / "logs"
        with private_files():
            folder.mkdir(parents=True, exist_ok=True)
        handler = _PrivateFile(folder / FILE_NAME, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8")
    except OSError:
        return
    handler.setFormatter(_JsonLine(command))
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False


def note(message: str, level: int = logging.INFO, **told: object) -> None:
    """Write a line with more than a message: how a run ended, what was sent. Nothing where no log is kept."""
    if LOGGER.handlers:
        LOGGER.log(level, "%s", message, extra={"told": told})
