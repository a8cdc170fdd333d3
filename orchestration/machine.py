"""What this machine has. Asked in one place, since systems answer differently."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

# what a container may use, whatever the machine has (version 2 and version 1 of the kernel's control groups)
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def physical_memory() -> int:
    """Bytes of memory that this process may reckon with: the machine's, or what its container is given."""
    found = _memory_of_windows() if sys.platform == "win32" else _memory_of_unix()
    for path in _LIMITS:
        # `max` is no limit
        with suppress(OSError, ValueError):
            found = min(found, int(path.read_text(encoding="ascii")))
    return found


def _memory_of_unix() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _memory_of_windows() -> int:
    """GlobalMemoryStatusEx: two 32-bit numbers (length, load), then seven of 64 bits, the first of which is all memory."""
    import ctypes

    class _Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((f"size_{i}", ctypes.c_uint64) for i in range(7)),
        )

    status = _Status()
    status.length = ctypes.sizeof(status)
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.size_0)
