"""The pages in a real headless browser: they open without errors and never reach outside this machine."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from orchestration.settings import PROJECT_ROOT
from tests.browser.conftest import pages_over, wait_for
from tests.fixtures.asking import in_release

pytestmark = pytest.mark.browser

PATHS = {
    "": "Hur ser det ekonomiska biståndet ut hos oss?",
    "langvarigt": "Hur många har bistånd länge?",
    "varfor": "Varför behöver människor bistånd?",
    "in-och-ut": "Hur många börjar och slutar få bistånd?",
    "barn-och-unga": "Hur många barn och unga berörs?",
    "jamfor": "Hur ser det ut hos oss jämfört med andra?",
    "forbattringsarbete": "Är förändringen större än den vanliga variationen?",
    "aktivitetskravet": "Hur många anvisas till aktivitet, och hur många kan omfattas?",
    "vagen-vidare": "Vilka insatser får människor, och vad händer sedan?",
    "kostnader": "Vad kostar biståndet?",
    "arbetssatt": "Vilka rutiner och arbetssätt har vi, enligt våra egna svar?",
    "definitioner": "Hur räknas varje mått?",
    "tillforlitlighet": "Var kommer siffrorna ifrån, och går de att lita på?",
    "ladda-ner": "Hur tar jag siffrorna vidare?",
}
# cards, tables and files; the register ends years before the requirement of activity
WITHOUT_CHART = ["", "arbetssatt", "ladda-ner", "aktivitetskravet"]
# what scrolls sideways inside its frame is cut off as much as what scrolls the page
CUT_TABLES = """[...document.querySelectorAll(".bl-table")].filter(one => one.scrollWidth > one.clientWidth + 1).length"""
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# what only Streamlit can mend, by rule and place: on a narrow screen it lays the pages of a group in a div inside the list of the menu
EXCEPTIONS = {
    "list": "[data-testid=stSidebarNavItems]",
    "listitem": "[data-testid=stSidebarNavItems] li",
}
# of any impact
BARRIERS = """async (exceptions) => (await axe.run()).violations.flatMap(one => one.nodes
    .filter(node => !(exceptions[one.id] && document.querySelector(node.target[0]).matches(exceptions[one.id])))
    .map(node => `${one.id}: ${node.html.slice(0, 200)}`))"""
# what is read aloud of each chart
CHART_TEXTS = """[...document.querySelectorAll("[data-testid=stVegaLiteChart]")].map(one => one.getAttribute("aria-label"))"""
ENGLISH = re.compile(
    r"No results|Show data|Download|Fullscreen|View source|Choose an option|Select |Press Enter|\d more\b"
)
SIZES = {"skarm": (1280, 900, "light"), "surfplatta": (820, 1100, "dark"), "telefon": (390, 844, "dark")}


@pytest.fixture(scope="module")
def address(shown_home: Path) -> Iterator[str]:
    """The pages over the release of one's own."""
    with pages_over(shown_home) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
    yield context.new_page()
    context.close()


def _opened(page: Page, url: str, title: str) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=30_000)
    # the foot is written last, so the whole page has run
    expect(page.locator(".bl-foot")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens_without_an_error_and_stays_on_this_machine(
    address: str, page: Page, path: str, size: str, tmp_path: Path
) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    width, height, theme = SIZES[size]
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": height})
    _opened(page, f"{address}/{path}?kommun=1280", PATHS[path])
    if path not in WITHOUT_CHART:
        expect(page.locator("svg.marks").first).to_be_visible(timeout=15_000)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    outside = [url for url in requests if not url.startswith((address, "data:", "blob:"))]
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT_TABLES) == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.stApp')).colorScheme") == theme
    assert page.evaluate("document.documentElement.lang") == "sv"
    assert page.title().endswith(" – Biståndslagret")
    page.evaluate(AXE)
    assert page.evaluate(BARRIERS, EXCEPTIONS) == []
    assert all(re.search(r": |\. .*\d", text or "") for text in page.evaluate(CHART_TEXTS))
    assert not ENGLISH.findall(page.locator("body").inner_text())
    shot = tmp_path / f"{path or 'var-kommun'}_{size}.png"
    page.screenshot(path=shot)
    assert shot.stat().st_size > 10_000


def test_an_unknown_address_runs_the_router_and_shows_no_other_file(address: str, page: Page) -> None:
    for path in ("hemlig", "queries", "tillforlitlighet_"):
        _opened(page, f"{address}/{path}", PATHS[""])
        expect(page.locator(".bl-banner")).to_be_visible()
    for path in (
        "queries.py",
        "app_pages/tillforlitlighet.py",
        "components/layout.py",
        ".streamlit/config.toml",
    ):
        answer = page.request.get(f"{address}/{path}")
        assert "Biståndslagret" not in answer.text()
        assert "import " not in answer.text().split("<", 1)[0]


