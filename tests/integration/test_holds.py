"""What waits for a person besides a fall in households: a municipality that has never been here, families without children,
a month declared empty; and that the order of the files changes nothing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from orchestration.intake.deliveries import decisions, loading
from orchestration.intake.deliveries.decisions import decide
from orchestration.intake.deliveries.reports import report_paths
from orchestration.intake.preview.preview import preview_file, preview_lines
from orchestration.settings import Settings
from orchestration.upkeep import forgetting
from tests.fixtures.commands import bistand
from tests.fixtures.register_files import adult, child, csv_text, deliver, query, row, rows

BARN = {"roll": "BARN", "hushallstyp": "", "forsorjningsstod_kr": "", "forsorjningshinder": ""}


def judged(settings: Settings) -> list[tuple]:
    return query(
        settings,
        "select municipality_code, strftime(period_month, '%Y-%m'), state, rule_id from month_states order by all",
    )


def deliver_months(settings: Settings, order: list[int], counts: list[int]) -> None:
    for minute, place in enumerate(order):
        deliver(
            settings,
            rows(counts[place], first=1000 * place, period=f"2019-{place + 1:02d}"),
            name=f"fil{place}.csv",
            minute=minute,
        )


@pytest.mark.parametrize("seed", range(4))
def test_months_are_judged_in_their_own_order_whatever_the_order_of_the_files(settings, seed):
    counts = [40, 41, 39, 42, 40, 41, 12, 40, 95, 38]
    order = list(range(len(counts)))
    deliver_months(settings, order, counts)
    loading.load_landing(settings)
    expected = judged(settings)
    assert [period for _, period, state, _ in expected if state == "held"] == ["2019-07", "2019-09"]
    other = replace(settings, home=settings.home / "annan")
    random.Random(seed).shuffle(order)
    deliver_months(other, order, counts)
    loading.load_landing(other)
    assert judged(other) == expected


def test_a_month_delivered_twice_in_a_run_is_judged_as_each_delivery(settings):
    deliver_months(settings, list(range(7)), [40] * 7)
    deliver(settings, rows(5, first=9000, period="2019-07"), name="fel.csv", minute=50)
    loading.load_landing(settings)
    states = query(
        settings,
        "select file_name, delivery_months.state from register.delivery_months inner join register.deliveries "
        "using (delivery_id) where period_month = '2019-07-01' order by 1",
    )
    assert states == [("fel.csv", "held"), ("fil6.csv", "accepted")]


def test_what_a_run_that_was_cut_short_left_is_judged_by_the_next(settings, monkeypatch):
    deliver_months(settings, list(range(7)), [40] * 6 + [5])
    with monkeypatch.context() as patch:
        patch.setattr(loading.holding, "settle", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            loading.load_landing(settings)
    # nothing counts before it is judged
    assert {state for *_, state, _ in judged(settings)} == {"held"}
    assert query(settings, "select count(*) from month_states where is_in_force and not is_optional") == [
        (0,)
    ]
    report = loading.load_landing(settings)
    assert report.files == 0
    assert [(period, rule) for _, period, state, rule in judged(settings) if state == "held"] == [
        ("2019-07", "D05")
    ]


def test_a_municipality_that_has_never_been_here_waits_and_the_first_run_names_those_it_took(settings):
    deliver(settings, [*rows(5), *rows(5, kommunkod="0181")])
    report = loading.load_landing(settings)
    assert report.accepted == 1
    assert "Registret är nytt och tog emot kommunerna 0180 och 0181" in report.messages[-1]
    deliver(settings, [*rows(5, kommunkod="1480"), *rows(5, period="2019-04")], name="b.csv", minute=1)
    report = loading.load_landing(settings)
    assert report.held == 1
    assert "kommun 1480 har inte levererat hit förut" in report.messages[0]
    assert [month for month in judged(settings) if month[2] == "held"] == [("1480", "2019-03", "held", "D07")]
    decide(settings, "accept", 2)
    deliver(settings, rows(5, kommunkod="1480", period="2019-04"), name="c.csv", minute=2)
    assert loading.load_landing(settings).accepted == 1


def test_a_municipality_that_the_setting_names_belongs_here(settings):
    settings = replace(settings, municipalities=("0180", "1480"))
    deliver(settings, rows(5))
    deliver(settings, rows(5, kommunkod="0181"), name="b.csv", minute=1)
    report = loading.load_landing(settings)
    assert (report.accepted, report.held) == (1, 1)
    deliver(settings, rows(5, kommunkod="1480"), name="c.csv", minute=2)
    assert loading.load_landing(settings).accepted == 1


def test_what_lies_in_the_folder_of_another_municipality_waits(settings):
    settings = replace(settings, municipalities=("0180", "1480"))
    deliver(settings, [*rows(5), *rows(5, kommunkod="1480")], name="kommun-1480/b.csv")
    deliver(settings, rows(5, kommunkod="1480", period="2019-04"), name="kommun-1480/c.csv", minute=1)
    deliver(settings, rows(5, period="2019-04"), name="2021/d.csv", minute=2)
    report = loading.load_landing(settings)
    assert "1 av 2 månader väntar på beslut (D09): filen ligger i en annan kommuns mapp än kommun 0180." in (
        " ".join(report.messages)
    )
    assert [month for month in judged(settings) if month[2] == "held"] == [("0180", "2019-03", "held", "D09")]


def test_a_rejected_delivery_is_removed_for_good_and_cannot_come_back(settings):
    deliver(settings, rows(5))
    loading.load_landing(settings)
    deliver(settings, rows(7, first=3000, kommunkod="1480"), name="annans.csv", minute=1)
    loading.load_landing(settings)
    with pytest.raises(loading.RegisterError, match="inte avvisad; avvisa den först"):
        forgetting.forget_delivery(settings, 2)
    decide(settings, "reject", 2, reason="Hör hemma i en annan kommun")
    told = forgetting.forget_delivery(settings, 2)
    assert (told.rows, told.files_left) == (7, ("annans.csv",))
    assert query(settings, "select distinct delivery_id from register.person_months") == [(1,)]
    assert query(settings, "select rows_loaded from register.deliveries where delivery_id = 2") == [(7,)]
    with pytest.raises(loading.RegisterError, match="borttagna"):
        decide(settings, "accept", 2)
    assert loading.load_landing(settings).files == 0
    assert "tog bort en avvisad leverans: 7 rader i 1 leveranser" in forgetting.log_lines(settings)[0]
    with pytest.raises(loading.RegisterError, match="Leverans 9 finns inte"):
        forgetting.forget_delivery(settings, 9)


def families(count: int, children: bool = True, **values: str) -> list[dict[str, str]]:
    lines = []
    for number in range(count):
        household = {"hushalls_id": f"B{number}", **values}
        lines.append(row(**{"personnummer": adult(number), "hushallstyp": "6", **household}))
        if children:
            lines.append(row(**{**BARN, "personnummer": child(number), **household}))
    return lines


def test_a_month_whose_families_have_no_children_waits_and_the_preview_says_so(settings, tmp_path):
    text = csv_text([*families(25, children=False), *families(25, period="2019-04"), *rows(30)])
    deliver(settings, text)
    report = loading.load_landing(settings)
    assert report.held == 1
    assert "mer än 90 % av hushållen med barn saknar barnrader (R17)" in report.messages[0]
    assert judged(settings) == [("0180", "2019-03", "held", "D08"), ("0180", "2019-04", "accepted", None)]
    path = tmp_path / "uttag.csv"
    path.write_text(text, encoding="utf-8")
    shown = "\n".join(preview_lines(preview_file(replace(settings, home=tmp_path / "tom"), path)))
    assert "Skulle vänta på beslut (D08" in shown
    assert "R17       25" in shown


def test_a_reserve_number_is_a_person_of_its_own_in_each_municipality(settings):
    number = "19500101-T050"
    deliver(
        settings,
        [
            row(personnummer=number), row(personnummer="500101-T050", period="2019-04"),
            row(personnummer=number, kommunkod="0181"), row(personnummer=adult(2), hushalls_id="H2"),
        ],
    )  # fmt: skip
    report = loading.load_landing(settings)
    assert "1 personer med T-nummer" not in report.messages[0]
    assert "2 personer med T-nummer" in report.messages[0]
    people = query(
        settings,
        "select municipality_code, count(distinct person_id) from register.person_months group by 1 order by 1",
    )
    assert people == [("0180", 2), ("0181", 1)]
    assert query(settings, "select count(distinct person_id) from register.person_months") == [(3,)]
    assert query(
        settings, "select distinct sex, birth_year from register.person_months where warnings = 'R16'"
    ) == [("M", 1950)]
    told = forgetting.erase_person(settings, "0180:19500101-T050")
    assert told.rows == 2
    assert query(
        settings, "select count(*) from register.person_months where municipality_code = '0181'"
    ) == [(1,)]


def test_a_declared_empty_month_asks_is_judged_and_is_refused_for_a_stranger(settings):
    deliver_months(settings, list(range(8)), [40] * 8)
    loading.load_landing(settings)
    with pytest.raises(loading.RegisterError, match="aldrig levererat hit"):
        loading.declare_empty(settings, "1480", "2019-03")
    with pytest.raises(loading.MonthInForceError, match="40 hushåll"):
        loading.declare_empty(settings, "0180", "2019-08")
    waiting = loading.declare_empty(settings, "0180", "2019-08", replaces=True)
    assert "väntar på beslut (D05)" in waiting
    assert query(
        settings,
        "select households_count from month_states where not is_optional and is_in_force and period_month = '2019-08-01'",
    ) == [(40,)]
    decide(settings, "accept", 9)
    assert query(
        settings,
        "select households_count from month_states where not is_optional and is_in_force and period_month = '2019-08-01'",
    ) == [(0,)]


def test_the_command_asks_before_a_month_is_replaced_by_nothing(tmp_path, monkeypatch):
    from orchestration.vault import pseudonym
    from tests.fixtures.commands import OWN_KEY

    monkeypatch.setenv(pseudonym.KEY_VARIABLE, OWN_KEY)
    settings = Settings(home=tmp_path)
    deliver(settings, rows(10))
    loading.load_landing(settings)
    asked = bistand(tmp_path, "deliveries", "declare-empty", "0180", "2019-03")
    assert asked.returncode != 0
    assert "10 hushåll i kommun 0180 gäller för 2019-03" in asked.stdout + asked.stderr
    assert query(settings, "select count(*) from register.deliveries") == [(1,)]
    said = bistand(tmp_path, "deliveries", "declare-empty", "0180", "2019-03", "--yes")
    assert said.returncode == 0, said.stderr
    assert "förklarad tom" in said.stdout


def test_the_report_follows_every_decision(settings):
    deliver_months(settings, list(range(7)), [40] * 6 + [5])
    loading.load_landing(settings)
    page = report_paths(settings, 7)[0]
    assert "väntar på beslut" in page.read_text(encoding="utf-8")
    decide(settings, "accept", 7, reason="Kommunen bekräftar.")
    text = page.read_text(encoding="utf-8")
    assert "Kommunen bekräftar." in text
    assert "Läge: mottagen" in text
    decide(settings, "reject", 7)
    text = page.read_text(encoding="utf-8")
    assert "Läge: avvisad" in text
    assert text.count("<td>godkänd</td>") == text.count("<td>avvisad</td>") - 1


def test_the_list_shows_municipality_and_months(settings):
    deliver(settings, [*rows(5), *rows(5, period="2019-05")])
    deliver(settings, rows(5, first=2000), name="b.csv", minute=1)
    deliver(settings, [*rows(5, period="2018-01"), *rows(5, kommunkod="0181")], name="c.csv", minute=2)
    deliver(settings, "", name="tom.csv", minute=3)
    loading.load_landing(settings)
    first, second, third, fourth = decisions.list_deliveries(settings)
    assert "0180 2019-03–2019-05" in first
    assert "0180 2019-03  5 inlästa" in second
    assert "2 kommuner 2018-01–2019-03" in third
    assert "ingen månad" in fourth


def test_an_unforeseen_error_shows_no_text_of_its_own(monkeypatch, capsys):
    from orchestration.cli import main

    monkeypatch.setattr(
        main, "commands", lambda **_: (_ for _ in ()).throw(ValueError("19500101-9802 i klartext"))
    )
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "något oväntat hände (ValueError)" in told
    assert "klartext" not in told


def test_serve_and_an_unknown_setting_end_with_a_sentence_and_an_error_code(tmp_path):
    served = bistand(tmp_path, "serve")
    assert served.returncode == 1
    assert "Det finns ingen utgåva att visa" in served.stderr
