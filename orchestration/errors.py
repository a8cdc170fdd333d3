"""Errors that a user can do something about."""

from __future__ import annotations

import re


class PlainError(Exception):
    """The message is one plain Swedish sentence: what went wrong, where, and what to do. Never personal data."""


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
