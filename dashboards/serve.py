"""Start the pages on this machine: this process becomes Streamlit, with the pages' own settings."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from orchestration.errors import PlainError
from orchestration.settings import CODE_ROOT, Settings

HERE = Path(__file__).resolve().parent
ADDRESS = "127.0.0.1"


def serve(settings: Settings, port: int = 8501) -> None:
    """Becomes the server of the pages, until Ctrl+C. Raises PlainError when there is nothing to show or the port is taken.

    Only this machine can reach the pages. They read the release in force in the profile of `settings`.
    """
    if not (settings.current_release / "indicators.duckdb").is_file():
        raise PlainError(
            f"Det finns ingen utgåva att visa i {settings.published}; kör `bistand run` (eller `bistand demo` för "
            "påhittade uppgifter) först."
        )
    if not _is_free(port):
        raise PlainError(
            f"Porten {port} är upptagen; stäng det som använder den eller välj en annan med --port."
        )
    print(f"Sidorna öppnas på http://{ADDRESS}:{port} (avsluta med Ctrl+C).", flush=True)
    # what Streamlit greets with, in English, is said above
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    # its settings lie beside the router, in .streamlit/config.toml
    os.chdir(HERE)
    os.execve(sys.executable, command(port), environment(settings))


def command(port: int) -> list[str]:
    """The command that starts Streamlit."""
    return [
        *(sys.executable, "-m", "streamlit", "run", str(HERE / "streamlit_app.py")),
        *("--server.port", str(port), "--server.address", ADDRESS),
    ]


def environment(settings: Settings) -> dict[str, str]:
    """The pages find the release through BISTAND_HOME, and the code also when it is not installed."""
    paths = [str(CODE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "BISTAND_HOME": str(settings.home),
        "BISTAND_PROFILE": settings.profile,
        "PYTHONPATH": os.pathsep.join(paths),
    }


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as the server does it: a port in its closing wait is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True
