"""The address of a page: written out in full, the same on every page, and what is unknown in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from orchestration.settings import PROJECT_ROOT
from tests.fixtures.asking import in_release
from tests.fixtures.release_changes import change

SHARED = ["kommun", "ar", "jamfor", "matt", "utgava"]
PAGES = sorted(path.name for path in (PROJECT_ROOT / "dashboards" / "app_pages").glob("*.py"))


def _open(page: str = "var_kommun.py", **choices: str) -> AppTest:
    app = AppTest.from_file(str(PROJECT_ROOT / "dashboards" / "streamlit_app.py"), default_timeout=60)
    for key, value in choices.items():
        app.query_params[key] = value
    app.run()
    if page != "var_kommun.py":
        app.switch_page(f"app_pages/{page}").run()
    assert not app.exception, app.exception
    return app


def _told(app: AppTest) -> str:
    return " ".join(warning.value for warning in app.warning)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_writes_the_same_keys_in_full(home: Path, page: str) -> None:
    app = _open(page, kommun="1280")
    [(release,)] = in_release(home, "select release_id from release_info")
    found = dict(app.query_params)
    assert list(found)[:5] == SHARED
    assert found["kommun"] == "1280"
    assert found["utgava"] == release


def test_an_unknown_municipality_or_year_is_told_and_not_swapped(home: Path) -> None:
    app = _open(kommun="9999")
    assert "Kommun eller område: ”9999” finns inte här; inget är valt." in _told(app)
    assert app.selectbox(key="kommun").value is None
    assert "År: ”2031” finns inte här; sidan visar 2019." in _told(_open(kommun="1280", ar="2031"))


def test_no_municipality_is_chosen_among_several(home: Path) -> None:
    app = _open()
    assert app.selectbox(key="kommun").value is None
    assert "Välj kommun eller område" in app.info[0].value


def test_an_unknown_key_is_told(home: Path) -> None:
    assert "omrade=Malmö" in _told(_open(kommun="1280", omrade="Malmö"))
    assert not _told(_open(kommun="1280"))


def test_a_year_that_a_page_lacks_is_kept_for_those_that_have_it(home: Path) -> None:
    app = _open(kommun="1280", ar="2017")
    app.switch_page("app_pages/varfor.py").run()
    assert app.selectbox(key="ar").value == 2017
    app.switch_page("app_pages/aktivitetskravet.py").run()
    assert app.query_params["ar"] == "2017"


def test_a_link_to_another_release_says_that_figures_may_have_changed(home: Path) -> None:
    app = _open(kommun="1280", utgava="2019-01-01-public-000000000000")
    assert "Länken gäller utgåva 2019-01-01-public-000000000000, men nu gäller utgåva" in _told(app)


def test_one_municipality_in_the_release_is_chosen(changed_home: Path) -> None:
    change(
        changed_home,
        "update dim_geographies set has_deliveries = false where geography_type = 'municipality' and geography_id <> '1280'",
    )
    assert _open().selectbox(key="kommun").value == "1280"
