"""The yearly report, read back: the figures of the release and no others, in both forms, in both profiles."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from orchestration.errors import ExitCode, PlainError
from orchestration.release.report import questions
from orchestration.release.report.blocks import Report, Table
from orchestration.release.report.content import make_report
from orchestration.release.report.writing import as_html, report_bytes, report_name
from orchestration.release.store import Release, all_releases
from orchestration.settings import PROJECT_ROOT, Settings
from tests.fixtures.asking import in_profile
from tests.fixtures.commands import bistand

KEY = (
    "select indicator_name, cast(value as double), value_status, unit, decimals from indicator_values "
    "inner join dim_indicators using (indicator_id, definition_id, unit) "
    "where geography_id = '{code}' and period = '{year}' and breakdown = 'total' and is_official"
)


@pytest.fixture(scope="module")
def releases(public_home: Path) -> dict[str, Release]:
    return {one.profile: one for one in all_releases(Settings(home=public_home))}


class _Cells(HTMLParser):
    """The rows of every table, and every text."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text, self._is_cell = "", False

    def handle_starttag(self, tag: str, attributes: list) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self._is_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._is_cell = self._is_cell and tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._is_cell:
            self.rows[-1][-1] += data


def read(report: Report) -> _Cells:
    found = _Cells()
    found.feed(as_html(report))
    return found


def written(value: float, unit: str, decimals: int) -> str:
    """As a Swede writes it."""
    if unit == "sek" and value >= 1_000_000:
        return f"{value / 1_000_000:,.1f}".replace(",", "\u202f").replace(".", ",") + "\u00a0miljoner\u00a0kr"
    number = f"{value * (100 if unit == 'share' else 1):,.{decimals}f}".replace(",", "\u202f").replace(
        ".", ","
    )
    ends = {"share": "\u00a0%", "months": "\u00a0månader", "sek": "\u00a0kr", "sek_per_household": "\u00a0kr"}
    return number + ends.get(unit, "")


def key_rows(report: Report) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in read(report).rows if len(row) > 3 and not row[1].startswith("20")}


@pytest.mark.parametrize("profile", ["internal", "public"])
@pytest.mark.parametrize("code", ["0184", "1231", "1280"])
def test_the_key_figures_are_those_of_the_release(
    public_home: Path, releases: dict[str, Release], profile: str, code: str
) -> None:
    report = make_report(releases[profile], code, 2019)
    [table] = [block for block in report.sections[0].blocks if isinstance(block, Table)]
    assert table.heads[:4] == ["Mått", "2018", "2019", "Förändring"]
    shown = {name: [cell.text for cell in cells] for name, cells in table.rows}
    told = 0
    for year, place in ((2018, 0), (2019, 1)):
        rows = in_profile(public_home, profile, KEY.format(code=code, year=year))
        for name, value, status, unit, decimals in rows:
            if name not in shown:
                continue
            told += 1
            text = shown[name][place]
            if status == "published":
                assert text == written(value, unit, decimals), (name, year)
            else:
                assert not re.search(r"\d", text.replace("högst\u00a07", "")), (name, year)
    assert told >= 20
    # the same cells stand in the file
    html_rows = read(report).rows
    for name, texts in shown.items():
        assert [name, *texts] in html_rows


def test_a_year_that_was_not_delivered_says_so_and_shows_no_figure(
    public_home: Path, releases: dict[str, Release]
) -> None:
    [(code, year)] = in_profile(
        public_home, "internal",
        "select geography_id, period from indicator_values where indicator_id = 'recipients' and breakdown = 'total' "
        "and length(period) = 4 and length(geography_id) = 4 and geography_id <> '0000' and value_status = 'not_reported' limit 1",
    )  # fmt: skip
    report = make_report(releases["internal"], code, int(year))
    assert any("kan inte räknas" in notice for notice in report.notices)
    [table] = [block for block in report.sections[0].blocks if isinstance(block, Table)]
    assert dict(table.rows)["Biståndsmottagare"][1].text == "ej rapporterat"


def test_a_protected_count_is_at_most_seven_in_both_forms(
    public_home: Path, releases: dict[str, Release]
) -> None:
    [(code, year), *_] = in_profile(
        public_home, "public",
        "select geography_id, period from indicator_values where indicator_id = 'longterm_children' and breakdown = 'total' "
        "and definition_id = 'longterm:person_wide' and length(period) = 4 and length(geography_id) = 4 and geography_id <> '0000' "
        "and value_status = 'suppressed' order by 2 desc",
    )  # fmt: skip
    report = make_report(releases["public"], code, int(year))
    assert "högst\u00a07" in key_rows(report)["Barn i familjer med långvarigt bistånd"]
    assert "Antal från 0 till 7 skiljs inte åt" in read(report).text


def test_the_whole_counts_are_for_ones_own_use_and_the_report_says_so(releases: dict[str, Release]) -> None:
    report = make_report(releases["internal"], "1280", 2019)
    assert "bara för kommunens eget bruk" in report.lead
    assert "högst" not in read(report).text


