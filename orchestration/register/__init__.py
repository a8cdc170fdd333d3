"""The door: what turns landing files into the pseudonymised vault, with a ledger of every delivery."""

from __future__ import annotations

from orchestration.errors import PlainError


class DoorError(PlainError):
    """The door cannot go on."""
