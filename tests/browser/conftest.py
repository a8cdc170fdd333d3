"""One browser for all, and how a server is waited for."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, sync_playwright

from dashboards.serve import HERE, command, environment
from orchestration.settings import Settings
from tests.conftest import BROWSER, BROWSERS

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
]


def wait_for(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server stopped before it answered"
        try:
            with urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not answer in time")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def pages_on(port: int, settings: Settings, redirect: str | None = None) -> Iterator[str]:
    """The address of the pages over the releases of a home; with `redirect`, for those who sign in."""
    server = subprocess.Popen(
        command(port, settings.home, redirect), cwd=HERE, env=environment(settings, redirect), stdout=subprocess.DEVNULL
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def pages_over(home: Path) -> Iterator[str]:
    """The pages on a free port of this machine, over the release of `home`."""
    with pages_on(free_port(), Settings(home=home)) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert BROWSER, f"none of {', '.join(BROWSERS)} is on PATH: install Debian's chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=BROWSER, args=BROWSER_ARGUMENTS)
        yield found
        found.close()
