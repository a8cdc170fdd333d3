"""Signing in, in a real browser against a provider on this machine: what each one sees, by page, address, download and after."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dashboards.serve import HERE, command, environment, sign_in
from orchestration.operation.access import PROVIDER, RULES
from orchestration.release import wording
from orchestration.settings import Settings
from tests.browser.test_browser import BROWSER_ARGUMENTS, _wait
from tests.conftest import BROWSER, BROWSERS
from tests.fixtures.asking import in_profile

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
_FIGURES = """
select distinct figures.geography_id, figures.value, figures.unit, indicators.decimals
from indicator_values as figures
inner join dim_indicators as indicators using (indicator_id, definition_id)
where figures.value_status = 'published' and figures.value >= 20 and figures.unit in ('persons', 'households')
"""


def _pages(home: Path, folder: Path, without_role: str) -> Iterator[str]:
    """The pages over both releases of the home, with a provider to sign in at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copytree(home / "published", folder / "published", symlinks=True)
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
        redirect = sign_in(settings)
        server = subprocess.Popen(
            command(port, folder, redirect),
            cwd=HERE,
            env=environment(settings, redirect),
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture(scope="module")
def address(public_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _pages(public_home, tmp_path_factory.mktemp("inloggning"), "public")


@pytest.fixture(scope="module")
def closed(public_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _pages(public_home, tmp_path_factory.mktemp("stangt"), "nothing")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert BROWSER, f"none of {', '.join(BROWSERS)} is on PATH: install Debian's chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=BROWSER, args=BROWSER_ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    found = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
    yield found
    found.close()


@pytest.fixture(scope="module")
def secrets_of(public_home: Path) -> dict[str, set[str]]:
    """By municipality: whole counts as they are written that are no figure of anybody else's, nor of the public release."""

    def written(rows: list[tuple]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for code, value, unit, decimals in rows:
            found.setdefault(code, set()).add(wording.figure(value, unit, decimals))
        return found

    public = set().union(*written(in_profile(public_home, "public", _FIGURES)).values())
    inside = written(in_profile(public_home, "internal", _FIGURES))
    return {
        code: inside[code]
        - public
        - set().union(*(texts for other, texts in inside.items() if other != code))
        for code in (OWN[0], OTHER[0])
    }


def _sign_in(page: Page, address: str, who: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url("http://localhost:*/**", timeout=20_000)
    page.get_by_role("button", name=who, exact=True).click()
    page.wait_for_url(f"{address}/**", timeout=20_000)
    expect(page.get_by_role("button", name="Logga ut")).to_be_visible(timeout=30_000)


def _read(page: Page, address: str, place: tuple[str, str]) -> str:
    """Everything that the pages say of a municipality, by addresses written by hand."""
    page.goto(address)
    expect(page.locator(".bl-foot")).to_be_visible(timeout=60_000)
    links = {link.get_attribute("href") or "" for link in page.get_by_role("link").all()}
    paths = {""} | {
        link.split("?")[0].rsplit("/", 1)[-1] for link in links if link.startswith((address, "/"))
    }
    said = ""
    for path in sorted(paths):
        page.goto(f"{address}/{path}?omrade={quote(place[1])}&kommun={place[0]}")
        expect(page.locator(".bl-foot")).to_be_visible(timeout=60_000)
        said += page.content() + page.locator("body").inner_text()
    return said


def _numbers(text: str) -> set[str]:
    return set(
        re.findall(
            r"(?<![\d,\u202f])\d{1,3}(?:\u202f\d{3})+(?![\d,])|(?<![\d,\u202f])\d{2,3}(?![\d,\u202f])", text
        )
    )


def test_a_role_for_one_municipality_sees_it_and_no_other_by_address(
    address: str, context: BrowserContext, secrets_of: dict[str, set[str]]
) -> None:
    page = context.new_page()
    _sign_in(page, address, "malmo")
    expect(page.get_by_text("hela antal för 1280, annars den öppna utgåvan")).to_be_visible()
    expect(page.get_by_text("Malin bMalmöb", exact=False)).to_be_visible()
    own = _numbers(_read(page, address, OWN))
    assert own & secrets_of[OWN[0]]
    other = _numbers(_read(page, address, OTHER))
    assert not (own | other) & secrets_of[OTHER[0]]


def test_a_role_for_all_sees_all_and_one_without_only_what_is_public(
    address: str,
    chromium: Browser,
    context: BrowserContext,
    secrets_of: dict[str, set[str]],
) -> None:
    inside = context.new_page()
    _sign_in(inside, address, "analytiker")
    assert _numbers(_read(inside, address, OTHER)) & secrets_of[OTHER[0]]
    # the cache of the server now holds whole counts; nobody else is answered from it
    for who in ("utan", None):
        outside = chromium.new_context(locale="sv-SE")
        page = outside.new_page()
        if who:
            _sign_in(page, address, who)
            expect(page.get_by_text("den öppna utgåvan")).to_be_visible()
        said = _read(page, address, OTHER) + _read(page, address, OWN)
        assert "profil: offentlig" in said
        assert "profil: intern" not in said
        assert not _numbers(said) & (secrets_of[OTHER[0]] | secrets_of[OWN[0]])
        outside.close()


def test_signed_out_there_is_nothing_internal_left(
    address: str, context: BrowserContext, secrets_of: dict[str, set[str]]
) -> None:
    page = context.new_page()
    _sign_in(page, address, "analytiker")
    expect(page.get_by_text("profil: intern")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Logga ut").click()
    expect(page.get_by_role("button", name="Logga in")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("profil: offentlig")).to_be_visible(timeout=60_000)
    page.go_back()
    page.reload()
    expect(page.get_by_text("profil: offentlig")).to_be_visible(timeout=60_000)
    assert not _numbers(_read(page, address, OTHER)) & secrets_of[OTHER[0]]


def test_a_downloaded_workbook_holds_what_the_role_may_see(
    address: str, context: BrowserContext, public_home: Path
) -> None:
    page = context.new_page()
    _sign_in(page, address, "malmo")
    page.goto(f"{address}/?omrade={quote(OTHER[1])}&kommun={OTHER[0]}")
    expect(page.locator(".bl-foot")).to_be_visible(timeout=60_000)
    button = page.get_by_role("button", name=re.compile("Excel")).first
    with page.expect_download() as found:
        button.click()
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(found.value.path()).get_sheet_by_name("Ålder och kön").to_python()
    told = {value for row in rows for value in row if isinstance(value, float) and value > 1}
    allowed = in_profile(
        public_home,
        "public",
        f"select value from indicator_values where geography_id = '{OTHER[0]}' and value is not null",
    )
    compared = in_profile(
        public_home, "public", "select unnest([value, median, unweighted_mean]) from comparison_groups"
    )
    assert told
    assert told - {value for (value,) in [*allowed, *compared]} <= set(map(float, range(1, 291)))


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
