"""Whether this machine and this home can run it: each line is ok, or says what to do."""

from __future__ import annotations

import os
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orchestration.errors import PlainError
from orchestration.machine import physical_memory
from orchestration.operation.findings import free_gb
from orchestration.operation.limits import limit
from orchestration.operation.settings_file import FILE_NAME, read_settings_file
from orchestration.operation.state import read_state
from orchestration.run_lock import is_running
from orchestration.settings import Settings, utc_now

# below this a run is slow, and below the half of it a run of the demo does not end (docs/how-to/size-the-machine.md)
_MEMORY_GB = 4
PORTS = {8501: "bistand serve", 3000: "bistand ui"}


@dataclass(frozen=True)
class Line:
    """One thing that was looked at. `todo` is empty when it is ok; what only limits is no fault."""

    what: str
    todo: str = ""
    is_fault: bool = True

    def __str__(self) -> str:
        if not self.todo:
            return f"ok    {self.what}"
        return f"{'FEL ' if self.is_fault else 'OBS '}  {self.what}: {self.todo}"


def examine(settings: Settings) -> Iterator[Line]:
    """A line for each thing, in the order that one mends them."""
    for look in (
        _python,
        _libraries,
        _encryption,
        _time_zone,
        _home,
        _settings_file,
        _key,
        _disk,
        _memory,
        _clock,
        _ports,
        _browser,
    ):
        looked: Callable[[Settings], Iterator[Line]] = look
        try:
            yield from looked(settings)
        except (PlainError, OSError) as problem:
            yield Line(
                look.__name__.strip("_"),
                str(problem) if isinstance(problem, PlainError) else type(problem).__name__,
            )


def _python(settings: Settings) -> Iterator[Line]:
    named = ".".join(map(str, sys.version_info[:3]))
    bits = 64 if sys.maxsize > 2**32 else 32
    yield Line(f"Python {named}, {bits} bitar", "" if bits == 64 else "installera ett Python för 64 bitar")
    if sys.platform == "win32":
        yield Line("Windows", "kör i WSL; utan det går länkar och rättigheter inte att lita på")


def _libraries(settings: Settings) -> Iterator[Line]:
    from packaging.requirements import Requirement

    wrong = []
    wanted = [Requirement(text) for text in metadata.requires("bistandslagret") or []]
    wanted = [one for one in wanted if one.marker is None or one.marker.evaluate()]
    for one in wanted:
        try:
            found = metadata.version(one.name)
        except metadata.PackageNotFoundError:
            found = "saknas"
        if found == "saknas" or not one.specifier.contains(found, prereleases=True):
            wrong.append(f"{one.name} {found}")
    named = f"Biståndslagret {metadata.version('bistandslagret')} med {len(wanted)} bibliotek"
    yield Line(named, f"{', '.join(wrong)}; installera om med de låsta versionerna" if wrong else "")


def _encryption(settings: Settings) -> Iterator[Line]:
    from orchestration.database import open_database
    from orchestration.vault.file import load_encryption

    with open_database() as connection:
        load_encryption(connection)
    yield Line("Krypteringen laddas och är signerad")


def _time_zone(settings: Settings) -> Iterator[Line]:
    try:
        ZoneInfo("Europe/Stockholm")
        yield Line("Tidszonen Europe/Stockholm finns")
    except ZoneInfoNotFoundError:
        yield Line("Tidszoner", "installera paketet tzdata; schemat i Dagster behöver Europe/Stockholm")


def _home(settings: Settings) -> Iterator[Line]:
    home = settings.home
    if not home.is_dir():
        yield Line(f"Mappen {home}", f"den finns inte; kör bistand init {home}")
        return
    problem = _cannot_write(home)
    yield Line(f"Mappen {home} går att skriva i, byta namn i och länka i", problem)
    for path in (settings.register_folder, settings.build, settings.archive):
        if path.is_dir() and (todo := _is_open_to_others(path)):
            yield Line(f"Rättigheter på {path}", todo)


def _cannot_write(home: Path) -> str:
    try:
        with tempfile.TemporaryDirectory(dir=home, prefix=".doctor-") as folder:
            beside = Path(folder, "a")
            beside.write_bytes(b"\0" * 4096)
            os.replace(beside, Path(folder, "b"))
            Path(folder, "c").symlink_to("b")
        return ""
    except (OSError, NotImplementedError) as problem:
        return (
            f"det går inte ({type(problem).__name__}); ge kontot skrivrätt och använd en disk som kan länkar"
        )