def test_what_the_catalogue_says_of_months_that_are_not_seen_is_said_once(
    public_home: Path, releases: dict[str, Release]
) -> None:
    [(unseen,)] = in_profile(
        public_home,
        "public",
        "select distinct unseen_months_text from dim_indicators where unseen_months_text is not null",
    )
    assert read(make_report(releases["public"], "1280", 2019)).text.count(unseen) == 1


def test_five_municipalities_are_never_called_the_country(releases: dict[str, Release]) -> None:
    for area in ("1280", "0000"):
        text = read(make_report(releases["public"], area, 2019)).text
        assert not re.search(r"\b[Rr]iket\b", text.split("Så läser du rapporten")[0])
    assert make_report(releases["public"], "0000", 2019).title.startswith("Ekonomiskt bistånd i ")


def test_the_same_release_gives_the_same_files_and_the_pdf_can_be_read_aloud(
    releases: dict[str, Release],
) -> None:
    first, second = (report_bytes(releases["public"], "1280", 2019) for _ in range(2))
    assert first == second
    assert first.startswith(b"%PDF")
    assert b"pdfuaid" in first
    assert b"sv-SE" in first or b"/Lang" in first
    html = report_bytes(releases["public"], "1280", 2019, "html").decode()
    assert html.startswith('<!doctype html>\n<html lang="sv">')
    assert not re.search(r"(?:src|href)=\"", html.replace("xlink:href", ""))
    assert html.count("<h1>") == 1
    assert html.count('role="img"') == html.count("<figure>")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--kommun", "1480"], "Göteborg har inte levererat"),
        (["--kommun", "Göteborrg"], "finns inte"),
        (
            ["--kommun", "1280", "--year", "2031"],
            "Utgåvan har inte 2031 för Malmö; välj ett år från 2016 till 2019.",
        ),
        (["--kommun", "1280", "--questions", "nix.yml"], "Filen nix.yml finns inte"),
    ],
)
def test_what_cannot_be_reported_is_said_in_a_sentence(
    public_home: Path, arguments: list[str], told: str
) -> None:
    ended = bistand(public_home, "report", *arguments)
    assert ended.returncode == ExitCode.FAILED
    assert told in ended.stderr


def test_the_command_writes_both_forms_and_the_municipalitys_own_questions(
    public_home: Path, releases: dict[str, Release], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path(
        shutil.copytree(public_home / "published", tmp_path / "home" / "published", symlinks=True)
    ).parent
    (home / "fragor").mkdir()
    (home / "fragor" / "1280.yml").write_text(
        "questions:\n  - question: Hur många <b>kvinnor</b>?\n    indicator: adult_recipients\n    breakdown: sex=K\n"
        "    comments:\n      2018: Det här sades i fjol.\n      2019: Det här säger vi i år.\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    ended = bistand(home, "report", "--kommun", "Malmö", "--profile", "public")
    assert ended.returncode == 0, ended.stderr
    names = [report_name("1280", 2019, releases["public"], form) for form in ("pdf", "html")]
    assert ended.stdout.split() == names
    text = (tmp_path / names[1]).read_text(encoding="utf-8")
    assert "Hur många &lt;b&gt;kvinnor&lt;/b&gt;?" in text
    assert "Det här säger vi i år." in text
    assert "i fjol" not in text
    [(value,)] = in_profile(
        home, "public",
        "select value from indicator_values where indicator_id = 'adult_recipients' and breakdown = 'sex=K' "
        "and period = '2019' and geography_id = '1280'",
    )  # fmt: skip
    assert written(value, "persons", 0) in text


def test_every_question_of_the_example_is_answered(releases: dict[str, Release]) -> None:
    example = questions.read_questions(PROJECT_ROOT / "data" / "catalog" / "report" / "fragor.yml")
    report = make_report(releases["public"], "1280", 2019, example)
    [section] = [one for one in report.sections if one.heading == "Nämndens fasta frågor"]
    assert len(section.blocks) == len(example.questions)
    assert all(block.table.rows for block in section.blocks)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("indicator: recipient", "Fråga 1: måttet recipient har inga årssiffror i utgåvan; menar du recipients"),
        ("indicator: recipients\n    breakdown: kon", "Fråga 1: recipients är inte uppdelat på kon"),
        ("indicator: longterm_adults\n    definition: tio", "Fråga 1: longterm_adults räknas inte enligt tio; välj longterm:person_wide"),
    ],
)  # fmt: skip
def test_a_question_that_the_release_cannot_answer_stops_the_report(
    releases: dict[str, Release], tmp_path: Path, entry: str, told: str
) -> None:
    path = tmp_path / "fragor.yml"
    path.write_text(f"questions:\n  - question: Hur?\n    {entry}\n", encoding="utf-8")
    with pytest.raises(PlainError) as found:
        make_report(releases["public"], "1280", 2019, questions.read_questions(path))
    assert told in str(found.value)
