"""Öppna jämförelser: every printed cell of three real tables, and the forms and faults of the workbooks."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.sources.oppna_jamforelser import ParsedOj, parse_file
from orchestration.sources.tables.grids import SourceFileError
from tests.fixtures.xlsx_files import workbook_bytes, xlsx_bytes

FACTS = Path(__file__).parent.parent / "fixtures" / "oppna_jamforelser"
TITLE = "Öppna jämförelser 2022 – ekonomiskt bistånd"
NOTES = [
    ["Källa: Öppna jämförelser 2022"],
    ["* Uppgift saknas i Öppna jämförelser."],
    ["** Visas inte, eftersom de tidigare stadsdelarna inte går att jämföra."],
]


def facts(name: str) -> list[dict[str, str]]:
    with next(FACTS.glob(f"{name}_*.csv")).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answers(parsed: ParsedOj) -> list[dict]:
    return parsed.answers.to_pylist()


def cell(text: str) -> object:
    """A printed figure as a spreadsheet holds it: a number where it is one."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def test_every_cell_of_the_sorting_key_comes_out_as_printed() -> None:
    printed = facts("tabell_1")
    rows = [[row["area_as_printed"], cell(row["as_printed"])] for row in printed]
    parsed = parse_file(
        xlsx_bytes(
            [[TITLE], ["Tabell 1. Socioekonomisk sorteringsnyckel"], ["Kommun", "Nyckelvärde"], *rows, *NOTES]
        ),
        "oj.xlsx",
    )
    got = answers(parsed)
    assert parsed.unread == ()
    assert [(row["respondent_as_printed"], row["answer_as_printed"]) for row in got] == [
        (row["area_as_printed"], row["as_printed"]) for row in printed
    ]
    assert [row["value"] for row in got] == [
        float(row["nyckelvarde"]) if row["nyckelvarde"] else None for row in printed
    ]
    by_name = {row["respondent_name"]: row for row in got}
    assert by_name["Kungsbacka"]["value_status"] == "missing"
    assert by_name["Kungsbacka"]["footnote"] == "Uppgift saknas i Öppna jämförelser."
    assert by_name["Mölndal"]["geography_id"] == "1481"
    district = by_name["Göteborg, Socialförvaltning Nordost"]
    assert (district["respondent_type"], district["geography_id"], district["parent_geography_id"]) == (
        "district", None, "1480",
    )  # fmt: skip
    assert {(row["indicator_id"], row["version"], row["edition_year"]) for row in got} == {
        ("oj_sorteringsnyckel", 2, 2022)
    }


def test_every_count_of_the_answers_comes_out_as_printed() -> None:
    printed = [row for row in facts("tabell_2") if row["answer"] in ("ja", "nej")]
    by_question: dict[str, list[object]] = {}
    for row in printed:
        by_question.setdefault(row["question_sv"], []).append(cell(row["as_printed"]))
    rows = [[question, *counts] for question, counts in by_question.items()]
    parsed = parse_file(
        xlsx_bytes([[TITLE], ["Tabell 2. Kunskapsbaserad verksamhet"], ["Fråga", "Ja", "Nej"], *rows]),
        "oj.xlsx",
    )
    got = answers(parsed)
    assert parsed.unread == ()
    assert [
        (row["question"], row["answer"].lower(), row["answer_as_printed"], row["value"]) for row in got
    ] == [(row["question_sv"], row["answer"], row["as_printed"], float(row["count"])) for row in printed]
    assert got[0]["footnote"] == 'varav 1 svarar "delvis"'
    assert [row["indicator_id"] for row in got[::2]] == [
        "oj_utredningsmall", "oj_metod_freda", "oj_rutin_vald", "oj_metod_fia", "oj_uppfoljning_utvecklar",
        "oj_uppfoljning_kon", "oj_uppfoljning_kon_utvecklar",
    ]  # fmt: skip
    assert {row["row_kind"] for row in got} == {"count"}


