"""The page Förbättringsarbete on the release of one's own: what the sentence says, what is drawn, and what is not shown and why."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import queries
from dashboards.components import event_form, variation_chart, words
from orchestration.catalog.loader import load_catalog
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.events import told_rows
from tests.fixtures.asking import in_release
from tests.fixtures.release_changes import HIDDEN, change


def opened(**choices: str) -> AppTest:
    app = AppTest.from_file(str(PROJECT_ROOT / "dashboards" / "streamlit_app.py"), default_timeout=60)
    for key, value in {"matt": "entries", "diagram": "xmr", **choices}.items():
        app.query_params[key] = value
    app.run()
    app.switch_page("app_pages/forbattringsarbete.py").run()
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
    ).spec


def rows(found: dict, layer: dict) -> list[dict]:
    return found["datasets"][layer["data"]["name"]]


def phases_of(home: Path, columns: str, indicator_id: str, breakdown: str = "total") -> list[tuple]:
    """One row of `columns` for each phase of a series of Malmö's, where a change was marked in January 2018."""
    return in_release(
        home,
        f"""
        select distinct phase, {columns}
        from variation_points
        where geography_id = '1280' and indicator_id = '{indicator_id}' and breakdown = '{breakdown}'
        order by phase
        """,
    )


def number(value: float) -> str:
    return words.figure(value, "persons", 0)


def test_the_sentence_names_the_latest_signal_with_the_events_of_its_months(home: Path) -> None:
    signals = in_release(
        home,
        """
        select first_period, last_period, months_count, case direction when 'up' then up_text else down_text end, phase
        from variation_signals
        inner join variation_readings on rule_id = reading_id and chart_id = 'xmr'
        where geography_id = '1280' and indicator_id = 'entries'
        order by last_period desc, sort_order, first_period
        """,
    )
    first, last, count, direction, phase = signals[0]
    assert last == "2019-12"
    told = "”Ny riksnorm”." if first <= "2019-09" else "Ingen händelse är inskriven"
    app = opened(kommun="1280")
    assert lead(app).startswith(
        f"{len(signals)} signaler på mer än vanlig variation. Den senaste är {count} {'månad' if count == 1 else 'månader'} {direction}, "
        f"{words.months_text(first, last)} och pågår (fas {phase} av 2)."
    )
    assert told in lead(app)
    assert "En kurva är inte en effekt." in text(app)


def test_a_stock_is_laid_beside_the_year_before_and_has_neither_limits_nor_signals(home: Path) -> None:
    [(now, before)] = in_release(
        home,
        """
        select max(value) filter (where period = '2019-12'), max(value) filter (where period = '2018-12')
        from monthly_series where geography_id = '1280' and indicator_id = 'recipients' and breakdown = 'total'
        """,
    )
    app = opened(kommun="1280", matt="recipients")
    assert lead(app).startswith(
        f"December 2019: {number(now)}, {words.change(now - before, 'persons', 0)} sedan samma månad året före."
    )
    assert app.selectbox(key="diagram").options == ["Median (run chart)"]
    assert "Diagram: ”Medelvärde och gränser (XmR)” finns inte här" in app.warning[0].value
    assert "Signaler" not in [one.value for one in app.header]
    assert not [layer for layer in marks(spec(app), "rect") if "y" in layer["encoding"]]


def test_one_signal_of_one_month_is_said_as_one(home: Path) -> None:
    [(rule, month)] = in_release(
        home,
        """
        select rule_id, first_period
        from variation_signals
        inner join variation_readings on rule_id = reading_id and chart_id = 'xmr'
        where geography_id = '1231' and indicator_id = 'exits'
        """,
    )
    assert rule == "outside"
    assert lead(opened(kommun="1231", matt="exits")) == (
        f"1 signal på mer än vanlig variation. Den är 1 månad över den övre gränsen, {words.month_text(month)}. "
        "Ingen händelse är inskriven under de månaderna."
    )


def test_the_sentence_names_the_phase_its_event_and_the_change_of_the_mean(home: Path) -> None:
    (_, before), (_, now) = phases_of(home, "centre", "entries")
    assert lead(opened(kommun="1280")).endswith(
        "Fas 2 började i januari 2018 med "
        f"”Nytt arbetssätt”: medelvärdet är {number(now)}, mot {number(before)} i fas 1."
    )


def test_a_series_within_its_limits_has_no_signal(home: Path) -> None:
    signals = in_release(
        home, "select * from variation_signals where geography_id = '1231' and indicator_id = 'entries'"
    )
    assert signals == []
    app = opened(kommun="1231", matt="entries")
    assert lead(app) == "Ingen signal: månaderna skiljer sig inte mer från varandra än de brukar."
    assert "Inga signaler i serien." in text(app)


def test_the_run_chart_has_its_own_line_and_its_own_rules(home: Path) -> None:
    (_, before), (_, now) = phases_of(home, "median", "entries")
    app = opened(kommun="1280", diagram="run")
    assert "månader i rad" in lead(app)
    assert f"medianen är {number(now)}, mot {number(before)}" in lead(app)
    explained = text(app)
    assert "Minst 6 månader i rad över medianen" in explained
    assert "2,66" not in explained
    assert "2,66 gånger" in text(opened(kommun="1280"))


