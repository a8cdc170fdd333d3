"""The page Vägen vidare: the release's numbers from need to return, what a public release says instead, and an older release."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.components import words
from dashboards.components.change_steps import share_step
from orchestration.settings import PROJECT_ROOT
from tests.fixtures.asking import in_release, released

ROUTER = PROJECT_ROOT / "dashboards" / "streamlit_app.py"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    def opened(home: Path, profile: str = "internal", **choices: str) -> AppTest:
        monkeypatch.setenv("BISTAND_HOME", str(home))
        monkeypatch.setenv("BISTAND_PROFILE", profile)
        app = AppTest.from_file(str(ROUTER), default_timeout=60)
        for key, value in choices.items():
            app.query_params[key] = value
        app.run()
        app.switch_page("app_pages/vagen_vidare.py").run()
        assert not app.exception, app.exception
        return app

    return opened


def _html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def _rows(app: AppTest) -> list[list[str]]:
    return [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", _html(app))]


def test_need_waiting_and_return_are_those_of_the_release(
    page: Callable[..., AppTest], activity_home: Path
) -> None:
    app = page(activity_home, kommun="0980", manad="2026-08", hinder="arbetslos")
    rows = _rows(app)
    told = in_release(
        activity_home,
        "select measure_kind_name, adults_count, adults_share from measure_needs "
        "where geography_id = '0980' and period = '2026-08' and reason = 'arbetslos'",
    )
    assert len(told) == 3
    for kind, count, share in told:
        assert [kind, words.number(count), words.figure(share, "share", 0)] in rows
    [(spells, known, median)] = in_release(
        activity_home,
        "select spells_count, return_known_count, waiting_months_median from measure_chains "
        "where geography_id = '0980' and reason = 'alla' and measure_kind = 'alla'",
    )
    [row] = [row for row in rows if row[:1] == ["Alla"] and len(row) == 7]
    assert (row[1], row[5]) == (str(spells), words.figure(median, "months", 1))
    assert known == 0
    assert "inte ännu" in _html(app)
    assert "En kurva är ingen effekt" in _html(app)


def test_a_municipality_without_measures_is_told_so_and_shows_no_empty_curve(
    page: Callable[..., AppTest], activity_home: Path
) -> None:
    app = page(activity_home, kommun="1480")
    assert "Här finns inga insatser för kommunen" in _html(app)
    assert "Behov mot insatser, " not in [element.value for element in app.header]


def test_a_marked_change_stands_beside_the_year_before(page: Callable[..., AppTest], own_home: Path) -> None:
    app = page(own_home, kommun="1280", handelse="2018-01-15")
    [(before, after, share)] = in_release(
        own_home,
        "select before_value, after_value, change_share from change_comparison "
        "where geography_id = '1280' and event_date = '2018-01-15' and indicator_id = 'exits'",
    )
    said = _html(app)
    assert (
        f"Avslutade bistånd: <b>{words.number(after)}</b>, mot {words.number(before)} samma månader året före ({share_step(share)})" in said
    )  # fmt: skip
    assert "För få andra kommuner har en siffra för att visa deras spridning" in said
    assert not re.search(r"effekten av|ledde till|tack vare", said)
    app = page(own_home, kommun="1280", handelse="1999-01-01")
    assert "”1999-01-01” finns inte här" in "".join(element.value for element in app.warning)


def test_a_public_release_says_what_is_only_inside(page: Callable[..., AppTest], public_home: Path) -> None:
    app = page(public_home, "public", kommun="1280")
    said = _html(app)
    assert said.count("visas bara i den interna utgåvan") == 1
    assert "Här finns inga insatser för kommunen" not in said
    assert [element.value for element in app.header] == [
        "Avslut och återaktualisering",
        "Före och efter en markerad förändring",
        "Egenkontroll: mål och utfall per kvartal",
    ]


def test_a_release_without_the_table_has_not_the_page_in_its_menu(
    page: Callable[..., AppTest], own_home: Path, tmp_path: Path
) -> None:
    shutil.copytree(own_home / "published", tmp_path / "published", symlinks=True)
    with duckdb.connect(str(released(tmp_path) / "indicators.duckdb")) as connection:
        connection.execute("drop table marts.change_comparison; drop table marts.oj_answers")
    app = page(tmp_path, kommun="1280")
    assert [element.value for element in app.title] == ["Vägen vidare"]
    assert "gjord av en tidigare version" in app.info[0].value
    app.switch_page("app_pages/arbetssatt.py").run()
    assert "gjord av en tidigare version" in app.info[0].value
    app.switch_page("app_pages/langvarigt.py").run()
    assert not app.exception
    assert app.header