def test_every_share_of_caseworkers_comes_out_as_printed_and_the_two_kinds_of_missing_differ() -> None:
    printed = facts("tabell_3")
    rows: dict[str, list[object]] = {}
    for row in printed:
        rows.setdefault(row["area_as_printed"], []).append(cell(row["as_printed"]))
    title = "Tabell 3. Andel handläggare med socionomexamen, procent"
    parsed = parse_file(
        xlsx_bytes(
            [
                [TITLE],
                [title],
                ["Kommun", "2020", "2021", "2022"],
                *([k, *v] for k, v in rows.items()),
                *NOTES,
            ]
        ),
        "oj.xlsx",
    )
    got = answers(parsed)
    assert parsed.unread == ()
    assert [
        (row["respondent_as_printed"], str(row["data_year"]), row["answer_as_printed"]) for row in got
    ] == [(row["area_as_printed"], row["year"], row["as_printed"]) for row in printed]
    assert [row["value"] for row in got] == [float(row["value"]) if row["value"] else None for row in printed]
    assert {row["value_status"] for row in got if row["answer_as_printed"] == "*"} == {"missing"}
    assert {row["value_status"] for row in got if row["answer_as_printed"] == "**"} == {"not_comparable"}
    country = [row for row in got if row["respondent_type"] == "country"]
    assert [(row["geography_id"], row["value"]) for row in country] == [
        ("0000", 70),
        ("0000", 68),
        ("0000", 74),
    ]
    assert {(row["edition_year"], row["indicator_id"]) for row in got} == {(2022, "oj_socionomexamen")}


HEADER = [
    "Kommunkod",
    "Kommun",
    "Finns aktuell rutin när vuxen utsatts för våld?",
    "Systematisk uppföljning med könsperspektiv för att utveckla verksamheten",
    "Arbetsmarknadsinsats erbjuds alla 18–24 år",
    "Väntetid för personligt nybesök",
    "Finns en egen fråga?",
]
ROWS = [
    ["0000", "Riket", None, None, None, None, None],
    ["01", "Stockholms län", "..", "-", "x", "X", "."],
    ["0114", "Upplands Väsby", "Ja", "Delvis", "Ja, men inte för alla", "Max 14 dagar", "Ja"],
    ["0180", "Stockholm", "Nej", "Uppgift saknas", "Ej aktuellt", "15 dagar eller mer", "Nej"],
    ["0180", "Stockholm Farsta", "Ja", "Nej", "Ja, för alla", "*", "Kanske"],
    ["1480", "Göteborg", 1, 2, 2, 1, 1],
]


def survey(rows: list[list[object]] = ROWS, header: list[str] = HEADER, year: int = 2020) -> bytes:
    return workbook_bytes(
        {
            "Läs mig": [["Kommun", "Detta är en text", "om filen"]],
            "Indikatorer": [["Indikator", "Beskrivning"], [HEADER[2], "Rutinen ska vara skriftlig."]],
            "Enkätdata": [[f"Öppna jämförelser {year} – ekonomiskt bistånd"], [], header, *rows],
        }
    )


def by_cell(parsed: ParsedOj) -> dict[tuple[str, str], tuple]:
    return {
        (row["respondent_id"], row["question_id"]): (
            row["answer"], row["answer_code"], row["harmonised_code"], row["value"], row["value_status"],
            row["answer_as_printed"], row["respondent_type"], row["version"],
        )
        for row in answers(parsed)
    }  # fmt: skip


