"""The page Variation on the small release: what the sentence says, what is drawn, and what is not shown and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import queries
from dashboards.components import variation_chart
from orchestration.settings import PROJECT_ROOT, Settings
from tests.fixtures.release import build_release


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("variation")
    build_release(folder)
    return folder


def opened(home: Path, monkeypatch: pytest.MonkeyPatch, **choices: str) -> AppTest:
    monkeypatch.setenv("BISTAND_HOME", str(home))
    monkeypatch.setenv("BISTAND_PROFILE", "public")
    app = AppTest.from_file(str(PROJECT_ROOT / "dashboards" / "streamlit_app.py"), default_timeout=60)
    for key, value in choices.items():
        app.query_params[key] = value
    app.run()
    app.switch_page("app_pages/variation.py").run()
    assert not app.exception, app.exception
    return app


def lead(app: AppTest) -> str:
    """The sentence above the chart."""
    [found] = [
        element.proto.body
        for element in app.get("html")
        if "bl-lead" in element.proto.body and "<div" in element.proto.body
    ]
    return found.partition(">")[2].removesuffix("</div>")


def text(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def spec(app: AppTest) -> dict:
    [chart] = app.get("vega_lite_chart")
    return json.loads(chart.proto.spec)


def marks(found: dict, kind: str) -> list[dict]:
    return [layer for layer in found["layer"] if layer["mark"]["type"] == kind]


def chart_of(home: Path, geography_id: str, indicator_id: str) -> dict:
    """The picture with its data in it."""
    release = queries.current_release(Settings(home=home))
    key = (geography_id, indicator_id, "default", "total")
    events = queries.variation_events(release, geography_id).assign(number=1)
    return variation_chart.variation(
        queries.variation_months(release, *key),
        queries.variation_phases(release, *key),
        events[events["period"] < "2020"],
        {"outside": "Utanför gränserna"},
        False,
        "persons",
        0,
    ).to_dict()


def rows(found: dict, layer: dict) -> list[dict]:
    return found["datasets"][layer["data"]["name"]]


def test_the_sentence_names_signal_phase_event_and_the_change_of_the_mean(home: Path, monkeypatch) -> None:
    app = opened(home, monkeypatch, omrade="Malmö")
    assert lead(app) == (
        "1 signal på mer än vanlig variation. Den är 1 månad över den övre gränsen, mars 2019 (fas 2 av 2). Under de "
        "månaderna: ”Stängt kontor”. Fas 2 började i januari 2018 med ”Nytt arbetssätt”: medelvärdet är 181, mot 201 "
        "i fas 1."
    )
    assert "En kurva är inte en effekt." in text(app)


def test_a_series_within_its_limits_has_no_signal(home: Path, monkeypatch) -> None:
    app = opened(home, monkeypatch, omrade="Burlöv")
    assert lead(app) == "Ingen signal: månaderna skiljer sig inte mer från varandra än de brukar."
    assert "Inga signaler i serien." in text(app)


def test_the_run_chart_has_its_own_line_and_its_own_rules(home: Path, monkeypatch) -> None:
    app = opened(home, monkeypatch, omrade="Malmö", diagram="Median (run chart)")
    assert lead(app).startswith("Ingen signal")
    assert "medianen är 181, mot 201" in lead(app)
    explained = text(app)
    assert "Minst 6 månader i rad över medianen" in explained
    assert "2,66" not in explained
    assert "2,66 gånger" in text(opened(home, monkeypatch, omrade="Malmö"))


def test_a_hidden_month_hides_lines_and_signals_and_says_why(home: Path, monkeypatch) -> None:
    app = opened(home, monkeypatch, omrade="Mjölby", variation_matt="Nya biståndsmottagare")
    assert lead(app).startswith("Minst en månad är dold")
    assert "Signaler visas inte." in text(app)
    found = chart_of(home, "0586", "entries")
    months = rows(found, marks(found, "line")[0])
    assert [month["kind"] for month in months if month["value"] is None] == ["dold"]
    assert sum(month["value"] is not None for month in months) == 59
    assert all(not rows(found, layer) for layer in marks(found, "rule"))


def test_a_phase_with_too_few_months_says_so(home: Path, monkeypatch) -> None:
    app = opened(home, monkeypatch, omrade="Göteborg")
    assert "Fas 2: Färre än 6 månader i fasen har ett värde" in lead(app)
    assert "för få månader" in text(app)


def test_months_that_were_not_delivered_are_gaps_and_no_line_goes_through_them(home: Path) -> None:
    found = chart_of(home, "1231", "recipients")
    [line] = marks(found, "line")
    assert line["mark"]["invalid"] == "break-paths-show-domains"
    gaps = [month for month in rows(found, line) if month["value"] is None]
    assert [month["name"] for month in gaps] == [
        f"{name} 2017"
        for name in ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober",
                     "november", "december")
    ]  # fmt: skip
    assert {month["kind"] for month in gaps} == {"ej rapporterat"}


def test_signals_differ_in_shape_and_events_stand_with_their_titles(home: Path) -> None:
    found = chart_of(home, "1280", "recipients")
    points = marks(found, "point")[0]
    scale = points["encoding"]["shape"]["scale"]
    assert scale["domain"] == ["månad", "Utanför gränserna"]
    assert len(set(scale["range"])) == 2
    assert [month["name"] for month in rows(found, points) if month["kind"] == "Utanför gränserna"] == [
        "mars 2019"
    ]
    titles = [row["title"] for layer in marks(found, "text") for row in rows(found, layer)]
    assert sorted(titles) == ["Nytt arbetssätt", "Stängt kontor"]
    [field] = marks(found, "rect")
    assert [(row["lower"], row["upper"]) for row in rows(found, field)] == [
        (195.68, 206.32),
        (175.68, 186.32),
    ]


def test_a_reason_is_followed_as_a_series_of_its_own(home: Path, monkeypatch) -> None:
    app = opened(
        home,
        monkeypatch,
        omrade="Malmö",
        variation_matt="Vuxna klassade efter försörjningshinder",
        variation_hinder="Arbetslös",
    )
    assert app.subheader[0].value == "Vuxna klassade efter försörjningshinder: Arbetslös, Malmö"
    assert "medelvärdet är 101, mot 121" in lead(app)


def test_the_whole_series_can_be_taken_as_a_file(home: Path, monkeypatch) -> None:
    app = opened(home, monkeypatch, omrade="Malmö")
    [button] = app.get("download_button")
    assert button.proto.label == "Ladda ner tabellen (CSV)"
