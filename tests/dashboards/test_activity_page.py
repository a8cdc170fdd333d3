"""The page Aktivetskravet and its workbook: the release's numbers, honest gaps, and what stops a quarter from being reported."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from streamlit.testing.v1 import AppTest

from orchestration.release.activity_report import REPORT_COLUMNS
from orchestration.settings import PROJECT_ROOT
from tests.fixtures.asking import in_release
from tests.fixtures.commands import bistand

ROUTER = PROJECT_ROOT / "dashboards" / "streamlit_app.py"
COUNTS = ", ".join(f"{column}_count" for column in REPORT_COLUMNS)


@pytest.fixture
def page(activity_home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    monkeypatch.setenv("BISTAND_HOME", str(activity_home))
    monkeypatch.setenv("BISTAND_PROFILE", "internal")

    def opened(**choices: str) -> AppTest:
        app = AppTest.from_file(str(ROUTER), default_timeout=60)
        for key, value in choices.items():
            app.query_params[key] = value
        app.run()
        app.switch_page("app_pages/aktivitetskravet.py").run()
        assert not app.exception, app.exception
        return app

    return opened


def _rows(app: AppTest) -> list[list[str]]:
    """The cells of every table row that a reader sees."""
    html = "".join(element.proto.body for element in app.get("html"))
    return [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]


def _reported(app: AppTest) -> dict[str, list[str]]:
    """The rows of the report, by reason; those of months are as long."""
    rows = [row for row in _rows(app) if len(row) == len(REPORT_COLUMNS) + 1]
    return {row[0]: row[1:] for row in rows if not row[0].startswith("20")}


def test_the_table_shows_the_counts_of_the_release_and_gives_them_to_copy(
    page: Callable[..., AppTest], activity_home: Path
) -> None:
    app = page(kommun="1480", kvartal="2026-Q3")
    told = in_release(
        activity_home,
        f"select reason_name, {COUNTS} from activity_quarters where geography_id = '1480' and period = '2026-Q3' "
        "and reason_level in ('total', 'publication')",
    )
    shown = _reported(app)
    assert shown == {name: [str(count) for count in counts] for name, *counts in told}
    assert int(shown["Alla"][0]) > 20
    copied = [line.split("\t") for line in app.code[0].value.splitlines()]
    assert copied[0] == ["Försörjningshinder", *REPORT_COLUMNS.values()]
    assert {row[0]: row[1:] for row in copied[1:]} == shown
    assert not app.warning


def test_rows_of_the_other_level_are_those_that_were_registered(page: Callable[..., AppTest]) -> None:
    app = page(kommun="1480", kvartal="2026-Q3", hinderniva="Som hindren registrerats")
    names = _reported(app)
    assert "Arbetslös, väntar på ersättning/stöd" in names
    assert "Arbetslös" not in names


@pytest.mark.parametrize(
    ("area", "quarter", "said"),
    [
        ("1480", "2026-Q4", "1 av 3 månader i fjärde kvartalet 2026 är levererade"),
        ("0180", "2026-Q3", "2 av 3 månader i tredje kvartalet 2026 är levererade"),
        ("0980", "2026-Q3", "Inga beslut om nekat eller nedsatt försörjningsstöd är levererade"),
    ],
)
def test_what_stops_a_quarter_is_said_and_no_zero_stands_for_it(
    page: Callable[..., AppTest], area: str, quarter: str, said: str
) -> None:
    app = page(kommun=area, kvartal=quarter)
    assert any(said in warning.value for warning in app.warning)
    total = next(row for row in _rows(app) if row and row[0] == "Alla")
    assert total[3] == "ej rapporterat"


def test_the_curve_is_a_table_too_and_a_hole_is_a_word(page: Callable[..., AppTest]) -> None:
    found = [row for row in _rows(page(kommun="0980")) if row and row[0].startswith("20")]
    # those of measures have four columns
    rows = {row[0]: row for row in found if len(row) == 8}
    assert rows["2026-06"][1] == "ej rapporterat"
    assert int(rows["2026-08"][1]) == int(rows["2026-08"][2]) + int(rows["2026-08"][3]) > 0


def test_a_count_made_by_hand_stands_by_itself(page: Callable[..., AppTest], activity_home: Path) -> None:
    app = page(kommun="0980")
    html = "".join(element.proto.body for element in app.get("html"))
    place = re.findall(r"<th[^>]*>([^<]*)</th>", html.split(">Insats</th>")[1]).index("2026-09")
    rows = [[row[0], row[place + 1], row[-1]] for row in _rows(app) if row and row[0] == "Jobbspåret"]
    told = in_release(
        activity_home,
        "select persons_count from measure_months where geography_id = '0980' and period = '2026-09' and count_source = 'register'",
    )
    assert sorted(rows) == [
        ["Jobbspåret", "250", "sammanställning gjord för hand"],
        ["Jobbspåret", str(told[0][0]), "leveranser av insatser"],
    ]


def test_the_workbook_holds_the_same_counts_and_what_is_our_reading(
    activity_home: Path, tmp_path: Path
) -> None:
    paths = [tmp_path / "a.xlsx", tmp_path / "b.xlsx"]
    for path in paths:
        ended = bistand(
            activity_home,
            "activity-report",
            "--kommun",
            "1480",
            "--quarter",
            "2026-Q3",
            "--to",
            str(path),
            "--profile",
            "internal",
        )
        assert ended.returncode == 0, ended.stderr
    assert paths[0].read_bytes() == paths[1].read_bytes()
    book = CalamineWorkbook.from_path(paths[0])
    assert book.sheet_names == ["Publiceringskategorier", "Registrerade hinder", "Läs mig"]
    for sheet, level in (("Publiceringskategorier", "publication"), ("Registrerade hinder", "registration")):
        told = in_release(
            activity_home,
            f"select reason_name, {COUNTS} from activity_quarters where geography_id = '1480' and period = '2026-Q3' "
            f"and reason_level in ('total', '{level}') order by reason_level <> 'total', sort_order",
        )
        assert [tuple(row) for row in book.get_sheet_by_name(sheet).to_python()[1:]] == told
    said = " ".join(str(row[1]) for row in book.get_sheet_by_name("Läs mig").to_python())
    assert "Lagen (34 kap. 12 § socialtjänstlagen) säger inte" in said


def test_the_command_says_what_stops_the_quarter_and_refuses_what_is_none(
    activity_home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "q4.xlsx"

    def report(*words: str) -> object:
        return bistand(activity_home, "activity-report", *words, "--to", str(target), "--profile", "internal")

    ended = report("--kommun", "1480", "--quarter", "2026-Q4")
    assert ended.returncode == 0
    assert "Obs! 1 av 3 månader" in ended.stdout
    total = tuple(
        CalamineWorkbook.from_path(target).get_sheet_by_name("Publiceringskategorier").to_python()[1]
    )
    assert total == ("Alla", *["ej rapporterat"] * len(REPORT_COLUMNS))
    for words, said in (
        (("--kommun", "1480", "--quarter", "2026"), "skriv det som ÅÅÅÅ-Qn"),
        (("--kommun", "1480", "--quarter", "2025-Q4"), "Utgåvan har inte 2025-Q4 för 1480"),
    ):
        ended = report(*words)
        assert ended.returncode != 0
        assert said in ended.stderr


def test_a_public_release_hides_small_counts_and_says_that_it_is_not_for_reporting(
    activity_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path(shutil.copytree(activity_home, tmp_path / "home", symlinks=True))
    ended = bistand(home, "run", "--profile", "public", "--rebuild")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    shutil.rmtree(home / "published" / "internal")
    counts = in_release(
        home,
        "select numerator from indicator_values where period like '%Q%' or indicator_id like 'three_months%'",
    )
    assert min(count for (count,) in counts if count is not None) > 7
    left_out = in_release(
        home,
        "select count(*) from indicator_values where indicator_id in ('support_refused', 'three_months_exempt_seen')",
    )
    assert left_out == [(0,)]
    monkeypatch.setenv("BISTAND_HOME", str(home))
    monkeypatch.setenv("BISTAND_PROFILE", "public")
    app = AppTest.from_file(str(ROUTER), default_timeout=60)
    app.query_params["kommun"] = "1480"
    app.run()
    app.switch_page("app_pages/aktivitetskravet.py").run()
    assert not app.exception, app.exception
    text = " ".join(element.proto.body for element in app.get("html"))
    assert "Antalen är skyddade och ska inte rapporteras" in text
    assert not app.code
    assert "högst 7" in text.replace("\u00a0", " ")