def test_answers_in_words_and_in_codes_become_the_same_code() -> None:
    parsed = parse_file(survey(), "oj.xlsx")
    got = by_cell(parsed)
    assert got["0114", "oj_rutin_vald"] == ("Ja", 1, 2, None, "published", "Ja", "municipality", 1)
    assert got["1480", "oj_rutin_vald"] == ("Ja", 1, 2, None, "published", "1", "municipality", 1)
    assert got["0114", "oj_uppfoljning_kon_utvecklar"][:3] == ("Delvis", 1, 1)
    assert got["1480", "oj_uppfoljning_kon_utvecklar"][:3] == ("Ja", 2, 2)
    assert got["0114", "oj_arbetsmarknadsinsats_18_24"][:3] == ("Ja, men inte för alla", 1, 1)
    assert got["0114", "oj_vantetid_nybesok"][:3] == ("Max 14 dagar", 1, 2)
    assert got["0180", "oj_vantetid_nybesok"][:3] == ("15 dagar eller mer", 0, 0)
    assert got["0114", "finns_en_egen_fraga"][:3] == ("Ja", None, 2)
    assert got["0180:farsta", "finns_en_egen_fraga"][:3] == ("Kanske", None, None)
    assert got["0180:farsta", "oj_rutin_vald"][6] == "district"
    assert got["0180", "oj_rutin_vald"][0] == "Nej"
    assert parsed.unread == ()


def test_districts_below_their_municipality_belong_to_it_until_the_next_one() -> None:
    rows = [["Göteborg"], ["Centrum", "Ja"], ["Hisingen", "Nej"], ["Härryda", "Ja"], ["Knäpplinge", "Ja"]]
    got = answers(parse_file(survey(rows, ["Kommun", "AUDIT"]), "oj.xlsx"))
    assert [row["respondent_id"] for row in got] == [
        "1480",
        "1480:centrum",
        "1480:hisingen",
        "1401",
        "knapplinge",
    ]
    assert [row["value_status"] for row in got][:2] == ["missing", "published"]


def test_shares_of_a_county_and_the_country_are_no_answers_of_theirs() -> None:
    rows = [["Ale", "Ja"], ["Västra Götalands län", 45], ["Riket", 0.7], ["Alla kommuner (ovägt medel)", "x"]]
    got = answers(parse_file(survey(rows, ["Kommun", "AUDIT"]), "oj.xlsx"))
    assert [(row["respondent_id"], row["answer_code"], row["value"], row["unit"]) for row in got] == [
        ("1440", 1, None, None), ("lan:14", None, 45, "percent"), ("0000", None, 70, "percent"),
        ("ovagt_medel", None, None, None),
    ]  # fmt: skip


def test_the_years_of_a_header_in_two_merged_rows_are_data_years() -> None:
    content = workbook_bytes(
        {
            "A": [
                ["Öppna jämförelser 2024"],
                ["Kommun", "AUDIT", None, "DUDIT"],
                [None, "2023", "2024", "2024"],
                ["Ale", "Ja", 0, "-"],
            ]
        },
        merged={"A": ["A2:A3", "B2:C2"]},
    )
    got = answers(parse_file(content, "oj.xlsx"))
    assert [(row["edition_year"], row["data_year"], row["indicator_id"], row["answer"]) for row in got] == [
        (2024, 2023, "oj_metod_audit", "Ja"), (2024, 2024, "oj_metod_audit", "Nej"), (2024, 2024, "oj_metod_dudit", None),
    ]  # fmt: skip


def test_a_workbook_may_be_wide_but_not_without_end() -> None:
    header = ["Kommun", *(f"Fråga {number}" for number in range(300))]
    parsed = parse_file(survey([["Ale", *["Ja"] * 300]], header), "oj.xlsx")
    assert parsed.answers.num_rows == 300
    far = xlsx_bytes([["Kommun", "AUDIT"], ["Ale", "Ja"], *[[]] * 9_000, [*[None] * 9_000, "x"]])
    with pytest.raises(SourceFileError, match="orimligt stor"):
        parse_file(far, "oj-2022.xlsx")


