"""Start the pages on this machine: Streamlit with the pages' own settings, from any working directory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from orchestration.settings import PROJECT_ROOT, Settings

HERE = Path(__file__).resolve().parent
ADDRESS = "127.0.0.1"
START_SECONDS = 60


def serve(settings: Settings, port: int = 8501) -> int:
    """Run the pages until Ctrl+C; returns 0, or 1 with one plain Swedish sentence on stderr when they cannot start.

    Only this machine can reach the pages. They read the release that `settings.published` points at.
    """
    if not (settings.current_release / "indicators.duckdb").is_file():
        return _refuse(
            f"Det finns ingen utgåva att visa i {settings.published}; kör `bistand run` (eller `bistand demo` för "
            "påhittade uppgifter) först."
        )
    if not _is_free(port):
        return _refuse(
            f"Porten {port} är upptagen; stäng det som använder den eller välj en annan med --port."
        )
    _let_terminate_stop_the_server_too()
    process = subprocess.Popen(command(port), cwd=HERE, env=environment(settings), stdout=subprocess.DEVNULL)
    try:
        if not _wait_until_up(process, port):
            return _refuse("Sidorna startade inte; se meddelandet ovan.")
        print(f"Sidorna finns på http://{ADDRESS}:{port} (avsluta med Ctrl+C).", flush=True)
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(process)


def command(port: int) -> list[str]:
    """The command that starts Streamlit. Its settings lie beside the router, in .streamlit/config.toml."""
    return [
        *(sys.executable, "-m", "streamlit", "run", str(HERE / "streamlit_app.py")),
        *("--server.port", str(port), "--server.address", ADDRESS),
    ]


def environment(settings: Settings) -> dict[str, str]:
    """The pages find the release through BISTAND_HOME, and the code also when it is not installed."""
    paths = [str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "BISTAND_HOME": str(settings.home),
        "BISTAND_PROFILE": settings.profile,
        "PYTHONPATH": os.pathsep.join(paths),
    }


def _let_terminate_stop_the_server_too() -> None:
    """A terminated parent would otherwise leave the server running on its port."""

    def stop(signal_number: int, frame: object) -> None:
        raise KeyboardInterrupt

    # only the main thread may set signals; elsewhere the caller has its own way to stop
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as the server does it: a port in its closing wait is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def _wait_until_up(process: subprocess.Popen, port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://{ADDRESS}:{port}/_stcore/health", timeout=2):
                return True
        except (URLError, OSError):
            time.sleep(0.2)
    return False


def _stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