def _is_open_to_others(path: Path) -> str:
    status = path.stat()
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        return "den ägs av ett annat konto; kör som det kontot, eller byt ägare"
    if stat.S_IMODE(status.st_mode) & 0o077:
        return f"andra konton kan läsa den; kör chmod {'700' if path.is_dir() else '600'} {path}"
    return ""


def _settings_file(settings: Settings) -> Iterator[Line]:
    path = settings.home / FILE_NAME
    if path.is_file():
        read_settings_file(path)
        yield Line(f"Inställningarna i {path}", _is_open_to_others(path))


def _key(settings: Settings) -> Iterator[Line]:
    from orchestration.vault import pseudonym

    given = pseudonym.given_key()
    state = read_state(settings)
    known = state.ledger.key_fingerprint if state and not state.ledger.is_synthetic else None
    if given is None:
        yield Line(
            "Nyckeln",
            "ingen är angiven; riktiga uppgifter läses inte in utan (påhittade behöver ingen)"
            if known is None
            else "registret är gjort med en nyckel och ingen är angiven; ange den i BISTAND_PSEUDONYM_KEY_FILE",
            is_fault=known is not None,
        )
        return
    pseudonym.check_fingerprint(given, known)
    path = Path(os.environ.get(pseudonym.KEY_FILE_VARIABLE) or "").expanduser()
    if not path.is_file():
        yield Line(
            "Nyckeln", "den står i miljön, där andra program kan läsa den; lägg den i en fil", is_fault=False
        )
    elif path.resolve().is_relative_to(settings.home):
        yield Line("Nyckeln", f"den ligger i {settings.home} bredvid uppgifterna; flytta den", is_fault=False)
    else:
        yield Line("Nyckeln är giltig" + (" och registrets" if known else ""), _is_open_to_others(path))


def _disk(settings: Settings) -> Iterator[Line]:
    free, least = free_gb(settings.home), limit(settings, "disk_free_gb")
    yield Line(
        f"{free:.0f} GB ledigt på disken", "" if free >= least else f"under {least:g} GB; frigör plats"
    )


def _memory(settings: Settings) -> Iterator[Line]:
    from orchestration.warehouse.dbt_runner import memory_limit

    memory = physical_memory() / 2**30
    yield Line(
        f"{memory:.0f} GB minne; modellerna använder högst {memory_limit()}",
        ""
        if memory >= _MEMORY_GB
        else f"under {_MEMORY_GB} GB; körningen lägger ut på disk och blir långsam",
        is_fault=False,
    )


def _clock(settings: Settings) -> Iterator[Line]:
    """What is later is in force, so a clock that goes wrong puts deliveries in the wrong order."""
    now, state = utc_now(), read_state(settings)
    written = max((path.stat().st_mtime for path in _newest(settings)), default=0)
    if (state and state.ended > now) or written > time.time() + 60:
        yield Line(
            f"Klockan är {now:%Y-%m-%d %H:%M} UTC", "något är skrivet senare än så; ställ klockan (NTP)"
        )
    elif now < datetime(2026, 1, 1):
        yield Line(f"Klockan är {now:%Y-%m-%d %H:%M} UTC", "den går efter; ställ klockan (NTP)")
    else:
        yield Line(f"Klockan är {now:%Y-%m-%d %H:%M} UTC, efter allt som är skrivet")


def _newest(settings: Settings) -> Iterator[Path]:
    yield from (path for path in (settings.vault, settings.warehouse) if path.exists())


def _ports(settings: Settings) -> Iterator[Line]:
    for port, command in PORTS.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                yield Line(f"Porten {port} är ledig för {command}")
            except OSError:
                yield Line(
                    f"Porten {port}",
                    f"den används; är det inte {command} så ange en annan med --port",
                    is_fault=False,
                )
    if settings.home.is_dir() and is_running(settings):
        yield Line("Körning", "en pågår just nu", is_fault=False)


def _browser(settings: Settings) -> Iterator[Line]:
    import webbrowser

    try:
        webbrowser.get()
        yield Line("Webbläsare finns")
    except webbrowser.Error:
        yield Line(
            "Webbläsare",
            "ingen här, vilket är vanligt på en server; nå sidorna med ssh -L 8501:127.0.0.1:8501 från en dator som har en",
            is_fault=False,
        )