def test_one_answer_a_row_and_a_column_of_districts() -> None:
    rows = [["Göteborg", "Centrum", "AUDIT", "Ja"], ["Göteborg", "-", "AUDIT", "Nej"]]
    got = answers(parse_file(survey(rows, ["Kommun", "Stadsdel", "Fråga", "Svar"]), "oj.xlsx"))
    assert [(row["respondent_id"], row["answer"]) for row in got] == [("1480:centrum", "Ja"), ("1480", "Nej")]


def test_each_mark_keeps_its_own_meaning() -> None:
    got = by_cell(parse_file(survey(), "oj.xlsx"))
    statuses = {
        (question, got[respondent, question][4])
        for respondent in ("lan:01", "0180")
        for question in (
            "oj_rutin_vald",
            "oj_uppfoljning_kon_utvecklar",
            "oj_arbetsmarknadsinsats_18_24",
            "finns_en_egen_fraga",
        )
    }
    assert ("finns_en_egen_fraga", "not_applicable") in statuses
    assert ("oj_arbetsmarknadsinsats_18_24", "suppressed") in statuses
    assert ("oj_arbetsmarknadsinsats_18_24", "not_applicable") in statuses
    assert ("oj_uppfoljning_kon_utvecklar", "missing") in statuses
    assert got["0000", "oj_rutin_vald"][4:6] == ("missing", "")


def test_a_coding_that_changed_starts_a_new_version() -> None:
    question = ["Kommun", HEADER[3]]
    before = by_cell(parse_file(survey([["Ale", 1]], question, 2017), "oj.xlsx"))
    after = by_cell(parse_file(survey([["Ale", 1]], question, 2018), "oj.xlsx"))
    assert before["1440", "oj_uppfoljning_kon_utvecklar"] == (
        "Ja",
        1,
        2,
        None,
        "published",
        "1",
        "municipality",
        1,
    )
    assert after["1440", "oj_uppfoljning_kon_utvecklar"] == (
        "Delvis",
        1,
        1,
        None,
        "published",
        "1",
        "municipality",
        2,
    )


def test_an_answer_outside_the_coding_is_kept_and_told() -> None:
    parsed = parse_file(survey([["Ale", "Delvis"], ["Kungälv", "Ja"]], ["Kommun", HEADER[2]]), "oj.xlsx")
    assert by_cell(parsed)["1440", "oj_rutin_vald"][:3] == ("Delvis", None, None)
    assert len(parsed.unread) == 1
    assert "bladet Enkätdata, rad 4" in parsed.unread[0]
    assert "ny version" in parsed.unread[0]


def test_the_key_had_ten_groups_until_2012() -> None:
    header = ["Kommun", "Socioekonomisk sorteringsnyckel"]
    old = parse_file(survey([["Ale", 10]], header, 2012), "oj.xlsx")
    new = parse_file(survey([["Ale", 10]], header, 2013), "oj.xlsx")
    assert (answers(old)[0]["version"], old.unread) == (1, ())
    assert answers(new)[0]["version"] == 2
    assert "utanför skalan 1–8" in new.unread[0]


def test_shares_written_as_fractions_are_read_as_per_cent() -> None:
    parsed = parse_file(survey([["Ale", 0.671], ["Kungälv", 1]], ["Kommun", "Socionomexamen"]), "oj.xlsx")
    assert [(row["value"], row["answer_as_printed"]) for row in answers(parsed)] == [
        (67.1, "0,671"),
        (100.0, "1"),
    ]


def test_descriptions_of_the_questions_are_kept() -> None:
    rows = parse_file(survey(), "oj.xlsx").questions.to_pylist()
    assert [(row["indicator_id"], row["description"]) for row in rows] == [
        ("oj_rutin_vald", "Rutinen ska vara skriftlig.")
    ]


