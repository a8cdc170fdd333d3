"""How long a reader waits for the pages, in times an empty Streamlit page of the same minute: `python -m bench.readers HOME`.

HOME holds a release. Both servers stand beside each other and are asked by turns, so that a busy machine troubles both alike;
what counts is the ratio of the medians, never the seconds.
"""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.async_api import Browser, Page, async_playwright

from dashboards.serve import ADDRESS, HERE, command, environment
from orchestration.settings import Settings
from tests.browser.conftest import BROWSER_ARGUMENTS
from tests.conftest import BROWSER

TURNS, READERS, LONGEST = 7, 5, 60_000
# two pages with a menu and a last line, so that the same clicks can be made
EMPTY = """
import streamlit as st
def page():
    st.title(st.session_state.get("namn", "Tom"))
one = st.navigation([st.Page(page, title="Ett", url_path="ett", default=True), st.Page(lambda: page(), title="Två", url_path="tva")],
    position="top")
one.run()
st.html(f'<div class="bl-foot">{one.title}</div>')
"""
FOOT = ".bl-foot"


@contextmanager
def server(arguments: list[str], folder: Path, variables: dict[str, str]) -> Iterator[None]:
    """A server that is up, until the end."""
    started = subprocess.Popen(arguments, cwd=folder, env=variables, stdout=subprocess.DEVNULL)
    port = arguments[arguments.index("--server.port") + 1]
    try:
        for _ in range(300):
            try:
                with urlopen(f"http://{ADDRESS}:{port}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.2)
        yield
    finally:
        started.terminate()
        started.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


async def seconds(what: Awaitable[object]) -> float:
    started = time.perf_counter()
    await what
    return time.perf_counter() - started


async def first_answer(browser: Browser, url: str) -> float:
    """From a new reader's request to the last line of the page."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()

    async def opened() -> None:
        await page.goto(url)
        await page.locator(FOOT).wait_for(timeout=LONGEST)

    taken = await seconds(opened())
    await context.close()
    return taken


async def menu_click(page: Page, name: str) -> float:
    """From a click in the menu to the last line of the other page."""
    await page.locator(FOOT).evaluate("one => one.remove()")

    async def clicked() -> None:
        await page.get_by_role("link", name=name, exact=True).first.click()
        await page.locator(FOOT).wait_for(timeout=LONGEST)

    return await seconds(clicked())


async def clicks(browser: Browser, url: str, names: tuple[str, str]) -> float:
    """The median of clicks to and fro, after the first of each."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await page.goto(url)
    await page.locator(FOOT).wait_for(timeout=LONGEST)
    found = []
    for turn in range(TURNS + 3):
        found.append(await menu_click(page, names[turn % 2]))
        await page.wait_for_timeout(700)
    await context.close()
    return statistics.median(found[2:])


async def at_once(browser: Browser, url: str) -> float:
    """The slowest of several readers who ask together."""
    return max(await asyncio.gather(*(first_answer(browser, url) for _ in range(READERS))))


async def by_turns(ask: Callable[[str], Awaitable[float]], urls: dict[str, str]) -> dict[str, float]:
    """The median seconds of each, asked by turns; the first turn warms up."""
    found: dict[str, list[float]] = {name: [] for name in urls}
    for _ in range(TURNS + 1):
        for name, url in urls.items():
            found[name].append(await ask(url))
    return {name: statistics.median(taken[1:]) for name, taken in found.items()}


async def measure(urls: dict[str, str]) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BROWSER, args=BROWSER_ARGUMENTS)
        one = await by_turns(lambda url: first_answer(browser, url), urls)
        told("första svaret", one, one["tom"], 1.5)
        names = {"tom": ("Två", "Ett"), "sidorna": ("Långvarigt", "Vår kommun")}
        menu = {name: await clicks(browser, url, names[name]) for name, url in urls.items()}
        told("klick i menyn", menu, menu["tom"], 2)
        many = await by_turns(lambda url: at_once(browser, url), urls)
        told(f"den sista av {READERS} läsare på en gång", many, one["tom"], 3)
        await browser.close()


def told(what: str, found: dict[str, float], unit: float, aim: float) -> None:
    print(
        f"{what:<38}tom {found['tom']:5.2f} s   sidorna {found['sidorna']:5.2f} s   {found['sidorna'] / unit:4.1f} gånger "
        f"(mål {aim:g})   mot tom likadant {found['sidorna'] / found['tom']:4.1f}",
        flush=True,
    )


def main(home: str) -> None:
    settings, ports = Settings(home=Path(home)), {"tom": free_port(), "sidorna": free_port()}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        (Path(folder) / "tom.py").write_text(EMPTY, encoding="utf-8")
        (Path(folder) / ".streamlit").symlink_to(HERE / ".streamlit")
        empty = [
            str(Path(folder) / "tom.py") if "streamlit_app.py" in one else one
            for one in command(ports["tom"])
        ]
        servers.enter_context(server(empty, Path(folder), dict(os.environ)))
        servers.enter_context(server(command(ports["sidorna"]), HERE, environment(settings)))
        asyncio.run(
            measure(
                {
                    "tom": f"http://{ADDRESS}:{ports['tom']}/",
                    "sidorna": f"http://{ADDRESS}:{ports['sidorna']}/?kommun=1280",
                }
            )
        )


if __name__ == "__main__":
    main(sys.argv[1])