def test_the_chosen_municipality_stands_in_the_address_and_follows_along(address: str, page: Page) -> None:
    _opened(page, f"{address}/?kommun=1231", PATHS[""])
    expect(page.get_by_role("heading", name="Burlöv 2019")).to_be_visible()
    page.get_by_role("link", name="Aktivitetskravet").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(PATHS["aktivitetskravet"], timeout=30_000)
    page.get_by_role("link", name="Varför").first.click()
    expect(page.get_by_role("heading", name="Burlöv 2019")).to_be_visible(timeout=30_000)
    expect(page).to_have_url(re.compile(r"\?kommun=1231&ar=2019&jamfor=similar&matt=\w+&utgava="))


def test_the_browser_remembers_the_municipality_to_the_next_visit(address: str, page: Page) -> None:
    _opened(page, f"{address}/langvarigt?kommun=1231", PATHS["langvarigt"])
    page.goto(address)
    expect(page).to_have_url(re.compile(r"\?kommun=1231"), timeout=15_000)


def test_a_municipality_can_be_chosen_with_the_keyboard(address: str, page: Page) -> None:
    _opened(page, address, PATHS[""])
    choice = page.get_by_role("combobox", name="Kommun eller område")
    choice.click()
    page.keyboard.type("Malm")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Malmö 2019")).to_be_visible(timeout=15_000)


def test_a_table_is_downloaded_as_swedish_csv(address: str, page: Page, shown_home: Path) -> None:
    [adults, children] = in_release(
        shown_home,
        """
        select indicator_name, definition_name, value
        from indicator_values
        inner join dim_indicators using (indicator_id, definition_id)
        where indicator_id in ('longterm_children', 'longterm_adults_share_recipients')
            and definition_id = 'longterm:person_wide' and geography_id = '1280' and period = '2019'
            and breakdown = 'total'
        order by indicator_id
        """,
    )
    _opened(page, f"{address}/?kommun=1280", PATHS[""])
    with page.expect_download() as found:
        page.get_by_role("button", name="Ladda ner tabellen (CSV)").click()
    text = Path(found.value.path()).read_bytes().decode("utf-8-sig")
    assert text.splitlines()[0].startswith("nyckeltal;definition;ar;varde")
    assert f"{children[0]};{children[1]};2019;{children[2]:.0f};{children[2]:.0f};;" in text
    assert f"{adults[0]};{adults[1]};2019;{adults[2]:.12g};".replace(".", ",") in text


def test_a_chart_has_its_table_and_a_picture_to_save(address: str, page: Page) -> None:
    _opened(page, f"{address}/langvarigt?kommun=1280", PATHS["langvarigt"])
    page.get_by_text("Tabell och bild").first.click()
    expect(page.get_by_role("cell", name="2019").first).to_be_visible(timeout=15_000)
    with page.expect_download() as found:
        page.get_by_role("button", name="SVG").click()
    drawn = Path(found.value.path()).read_text(encoding="utf-8")
    assert "Malmö" in drawn
    assert "Biståndslagret, utgåva" in drawn
    with page.expect_download() as found:
        page.get_by_role("button", name="PNG").click()
    assert Path(found.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("path", ["", "langvarigt"])
def test_a_page_for_the_manager_is_printed_on_one_sheet(address: str, page: Page, path: str) -> None:
    page.emulate_media(color_scheme="dark")
    _opened(page, f"{address}/{path}?kommun=1280", PATHS[path])
    sheet = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1


def test_words_that_streamlit_has_in_english_are_swedish(address: str, page: Page) -> None:
    _opened(page, address, PATHS[""])
    page.get_by_role("combobox", name="Kommun eller område").click()
    page.keyboard.type("qqq")
    expect(page.get_by_text("Inga träffar")).to_be_visible()


def test_a_terminated_start_leaves_no_server_behind(shown_home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = (
        "import sys; from pathlib import Path; from dashboards.serve import serve; "
        "from orchestration.settings import Settings; serve(Settings(home=Path(sys.argv[1])), int(sys.argv[2]))"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", code, str(shown_home), str(port)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert f"http://127.0.0.1:{port}" in started.stdout.readline()
    wait_for(f"http://127.0.0.1:{port}/_stcore/health", started)
    started.terminate()
    started.wait(timeout=30)
    with pytest.raises(OSError, match="refused"):
        urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2)
