"""Start the pages on this machine: this process becomes Streamlit, with the pages' own settings."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from orchestration.errors import PlainError
from orchestration.operation import access
from orchestration.release.files import DATABASE
from orchestration.settings import CODE_ROOT, PROFILES, Settings

HERE = Path(__file__).resolve().parent
ADDRESS = "127.0.0.1"


def serve(settings: Settings, port: int = 8501) -> None:
    """Becomes the server of the pages, until Ctrl+C. Raises PlainError when there is nothing to show or the port is taken.

    Only this machine can reach the pages. They read the release in force in the profile of `settings`.
    """
    redirect = sign_in(settings)
    if not any((shown.current_release / DATABASE).is_file() for shown in _shown(settings, redirect)):
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
    os.execve(sys.executable, command(port, settings.home, redirect), environment(settings, redirect))


def sign_in(settings: Settings) -> str | None:
    """The address that people come back to when they have signed in, or None where nobody signs in. Raises AccessError when what
    says who may see what is half-made or cannot be understood."""
    if not access.is_wanted(settings.home):
        return None
    access.read_rules(settings.home)
    return access.check_provider(settings.home)


def _shown(settings: Settings, redirect: str | None) -> list[Settings]:
    """The profiles that somebody may be shown."""
    return [settings] if redirect is None else [replace(settings, profile=profile) for profile in PROFILES]


def command(port: int, home: Path | None = None, redirect: str | None = None) -> list[str]:
    """The command that starts Streamlit; with `redirect`, for those who sign in as the file in `home` says."""
    found = [
        *(sys.executable, "-m", "streamlit", "run", str(HERE / "streamlit_app.py")),
        *("--server.port", str(port), "--server.address", ADDRESS),
    ]
    if home is None or redirect is None:
        return found
    found += ["--secrets.files", str(home / access.PROVIDER)]
    parts = urlsplit(redirect)
    if not access.is_loopback(parts.hostname or ""):
        # a web server before the pages, under a name of its own
        found += ["--server.corsAllowedOrigins", f"{parts.scheme}://{parts.netloc}"]
    return found


def environment(settings: Settings, redirect: str | None = None) -> dict[str, str]:
    """The pages find the release through BISTAND_HOME, and the code also when it is not installed. They never open the vault, so
    the way to its keys ends here."""
    paths = [str(CODE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("BISTAND_PSEUDONYM_", "BISTAND_VAULT_"))
    }
    return {
        **own,
        "BISTAND_HOME": str(settings.home),
        "BISTAND_PROFILE": settings.profile,
        "BISTAND_SIGN_IN": "1" if redirect else "0",
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
