"""The report that the sender of a delivery gets: what, where, what to do; closed when the months come whole again."""

from __future__ import annotations

import csv
import re
import stat

import pytest

from orchestration.database import sql_text
from orchestration.intake.deliveries import loading
from orchestration.intake.deliveries.decisions import decide
from orchestration.intake.deliveries.reports import DELIVERY_REPORTS, report_paths, write_report
from orchestration.intake.rules.catalogue import rule_catalogue
from orchestration.settings import Settings
from orchestration.vault import file as vault_file
from tests.fixtures.commands import bistand
from tests.fixtures.register_files import KEY, adult, deliver, row, rows


def page(settings: Settings, number: int) -> str:
    return report_paths(settings, number)[0].read_text(encoding="utf-8")


def csv_rows(settings: Settings, number: int) -> list[dict[str, str]]:
    with report_paths(settings, number)[1].open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def reported(settings: Settings) -> dict[int, str]:
    with vault_file.open_vault(settings, read_only=True) as vault:
        vault.execute(sql_text(DELIVERY_REPORTS))
        return dict(vault.execute("from delivery_reports order by delivery_id").fetchall())


def test_the_report_names_rule_row_and_what_to_do(settings):
    lines = [*rows(40), row(personnummer="1"), row(hushalls_id="H9", forsorjningshinder="kod 99")]
    deliver(settings, lines)
    loading.load_landing(settings)
    assert [(one["filrad"], one["regel"], one["slag"]) for one in csv_rows(settings, 1)] == [
        ("42", "R03", "fel"),
        ("43", "R11", "varning"),
    ]
    assert csv_rows(settings, 1)[0]["gor"] == rule_catalogue()["R03"].action
    text = page(settings, 1)
    assert "rapporten är öppen" in text
    assert "42 lästa rader = 41 inlästa + 1 i karantän + 0 dubbletter" in text
    assert '<td class="number">42</td><td>R03</td><td>0180</td><td>2019-03</td>' in text
    assert rule_catalogue()["R03"].action in text


def test_the_report_closes_when_the_month_comes_whole_again_and_not_before(settings):
    deliver(settings, [*rows(40), row(personnummer="1"), *rows(40, period="2019-04")])
    loading.load_landing(settings)
    deliver(settings, rows(41, period="2019-04"), name="annan månad.csv", minute=1)
    loading.load_landing(settings)
    assert reported(settings) == {1: "open", 2: "none"}
    deliver(settings, rows(41), name="rättad.csv", minute=2)
    loading.load_landing(settings)
    assert reported(settings) == {1: "closed", 2: "none", 3: "none"}
    assert "rapporten är stängd" in page(settings, 1)
    decide(settings, "reject", 3)
    assert "rapporten är öppen" in page(settings, 1)


def test_a_resend_that_still_has_errors_has_an_open_report_of_its_own(settings):
    deliver(settings, [*rows(3), row(personnummer="1")])
    deliver(settings, [*rows(40), row(personnummer="1")], name="igen.csv", minute=1)
    loading.load_landing(settings)
    assert reported(settings) == {1: "closed", 2: "open"}


@pytest.mark.parametrize("content", ["", "kommunkod;period\n0180;2019-03\n", "0180;2199-01;x\n"])
def test_a_file_that_could_not_be_read_is_mended_by_its_namesake(settings, content):
    deliver(settings, content)
    loading.load_landing(settings)
    assert reported(settings) == {1: "open"}
    assert "rapporten är öppen" in page(settings, 1)
    deliver(settings, rows(10), minute=1)
    loading.load_landing(settings)
    assert reported(settings) == {1: "closed", 2: "none"}


def test_rows_of_no_month_are_mended_when_every_month_of_the_file_is_sent_again(settings):
    deliver(settings, [*rows(40), *rows(40, period="2019-04"), row(kommunkod="18")])
    deliver(settings, rows(41), name="mars.csv", minute=1)
    loading.load_landing(settings)
    assert reported(settings)[1] == "open"
    deliver(settings, rows(41, period="2019-04"), name="april.csv", minute=2)
    loading.load_landing(settings)
    assert reported(settings)[1] == "closed"


def test_a_held_month_has_an_open_report_until_it_is_accepted(settings):
    lines = [line for month in range(1, 7) for line in rows(30, period=f"2019-{month:02d}")]
    deliver(settings, [*lines, *rows(5, period="2019-07")])
    loading.load_landing(settings)
    assert "väntar på beslut" in page(settings, 1)
    decide(settings, "accept", 1)
    assert reported(settings) == {1: "none"}
    assert "inget att rätta" in page(settings, 1)


def test_a_report_lost_in_a_crash_is_written_by_the_next_run(settings):
    deliver(settings, [*rows(40), row(personnummer="1")])
    loading.load_landing(settings)
    for path in report_paths(settings, 1):
        path.unlink()
    loading.load_landing(settings)
    assert "rapporten är öppen" in page(settings, 1)
    assert len(csv_rows(settings, 1)) == 1


def test_no_personnummer_is_in_a_report_and_only_the_owner_reads_it(settings):
    numbers = [adult(number) for number in range(30)]
    lines = [
        row(
            hushalls_id=number, personnummer=number if place % 3 else f"{number}x",
            forsorjningshinder=f"se {number[:8]}-{number[8:]}", distrikt=number[2:],
        )
        for place, number in enumerate(numbers)
    ]  # fmt: skip
    lines += [row(kommunkod=numbers[0], period=numbers[1], roll=numbers[2])]
    deliver(settings, lines, name=f"Uttag {numbers[3]} <b>.csv")
    deliver(settings, f"kommunkod;{numbers[4]}\n0180;1\n", name="kolumn.csv", minute=1)
    loading.load_landing(settings)
    folder = settings.register_folder / "reports"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == ["1.csv", "1.html", "2.csv", "2.html"]
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        text = path.read_text(encoding="utf-8")
        assert not [number for number in numbers if number in text or number[2:] in text]
        assert not re.search(r"[0-9]{6}-[0-9]{4}", text)
        assert "<b>.csv" not in text


def test_a_report_is_written_on_request(settings):
    deliver(settings, rows(10))
    loading.load_landing(settings)
    assert not report_paths(settings, 1)[0].exists()
    state, html, table = write_report(settings, 1)
    assert state == "inget att rätta"
    assert html.exists()
    assert table.exists()
    ended = bistand(settings.home, "deliveries", "report", "9", key=KEY.hex())
    assert ended.returncode == 1
    assert ended.stderr.strip() == "Fel: Leverans 9 finns inte; se numren med bistand deliveries list."
    assert "1.html" in bistand(settings.home, "deliveries", "report", "1", key=KEY.hex()).stdout
