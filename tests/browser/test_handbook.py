"""The pictures of docs/handbok: that each can be taken, and is the one that the text shows.

They are taken anew from the release of a home by `BISTAND_PICTURES=<home> pytest tests/browser/test_handbook.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from orchestration.settings import PROJECT_ROOT
from tests.browser.conftest import pages_over

pytestmark = pytest.mark.browser

HANDBOOK = PROJECT_ROOT / "docs" / "handbok"
# path, height, and what is opened first
PICTURES = {
    "var-kommun": ("", 1120, None),
    "langvarigt": ("langvarigt", 960, None),
    "jamfor": ("jamfor", 1000, None),
    "forbattringsarbete": ("forbattringsarbete", 980, None),
    "tabell-och-bild": ("kostnader", 1260, "Tabell och bild"),
}
MOST_BYTES = 2_000_000


def test_the_handbook_shows_the_pictures_that_there_are() -> None:
    shown = {
        name
        for page in HANDBOOK.glob("*.md")
        for name in re.findall(r"\(bilder/([\w-]+)\.png\)", page.read_text(encoding="utf-8"))
    }
    kept = list((HANDBOOK / "bilder").iterdir())
    assert shown == set(PICTURES) == {path.stem for path in kept}
    assert sum(path.stat().st_size for path in kept) < MOST_BYTES


def test_each_picture_can_be_taken(shown_home: Path, browser: Browser, tmp_path: Path) -> None:
    own = os.environ.get("BISTAND_PICTURES")
    folder = HANDBOOK / "bilder" if own else tmp_path
    with pages_over(Path(own) if own else shown_home) as address:
        for name, (path, height, opened) in PICTURES.items():
            page = browser.new_page(viewport={"width": 1100, "height": height}, locale="sv-SE")
            query = "?kommun=1280" + ("&jamfor=country" if path == "jamfor" else "")
            page.goto(f"{address}/{path}{query}")
            expect(page.locator(".bl-foot")).to_be_visible(timeout=30_000)
            if opened:
                page.get_by_text(opened).first.click()
                expect(page.get_by_role("button", name="PNG")).to_be_visible(timeout=15_000)
            page.wait_for_timeout(1000)
            page.screenshot(path=folder / f"{name}.png")
            page.close()
    assert len(list(folder.iterdir())) == len(PICTURES)