@pytest.mark.parametrize(
    ("sheets", "name", "year"),
    [
        ({"A": [["Kommun", "AUDIT"], ["Ale", "Ja"]]}, "2024-6-9159-tables.xlsx", 2024),
        ({"A": [["Kommun", "AUDIT"], ["Ale", "Ja"]]}, "oppna-jamforelser-ekb-2019.xlsx", 2019),
        ({"Mer information": [["Publiceringsdatum", date(2023, 6, 20)]], "A": [["Kommun", "AUDIT"], ["Ale", "Ja"]]}, "x.xlsx", 2023),
        ({"A": [["Öppna jämförelser av ekonomiskt bistånd 2012"], ["Kommun", "AUDIT"], ["Ale", "Ja"]]}, "2019.xlsx", 2012),
    ],
)  # fmt: skip
def test_the_edition_is_read_where_it_stands(sheets: dict, name: str, year: int) -> None:
    assert {row["edition_year"] for row in answers(parse_file(workbook_bytes(sheets), name))} == {year}


FAULTS = {
    "edition": (xlsx_bytes([["Kommun", "AUDIT"], ["Ale", "Ja"]]), "oj.xlsx", "året står i namnet"),
    "no header": (xlsx_bytes([["Ale", 1, 2], ["Alingsås", 2, 3]]), "oj-2022.xlsx", "ingen rubrikrad med Kommun"),
    "two headers": (
        xlsx_bytes([["Kommun", "AUDIT"], ["DUDIT", "Kommun"], ["Ale", "Ja"]]), "oj-2022.xlsx", "både rad 1 och rad 2",
    ),
    "empty": (b"", "oj-2022.xlsx", "är tom"),
    "no cells": (xlsx_bytes([]), "oj-2022.xlsx", "är tom"),
    "page": (b"<!DOCTYPE html><html>", "oj-2022.xlsx", "webbsida"),
    "damaged": (survey()[:-200], "oj-2022.xlsx", "skadad zip-fil"),
    "protected": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"E" * 600, "oj-2022.xlsx", "lösenord"),
    "pdf": (b"%PDF-1.7", "oj-2022.pdf", "PDF"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_sentence_that_names_the_file_and_what_to_do(fault: str) -> None:
    content, name, words = FAULTS[fault]
    with pytest.raises(SourceFileError) as raised:
        parse_file(content, name)
    message = str(raised.value)
    assert words in message
    assert name in message or "oj.xlsx" in message
    assert message.endswith(".")


def test_a_column_that_stands_twice_is_told_and_not_chosen() -> None:
    parsed = parse_file(
        survey([["Ale", "Ja", "Nej", "Ja"]], ["Kommun", "AUDIT", "AUDIT", "DUDIT"]), "oj.xlsx"
    )
    assert [row["question_id"] for row in answers(parsed)] == ["oj_metod_dudit"]
    assert "'AUDIT' två gånger" in parsed.unread[0]


def test_a_respondent_that_nobody_knows_is_kept_and_told() -> None:
    parsed = parse_file(survey([["Ale", "Ja"], ["Knäpplinge", "Nej"]], ["Kommun", "AUDIT"]), "oj.xlsx")
    assert [row["respondent_type"] for row in answers(parsed)] == ["municipality", "unknown"]
    assert "'Knäpplinge'" in parsed.unread[0]


@settings(max_examples=60)
@given(
    order=st.permutations(range(len(HEADER))),
    blanks=st.lists(st.integers(0, len(ROWS)), max_size=4),
    notes=st.lists(
        st.sampled_from(["Källa: Öppna jämförelser", "Not. Avser januari.", "* Uppgift saknas."]), max_size=3
    ),
)
def test_the_order_of_columns_blank_rows_and_notes_changes_nothing(
    order: list[int], blanks: list[int], notes: list[str]
) -> None:
    rows = [[row[place] for place in order] for row in ROWS]
    for place in sorted(blanks, reverse=True):
        rows.insert(place, [])
    content = survey([*rows, *([note] for note in notes)], [HEADER[place] for place in order])
    parsed = parse_file(content, "oj.xlsx")
    assert by_cell(parsed) == by_cell(parse_file(survey(), "oj.xlsx"))
    assert parsed.unread == ()
