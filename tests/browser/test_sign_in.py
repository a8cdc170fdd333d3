"""Signing in, in a real browser against a provider on this machine: what each one sees, by page, address, download and after."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, BrowserContext, Page, expect
from python_calamine import CalamineWorkbook

from dashboards.serve import sign_in
from orchestration.operation.access import PROVIDER, RULES
from orchestration.settings import Settings
from tests.browser.conftest import free_port, pages_on

pytestmark = pytest.mark.browser

OWN, OTHER = ("1280", "Malmö"), ("0180", "Stockholm")
ROLES = """
claim: roles
without_role: {without_role}
roles:
  malmo: {{profile: internal, municipalities: ["1280"]}}
  analytiker: {{profile: internal, municipalities: all}}
"""
USERS = [
    User(sub="malmo", claims={"roles": ["malmo"], "name": "Malin <b>Malmö</b>"}),
    User(sub="analytiker", claims={"roles": ["annat", "analytiker"]}),
    User(sub="utan", claims={"roles": ["annat"]}),
]
# no figure of the register is as large: where one is seen, a whole count of that municipality is
MARKS = {OWN[0]: 7_100_000, OTHER[0]: 7_200_000}
SEEN = {code: re.compile(rf"7\u202f{str(mark)[1]}\d\d\u202f\d{{3}}") for code, mark in MARKS.items()}


def _mark(home: Path) -> None:
    """Make every whole count of the two municipalities known by its size, in the internal release only."""
    path = (home / "published" / "internal" / "current").resolve() / "indicators.duckdb"
    path.chmod(0o600)
    with duckdb.connect(str(path)) as release:
        for code, mark in MARKS.items():
            for table, column, where in (
                ("indicator_values", "value", "unit in ('persons', 'households')"),
                ("comparison", "value", "unit in ('persons', 'households')"),
                ("reason_for_need", "adults_count", "true"),
            ):
                release.execute(
                    f"update marts.{table} set {column} = {mark} + rowid % 100000 where geography_id = '{code}' and {where} "
                    "and value_status = 'published'"
                )


def _pages(home: Path, folder: Path, without_role: str) -> Iterator[str]:
    """The pages over both releases of the home, with a provider to sign in at."""
    port = free_port()
    shutil.copytree(home / "published", folder / "published", symlinks=True)
    _mark(folder)
    (folder / RULES).write_text(ROLES.format(without_role=without_role), encoding="utf-8")
    with run_server_in_thread(user_claims=USERS) as provider:
        (folder / PROVIDER).write_text(
            f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            f'cookie_secret = "{"k" * 40}"\nclient_id = "sidorna"\nclient_secret = "hemlig"\n'
            f'server_metadata_url = "http://localhost:{provider.server_port}/.well-known/openid-configuration"\n',
            encoding="utf-8",
        )
        (folder / PROVIDER).chmod(0o600)
        settings = Settings(home=folder)
        with pages_on(port, settings, sign_in(settings)) as address:
            yield address


@pytest.fixture(scope="module")
def address(public_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _pages(public_home, tmp_path_factory.mktemp("inloggning"), "public")


@pytest.fixture(scope="module")
def closed(public_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _pages(public_home, tmp_path_factory.mktemp("stangt"), "nothing")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
    yield found
    found.close()


def _sign_in(page: Page, address: str, who: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url("http://localhost:*/**", timeout=20_000)
    page.get_by_role("button", name=who, exact=True).click()
    page.wait_for_url(f"{address}/**", timeout=20_000)
    expect(page.get_by_role("button", name="Logga ut")).to_be_visible(timeout=30_000)


def _read(page: Page, address: str, place: tuple[str, str], most: int = 3) -> str:
    """What the first pages of the menu say of a municipality, by addresses written by hand."""
    page.goto(address)
    expect(page.locator(".bl-foot")).to_be_visible(timeout=60_000)
    links = [link.get_attribute("href") or "" for link in page.get_by_role("link").all()]
    paths = dict.fromkeys(link.split("?")[0].rsplit("/", 1)[-1] for link in links if "#" not in link)
    said = ""
    for path in list(paths)[:most]:
        page.goto(f"{address}/{path}?omrade={quote(place[1])}&kommun={place[0]}")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
        # the whole page has run, also one that stops before its foot
        expect(page.locator('[data-test-script-state="notRunning"]')).to_be_visible(timeout=60_000)
        said += page.content() + page.locator("body").inner_text()
    return said


def _sign_out(page: Page) -> None:
    page.get_by_role("button", name="Logga ut").click()
    # the provider asks too
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_role("button", name="Logga in")).to_be_visible(timeout=30_000)


def test_a_role_for_one_municipality_sees_it_and_no_other_by_address(
    address: str, context: BrowserContext
) -> None:
    page = context.new_page()
    _sign_in(page, address, "malmo")
    expect(page.get_by_text("hela antal för 1280, annars den öppna utgåvan")).to_be_visible()
    expect(page.get_by_text("Malin bMalmöb", exact=False)).to_be_visible()
    own, other = _read(page, address, OWN), _read(page, address, OTHER, most=20)
    assert SEEN[OWN[0]].search(own)
    assert not SEEN[OTHER[0]].search(own + other)


def test_a_role_for_all_sees_all_and_one_without_only_what_is_public(
    address: str, browser: Browser, context: BrowserContext
) -> None:
    inside = context.new_page()
    _sign_in(inside, address, "analytiker")
    assert SEEN[OTHER[0]].search(_read(inside, address, OTHER))
    # the cache of the server now holds whole counts; nobody else is answered from it
    for who in ("utan", None):
        outside = browser.new_context(locale="sv-SE")
        page = outside.new_page()
        if who:
            _sign_in(page, address, who)
            expect(page.get_by_text("den öppna utgåvan")).to_be_visible()
        said = _read(page, address, OTHER) + _read(page, address, OWN)
        assert "profil: offentlig" in said
        assert "profil: intern" not in said
        assert not any(seen.search(said) for seen in SEEN.values())
        outside.close()


def test_signed_out_there_is_nothing_internal_left(address: str, context: BrowserContext) -> None:
    page = context.new_page()
    _sign_in(page, address, "analytiker")
    expect(page.get_by_text("profil: intern")).to_be_visible(timeout=60_000)
    _sign_out(page)
    expect(page.get_by_text("profil: offentlig")).to_be_visible(timeout=60_000)
    page.goto(f"{address}/?omrade={quote(OTHER[1])}&kommun={OTHER[0]}")
    expect(page.get_by_text("profil: offentlig")).to_be_visible(timeout=60_000)
    assert not any(seen.search(_read(page, address, OTHER)) for seen in SEEN.values())


def test_a_downloaded_workbook_holds_what_the_role_may_see(address: str, context: BrowserContext) -> None:
    page = context.new_page()
    _sign_in(page, address, "malmo")
    page.goto(f"{address}/?omrade={quote(OTHER[1])}&kommun={OTHER[0]}")
    expect(page.locator(".bl-foot")).to_be_visible(timeout=60_000)
    button = page.get_by_role("button", name=re.compile("Excel")).first
    with page.expect_download() as found:
        button.click()
    book = CalamineWorkbook.from_path(found.value.path())
    values = [
        value
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for value in row
    ]
    numbers = [value for value in values if isinstance(value, float)]
    assert len(numbers) > 100
    assert not [value for value in numbers if MARKS[OTHER[0]] <= value < MARKS[OTHER[0]] + 100_000]


def test_where_nothing_is_shown_without_a_role_every_address_asks_to_sign_in(
    closed: str, context: BrowserContext
) -> None:
    page = context.new_page()
    for path in ("", "langvarigt", "om-data", "indikator", "?omrade=Malm%C3%B6"):
        page.goto(f"{closed}/{path}")
        expect(page.get_by_text("Logga in för att se sidorna.")).to_be_visible(timeout=30_000)
        assert page.locator(".bl-foot, table, canvas, svg.marks").count() == 0
    _sign_in(page, closed, "utan")
    expect(page.get_by_text("Din inloggning har ingen roll här.")).to_be_visible(timeout=30_000)
    assert page.locator(".bl-foot, table, canvas, svg.marks").count() == 0
    for path in ("access.yml", "sign-in.toml", "app/static/sign-in.toml"):
        assert "cookie_secret" not in page.request.get(f"{closed}/{path}").text()
