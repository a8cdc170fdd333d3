"""Socialstyrelsen and Öppna jämförelser from a laid-in file to the marts, with revisions and changed codings."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from orchestration.database import open_database
from orchestration.settings import Settings
from orchestration.sources.fetching.refresh import add_files
from orchestration.warehouse.dbt_runner import run_dbt
from orchestration.warehouse.raw_tables import load_raw_tables
from tests.fixtures.socialstyrelsen_files import NATIONAL, bulk_zip, month_export, year_workbook
from tests.fixtures.xlsx_files import workbook_bytes, xlsx_bytes
from tests.spec.drawing import write_vault

FREDA, FOLLOW_UP = (
    "Används FREDA-kortfrågor?",
    "Systematisk uppföljning med könsperspektiv för att utveckla verksamheten",
)
# by edition: respondent, answer to FREDA, answer to the question whose coding changed in 2018
ANSWERS = {
    2017: [("Ale", "Ja", 1), ("Kungälv", "Nej", 0), ("Stockholm", "Nej", 1), ("Stockholm Farsta", "Ja", 1)],
    2024: [
        ("Ale", "Ja", 1), ("Kungälv", "Ja", 2), ("Lerum", "*", 0), ("Stockholm", "Nej", "**"), ("Stockholm Farsta", "Ja", 2),
        ("Göteborg, Centrum", "Ja", 2), ("Hela Sverige", 70, 17.5),
    ],
}  # fmt: skip


def survey(year: int) -> bytes:
    return workbook_bytes(
        {
            "Indikatorer": [["Indikator", "Beskrivning"], [FREDA, "Metoden används i utredningar."]],
            "Svar": [[f"Öppna jämförelser {year}"], ["Kommun", FREDA, FOLLOW_UP, "Socionomexamen, procent"],
                     *([*row, 50 + place] for place, row in enumerate(ANSWERS[year]))],
        }
    )  # fmt: skip


def uppsala(households: list[object]) -> bytes:
    rows = [["2025", month, count] for month, count in zip(("Januari", "Februari"), households, strict=True)]
    return xlsx_bytes(
        [["Ekonomiskt bistånd, Uppsala län", None, None], ["År", "Månad", "Antal hushåll"], *rows]
    )


def saved(households: int, day: str) -> bytes:
    """An export for Värmland that was saved that day, by its properties."""
    book = io.BytesIO(
        xlsx_bytes(
            [["Ekonomiskt bistånd, Värmlands län", None], ["År", "Antal hushåll"], ["2024", households]]
        )
    )
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr(
            "docProps/core.xml", f"<cp><dcterms:modified>{day}T08:00:00Z</dcterms:modified></cp>"
        )
    return book.getvalue()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("workbooks"))
    files = settings.home / "files"
    files.mkdir()
    write_vault(settings)

    def add(source: str, **contents: bytes) -> None:
        paths = []
        for name, content in contents.items():
            paths.append(files / name.replace("__", "."))
            paths[-1].write_bytes(content)
        outcome = add_files(settings, source, paths)
        assert outcome.outcome == "new", outcome.message

    # the later edition is laid in first: what was published last is in force, not what was laid in last
    add("socialstyrelsen/files", later__xlsx=year_workbook(changed=5))
    add(
        "socialstyrelsen/files",
        earlier__xlsx=year_workbook(date(2024, 6, 19), "2024-6-9000"),
        month__xlsx=month_export(),
    )
    # the newest export by its content comes first, by its name last, and the order of adding says nothing
    add("socialstyrelsen/files", **{"uttag (1)__xlsx": uppsala([4010, 4020])})
    add("socialstyrelsen/files", uttag__xlsx=uppsala([4000, "--"]))
    # the same months: by what a workbook says of itself, or else by the time of the file
    for name, content, day in (
        ("text.csv", "Ekonomiskt bistånd, Värmlands län\nÅr;Antal hushåll\n2024;22\n".encode(), "2026-03-01"),
        ("b.xlsx", saved(22 - 1, "2026-02-01"), "2026-05-01"),
        ("c.xlsx", saved(22 - 2, "2026-01-01"), "2026-06-01"),
    ):
        (files / name).write_bytes(content)
        os.utime(files / name, times=(datetime.fromisoformat(day).timestamp(),) * 2)
        outcome = add_files(settings, "socialstyrelsen/files", [files / name])
        assert outcome.outcome == "new", outcome.message
    add("socialstyrelsen/bulk", bulk__zip=bulk_zip())
    add("oppna_jamforelser/workbooks", oj2017__xlsx=survey(2017), oj2024__xlsx=survey(2024))
    add("oppna_jamforelser/workbooks", tabell2__xlsx=xlsx_bytes(
        [["Öppna jämförelser 2022"], ["Tabell 2. Kunskapsbaserad verksamhet"], ["Fråga", "Ja", "Nej"], ["Används FREDA?", 13, 1],
         ["Utredningsmall?", '14 (varav 1 svarar "delvis")', 0]]
    ))  # fmt: skip
    load_raw_tables(settings)
    nodes = run_dbt(settings, ["build", "--exclude-resource-type", "unit_test"])
    assert [f"{node.name}: {node.message}" for node in nodes if not node.is_ok] == []
    return settings


def ask(settings: Settings, query: str) -> list[tuple]:
    with open_database(settings.warehouse) as warehouse:
        return warehouse.execute(query).fetchall()


def test_the_newest_export_is_told_by_its_months_and_not_by_its_name_or_the_order_of_adding(
    built: Settings,
) -> None:
    assert ask(built, """
        select period, value from marts.socialstyrelsen_figures
        where geography_id = 'lan:03' and indicator_id = 'households' and table_title = 'Ekonomiskt bistånd, Uppsala län'
        order by period
    """) == [("2025-01", 4010), ("2025-02", 4020)]  # fmt: skip


def test_an_older_export_that_is_added_later_makes_no_revision_backwards(built: Settings) -> None:
    found = ask(built, """
        select period, old_value_as_printed, new_value_as_printed, old_file_name, new_file_name
        from marts.socialstyrelsen_revisions where area_id = 'lan:03' order by period
    """)  # fmt: skip
    assert found == [
        ("2025-01", "4000", "4010", "uttag.xlsx", "uttag (1).xlsx"),
        ("2025-02", "--", "4020", "uttag.xlsx", "uttag (1).xlsx"),
    ]


def test_of_exports_with_the_same_months_the_one_saved_last_is_in_force(built: Settings) -> None:
    assert ask(built, """
        select value, file_name from marts.socialstyrelsen_figures
        where geography_id = 'lan:17' and indicator_id = 'households'
    """) == [(22, "text.csv")]  # fmt: skip
    assert ask(built, """
        select old_value, new_value from marts.socialstyrelsen_revisions where area_id = 'lan:17' order by old_value
    """) == [(20, 21), (21, 22)]  # fmt: skip


def test_the_latest_publication_is_in_force_whenever_it_was_laid_in(built: Settings) -> None:
    found = ask(built, """
        select period, value, article_number from marts.socialstyrelsen_figures
        where sheet = 'Tabell 1' and indicator_id = 'households' order by period
    """)  # fmt: skip
    assert found == [
        (str(year), households + (5 if year == 2022 else 0), "2025-6-9700")
        for year, (households, _) in sorted(NATIONAL.items())
    ]


def test_a_revision_names_the_cell_and_both_figures(built: Settings) -> None:
    found = ask(built, """
        select revision_kind, area_id, period, old_value, new_value, old_file_name, new_file_name
        from marts.socialstyrelsen_revisions where area_id = '0000'
    """)  # fmt: skip
    assert found == [("changed", "0000", "2022", 160630, 160635, "earlier.xlsx", "later.xlsx")]


def test_both_captures_are_kept(built: Settings) -> None:
    found = ask(built, """
        select value, is_in_force from staging.stg_socialstyrelsen__figures
        where sheet = 'Tabell 1' and indicator_id = 'households' and period = '2022' order by value
    """)  # fmt: skip
    assert found == [(160630, False), (160635, True)]


def test_thousands_become_kronor_where_figures_are_reconciled(built: Settings) -> None:
    found = ask(built, """
        select period, value, unit, decimals, value_as_printed, value_status from marts.published_values
        where published_table_id like 'socialstyrelsen:month_tool%' and indicator_id = 'paid_sek' order by period
    """)  # fmt: skip
    assert found == [
        ("2024-01", 23456500, "sek", -2, "23456,5", "published"),
        ("2024-02", 22987000, "sek", -3, "22987", "published"),
        ("2024-03", None, "sek", -3, "--", "missing"),
    ]
    assert ask(built, """
        select count(*) from marts.reconciliation where published_table_id like 'socialstyrelsen:%' and verdict is null
    """) == [(0,)]  # fmt: skip


def test_an_answer_is_kept_as_answered_beside_its_code(built: Settings) -> None:
    found = ask(built, """
        select edition_year, respondent_id, version, answer_as_printed, answer, answer_code, harmonised_code, value_status
        from marts.oj_answers where question_id = 'oj_uppfoljning_kon_utvecklar' and respondent_type <> 'country'
        order by edition_year, respondent_id
    """)  # fmt: skip
    assert found == [
        (2017, "0180", 1, "1", "Ja", 1, 2, "published"),
        (2017, "0180:farsta", 1, "1", "Ja", 1, 2, "published"),
        (2017, "1440", 1, "1", "Ja", 1, 2, "published"),
        (2017, "1482", 1, "0", "Nej", 0, 0, "published"),
        (2024, "0180", 2, "**", None, None, None, "not_comparable"),
        (2024, "0180:farsta", 2, "2", "Ja", 2, 2, "published"),
        (2024, "1440", 2, "1", "Delvis", 1, 1, "published"),
        (2024, "1441", 2, "0", "Nej", 0, 0, "published"),
        (2024, "1480:centrum", 2, "2", "Ja", 2, 2, "published"),
        (2024, "1482", 2, "2", "Ja", 2, 2, "published"),
    ]
    assert ask(
        built,
        "select distinct question_description from marts.oj_answers where question_id = 'oj_metod_freda'",
    ) == [("Metoden används i utredningar.",)]


def test_shares_are_counted_from_answers_without_districts(built: Settings) -> None:
    """A plain second count, in Python, for the country and for each municipality."""
    found = ask(built, """
        select edition_year, geography_id, numerator, denominator, partly_count, not_answered_count, value, value_status
        from marts.oj_indicators where indicator_id = 'oj_metod_freda' and value_origin = 'counted' and geography_id = '0000'
        order by edition_year
    """)  # fmt: skip
    expected = []
    for year, rows in ANSWERS.items():
        answers = [answer for name, answer, _ in rows if " " not in name]
        yes, answered = answers.count("Ja"), sum(answer in ("Ja", "Nej") for answer in answers)
        expected.append(
            (year, "0000", yes, answered, 0, len(answers) - answered, yes / answered, "published")
        )
    assert found == expected
    assert ask(built, """
        select geography_id, numerator, denominator, value, value_status from marts.oj_indicators
        where indicator_id = 'oj_uppfoljning_kon_utvecklar' and version = 2 and value_origin = 'counted'
            and geography_type = 'municipality' order by geography_id
    """) == [
        ("0180", 0, 0, None, "not_comparable"), ("1440", 0, 1, 0.0, "published"), ("1441", 0, 1, 0.0, "published"),
        ("1482", 1, 1, 1.0, "published"),
    ]  # fmt: skip


def test_what_the_workbook_prints_for_the_country_stands_beside_what_is_counted(built: Settings) -> None:
    found = ask(built, """
        select value_origin, value, numerator from marts.oj_indicators
        where indicator_id = 'oj_metod_freda' and edition_year = 2024 and geography_id = '0000' order by value_origin
    """)  # fmt: skip
    assert found == [("counted", 2 / 3, 2), ("printed", 0.7, None)]


def test_a_printed_table_of_counts_gives_its_share_from_them(built: Settings) -> None:
    found = ask(built, """
        select indicator_id, geography_type, numerator, denominator, value from marts.oj_indicators
        where geography_id = 'kunskapsbaserad_verksamhet' order by indicator_id
    """)  # fmt: skip
    assert found == [
        ("oj_metod_freda", "group", 13, 14, 13 / 14), ("oj_utredningsmall", "group", 14, 14, 1.0),
    ]  # fmt: skip


def test_every_value_of_a_question_carries_what_to_bear_in_mind(built: Settings) -> None:
    texts = {row[0] for row in ask(built, "select distinct caveat_text from marts.oj_indicators")}
    assert len(texts) == 1
    assert "Avsaknad av rutin är inte sämre praktik." in texts.pop()


def test_what_could_not_be_read_is_told_at_once_and_kept(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    file = tmp_path / "oj-2024.xlsx"
    file.write_bytes(xlsx_bytes([["Kommun", "AUDIT"], ["Ale", "Kanske"], ["Knäpplinge", "Ja"]]))
    outcome = add_files(settings, "oppna_jamforelser/workbooks", [file])
    assert outcome.outcome == "new"
    assert "Allt gick inte att läsa: I filen oj-2024.xlsx, bladet Blad1, rad 2" in outcome.message
    assert "1 till står i tabellen source_unread" in outcome.message


@pytest.mark.parametrize(
    ("source", "content", "outcome", "words"),
    [
        ("socialstyrelsen/files", b"<html>", "unreadable", "webbsida"),
        ("socialstyrelsen/files", b"", "empty", "är tom"),
        ("socialstyrelsen/bulk", b"PK\x03\x04", "unreadable", "skadad zip-fil"),
        ("oppna_jamforelser/workbooks", xlsx_bytes([["Ale", 1, 2], ["Lerum", 2, 3]]), "drifted", "rubrikrad"),
        ("socialstyrelsen/files", xlsx_bytes([["Region", "2023"], ["Ale", -5]]), "drifted", "under noll"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_changes_nothing(
    tmp_path: Path, source: str, content: bytes, outcome: str, words: str
) -> None:
    settings = Settings(home=tmp_path)
    file = tmp_path / "oj-2024.xlsx"
    file.write_bytes(content)
    ended = add_files(settings, source, [file])
    assert (ended.outcome, ended.snapshot_id) == (outcome, None)
    assert words in ended.message
    assert "Det finns inga tidigare uppgifter." in ended.message
