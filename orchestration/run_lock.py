"""One run at a time: what writes to the register, the warehouse or the releases holds one lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from orchestration.errors import ExitCode, PlainError
from orchestration.settings import Settings


class RunInProgressError(PlainError):
    """Another process is at work on the same data."""

    exit_code = ExitCode.BUSY


def make_private_folder(settings: Settings) -> None:
    """The register's folder, for its owner only. Raises PlainError when it cannot be made."""
    try:
        settings.register_folder.mkdir(parents=True, exist_ok=True)
        settings.register_folder.chmod(0o700)
    except OSError:
        raise PlainError(
            f"Mappen {settings.register_folder} går inte att skapa eller ändra; ge kontot skrivrätt till den."
        ) from None


@contextmanager
def private_files() -> Iterator[None]:
    """Files made inside are readable by their owner only, whoever makes them (DuckDB makes its own)."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Holds the lock of the pipeline; taken again inside itself it changes nothing. Files written inside are private.

    The system lets go of it when the process ends, however it ends. Raises RunInProgressError at once when another
    process holds it: nobody waits in a queue that cannot be seen.
    """
    make_private_folder(settings)
    busy = f"En annan körning pågår i {settings.home}; vänta tills den är klar och kör igen."
    with _only(settings.register_folder / ".lock", busy):
        yield


def is_running(settings: Settings) -> bool:
    """Whether another process holds the lock of the pipeline."""
    try:
        with only_run(settings):
            return False
    except RunInProgressError:
        return True


@contextmanager
def only_refresh(settings: Settings) -> Iterator[None]:
    """Holds the lock of those who add snapshots: they wait for the network, and a run need not wait for them. What they add
    is written beside and renamed, and is new to the next run. Raises RunInProgressError as `only_run`."""
    settings.snapshots.mkdir(parents=True, exist_ok=True)
    busy = f"En annan hämtning pågår i {settings.home}; vänta tills den är klar och kör igen."
    with _only(settings.snapshots / ".lock", busy):
        yield


@contextmanager
def _only(path: Path, busy: str) -> Iterator[None]:
    # one lock object per file in this process, whichever thread asks: so it can be taken again inside itself
    lock = FileLock(path, timeout=0, mode=0o600, thread_local=False, is_singleton=True)
    try:
        lock.acquire()
    except Timeout:
        raise RunInProgressError(busy) from None
    except OSError:
        raise PlainError(f"Låsfilen {path} går inte att öppna; ge kontot skrivrätt till mappen.") from None
    try:
        with private_files():
            yield
    finally:
        lock.release()
