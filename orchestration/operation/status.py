"""How it stands, for a person and for a machine that asks every minute. Neither the vault nor a release is opened."""

from __future__ import annotations

import http.server
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from orchestration.errors import PlainError
from orchestration.operation.findings import KINDS, Finding, find, free_gb
from orchestration.operation.state import read_state
from orchestration.settings import Settings

ADDRESS = "127.0.0.1"
# the folders of a home that grow, with what bounds each
GROWS = {
    "landing": "det som har lagts där; BISTAND_ORIGINALS säger vad som händer efter inläsning",
    "register": "allt som har lästs in, tills det gallras",
    "archive": "original efter inläsning, tills månaderna gallras",
    "snapshots": "varje nytt svar från källorna",
    "build": "byggs om av varje körning",
    "published": "utgåvor; tas bort efter ålder",
    "logs": "högst 25 MB",
}


def status(settings: Settings, found: list[Finding] | None = None) -> dict[str, Any]:
    """What stands now, as JSON has it. `is_well` is False when something is serious."""
    state = read_state(settings)
    found = find(settings) if found is None else found
    return {
        "is_well": not any(one.is_serious for one in found),
        "checked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "last_run": None
        if state is None
        else {
            "started_at": state.started_at, "ended_at": state.ended_at, "exit_code": state.exit_code, "told": state.told,
        },
        "releases": state.releases if state else {},
        "disk_free_gb": round(free_gb(settings.home), 1),
        "findings": [{"kind": one.kind, "is_serious": one.is_serious, "text": one.text} for one in found],
    }  # fmt: skip


def status_lines(settings: Settings, found: list[Finding]) -> Iterator[str]:
    """The same for a person, with what the home holds."""
    state = read_state(settings)
    if state is None:
        yield f"Ingen körning har slutat i {settings.home} än; kör bistand run."
    else:
        yield f"Senaste körningen slutade {state.ended_at} (UTC), kod {state.exit_code}: {state.told}"
        for profile, release in state.releases.items():
            yield f"Utgåvan {release} gäller ({profile})."
    for name, why in GROWS.items():
        folder = settings.home / name
        size = sum(
            path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
        )
        if size:
            yield f"{name}: {_megabytes(size)} ({why})"
    yield f"Ledigt på disken: {free_gb(settings.home):.0f} GB."
    for one in found:
        yield f"{'!' if one.is_serious else '-'} {KINDS[one.kind]}: {one.text}"
    if not found:
        yield "Inget behöver göras."


def serve_health(settings: Settings, port: int) -> http.server.ThreadingHTTPServer:
    """A server on this machine that answers /health: 200 when nothing is serious, else 503, with `status` as JSON.

    The caller starts it. Raises PlainError when the port is taken.
    """

    class Answer(http.server.BaseHTTPRequestHandler):
        server_version = "bistand"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path not in ("/health", "/health/"):
                self.send_error(404)
                return
            try:
                said = status(settings)
            except (PlainError, OSError) as problem:
                said = {
                    "is_well": False,
                    "error": str(problem) if isinstance(problem, PlainError) else type(problem).__name__,
                }
            body = json.dumps(said, ensure_ascii=False).encode()
            self.send_response(200 if said["is_well"] else 503)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody needs a line a minute."""

    try:
        return http.server.ThreadingHTTPServer((ADDRESS, port), Answer)
    except OSError:
        raise PlainError(f"Porten {port} är upptagen; välj en annan med --port.") from None


def _megabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB".replace(".", ",") if size >= 1e9 else f"{size / 1e6:.0f} MB"
