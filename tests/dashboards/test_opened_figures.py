"""A figure on a page is opened where it stands, and says what the command says of it."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from orchestration.release.explain import as_lines, explain
from orchestration.release.figure import Question
from orchestration.release.report.blocks import Sentences
from orchestration.release.report.content import make_report
from orchestration.release.store import current_release
from orchestration.settings import PROJECT_ROOT, Settings

ROUTER = PROJECT_ROOT / "dashboards" / "streamlit_app.py"
OFFICIAL = "longterm_adults_share_recipients_longterm:person_wide"
# page: what is opened on it, and the question that it stands for
OPENED = {
    "var_kommun": (OFFICIAL, Question("longterm_adults_share_recipients", "1280", "2019")),
    "langvarigt": (OFFICIAL, Question("longterm_adults_share_recipients", "1280", "2019")),
    "varfor": (
        "reason_share_reason:most_frequent",
        Question("reason_share", "1280", "2019", "reason=arbetslos"),
    ),
    "forbattringsarbete": ("entries_default", Question("entries", "1280", "2019-12")),
    "jamfor": (
        "recipients_share_population_default",
        Question("recipients_share_population", "1280", "2019"),
    ),
    "definitioner": ("recipients_default", Question("recipients", "1280", "2019")),
}


@pytest.fixture
def opened_home(public_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose release has a manifest too, as the one that is read for a figure or a workbook must."""
    monkeypatch.setenv("BISTAND_HOME", str(public_home))
    monkeypatch.setenv("BISTAND_PROFILE", "public")
    return public_home


def _open(page: str, **state: object) -> AppTest:
    app = AppTest.from_file(str(ROUTER), default_timeout=60)
    app.query_params["kommun"] = "1280"
    if page == "forbattringsarbete":
        # the first is one that has lines, which so few persons do not give a flow
        app.query_params["matt"] = "entries"
    app.run()
    app.switch_page(f"app_pages/{page}.py").run()
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def _told(app: AppTest) -> str:
    return html.unescape("\n".join(element.proto.body for element in app.get("html")))


@pytest.mark.parametrize("page", OPENED)
def test_a_page_says_of_a_figure_what_the_command_says(opened_home: Path, page: str) -> None:
    name, question = OPENED[page]
    release = current_release(Settings(home=opened_home, profile="public"))
    assert release is not None
    told = _told(_open(page, **{f"oppna_{name}": True}))
    for line in as_lines(explain(release, question)):
        assert line.strip() in told


def test_the_sentences_of_a_page_are_those_of_the_report(opened_home: Path) -> None:
    release = current_release(Settings(home=opened_home, profile="public"))
    assert release is not None
    report = make_report(release, "1280", 2019)
    [said] = [block for block in report.sections[0].blocks if isinstance(block, Sentences)]
    told = _told(_open("var_kommun"))
    assert said.items
    assert all(f"<li>{sentence}</li>" in told for sentence in said.items)


def test_nothing_is_asked_before_a_figure_is_opened(opened_home: Path) -> None:
    app = _open("var_kommun")
    assert "Så räknades siffran" in [one.label for one in app.expander]
    assert "Leveranser bakom" not in _told(app)


def test_the_workbook_can_be_taken_home(opened_home: Path) -> None:
    app = _open("var_kommun")
    assert "Ladda ner Excelboken om Malmö" in [one.proto.label for one in app.get("download_button")]
