"""What a person who waits sees: one line per step, with the seconds since the start."""

from __future__ import annotations

import logging
import sys
import time

# where `bistand` keeps a log (operation/log.py) the lines go there too
_LOGGER = logging.getLogger("bistand")
_started = time.perf_counter()


def report(message: str) -> None:
    """Print `message` with the seconds since this process began."""
    seconds = f"{time.perf_counter() - _started:6.1f}".replace(".", ",")
    print(f"[{seconds} s] {message}", file=sys.stdout, flush=True)
    if _LOGGER.handlers:
        _LOGGER.info("%s", message.strip())


def swedish_number(number: int) -> str:
    """12345 as `12 345`, with a space that does not break."""
    return f"{number:,}".replace(",", "\u00a0")