def test_a_hidden_month_hides_lines_and_signals_and_says_why(home: Path) -> None:
    app = opened(kommun="0980", matt="entries")
    assert lead(app).startswith("Minst en månad är för liten för att visas")
    assert "Signaler visas inte." in text(app)
    found = chart_of(home, HIDDEN, "entries")
    months = rows(found, marks(found, "line")[0])
    [(known,)] = in_release(
        home,
        f"""
        select count(value) from monthly_series
        where geography_id = '{HIDDEN}' and indicator_id = 'entries' and breakdown = 'total'
        """,
    )
    assert [month["kind"] for month in months if month["value"] is None].count(words.small_count()) == 1
    assert sum(month["value"] is not None for month in months) == known > 0
    lines = [layer for layer in marks(found, "rule") if "y" in layer["encoding"]]
    assert lines
    assert all(not rows(found, layer) for layer in lines)


def test_a_phase_with_too_few_months_says_so(home: Path) -> None:
    app = opened(kommun="0180")
    assert "Fas 2: Färre än 6 månader i fasen har ett värde" in lead(app)
    assert "för få månader" in text(app)


def test_months_that_were_not_delivered_are_gaps_and_no_line_goes_through_them(home: Path) -> None:
    found = chart_of(home, "0980", "recipients")
    [line] = marks(found, "line")
    assert line["mark"]["invalid"] == "break-paths-show-domains"
    gaps = [month for month in rows(found, line) if month["value"] is None]
    assert [month["name"] for month in gaps] == [
        f"{name} 2018"
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
    outside = in_release(
        home,
        """
        select period from variation_points
        where geography_id = '1280' and indicator_id = 'recipients' and contains(signals, 'outside') order by period
        """,
    )
    assert outside
    assert [month["name"] for month in rows(found, points) if month["kind"] == "Utanför gränserna"] == [
        words.month_text(period) for (period,) in outside
    ]
    titles = [row["title"] for layer in marks(found, "text") for row in rows(found, layer)]
    assert sorted(titles) == ["Ny riksnorm", "Nytt arbetssätt"]
    [field] = marks(found, "rect")
    assert [(row["lower"], row["upper"]) for row in rows(found, field)] == [
        tuple(limits) for _, *limits in phases_of(home, "lower_limit, upper_limit", "recipients")
    ]


def test_a_reason_is_followed_as_a_series_of_its_own(home: Path) -> None:
    app = opened(
        kommun="1280",
        matt="adults_with_reason",
        uppdelning="reason=arbetslos",
    )
    assert app.header[0].value == "Vuxna klassade efter försörjningshinder: Arbetslös, Malmö"
    (_, before), (_, now) = phases_of(home, "median", "adults_with_reason", "reason=arbetslos")
    assert f"medianen är {number(now)}, mot {number(before)}" in lead(app)


@pytest.mark.usefixtures("home")
def test_the_whole_series_can_be_taken_as_a_file() -> None:
    [button] = opened(kommun="1280").get("download_button")
    assert button.proto.label == "Ladda ner tabellen (CSV)"


def test_a_target_stands_beside_its_outcome_and_what_is_not_known_is_not_judged(changed_home: Path) -> None:
    change(
        changed_home,
        """
        insert into targets by name
        select '1280' as municipality_code, 'Malmö' as municipality_name, 'entries' as indicator_id,
            'default' as definition_id, 'Nya' as indicator_name, 'persons' as unit, told.*
        from (values
            ('2019', 40.0, 35.0, 'published', true, 'nämndens mål'), ('2020', 30.0, null, 'not_reported', null, null)
        ) as told (period, target_value, value, value_status, is_reached, comment);
        insert into conditions by name
        select '1280' as municipality_code, 'Malmö' as municipality_name, 'x' as condition_id, '2019' as period, told.*
        from (values ('Handläggare', 'number', 11.5, null, null), ('Organisation', 'choice', null, 'egen_enhet', null),
            ('Nöjda', 'share', 0.74, null, 0.38)
        ) as told (condition_name, unit, value, choice, response_share)
        """,
    )
    shown = text(opened(kommun="1280"))
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", shown.split('<th scope="col" class=n>Mål</th>')[1])
    assert cells[:12] == [
        "Nya",
        "2020",
        "30",
        "ej rapporterat",
        "",
        "",
        "Nya",
        "2019",
        "40",
        "35",
        "ja",
        "nämndens mål",
    ]
    told = re.findall(r"<td[^>]*>([^<]*)</td>", shown.split("Svarsfrekvens</th>")[1])
    assert told == [
        "Handläggare", "2019", "11,5", "", "", "Nöjda", "2019", "74\u00a0%", "38\u00a0%", "", "Organisation", "2019", "egen enhet", "", "",
    ]  # fmt: skip


def test_an_event_written_on_the_page_is_the_file_that_the_run_reads(settings: Settings) -> None:
    settings.landing_events.mkdir(parents=True)
    path = settings.landing_events / "handelse.csv"
    path.write_bytes(event_form.as_file("2026-03-01", "1280", "Nytt; bättre", "forandring", True))
    rows = told_rows(settings, load_catalog(settings))["events"]
    assert (date(2026, 3, 1), "1280", "Nytt; bättre", "forandring", True) in rows


def test_without_targets_the_page_says_where_to_write_one(home: Path) -> None:
    assert "Inga mål är inskrivna för området." in text(opened(kommun="1280"))


def test_titles_of_events_do_not_lie_on_each_other_and_one_without_room_is_its_number() -> None:
    long, short = "x" * 60, "y" * 10
    assert variation_chart._rows([0.1, 0.2, 0.3, 0.35], [False] * 4, [long, long, long, short]) == [
        0,
        1,
        2,
        None,
    ]
    assert variation_chart._rows([0.1, 0.9], [False, True], [long, long]) == [0, 0]
    assert variation_chart._rows([0.1, 0.2], [False, False], [short, short]) == [0, 0]
