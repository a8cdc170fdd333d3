"""Socialstyrelsen's published files: each layout, each mark, each fault."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.sources.socialstyrelsen import ParsedFile, parse_file
from orchestration.sources.tables.grids import SourceFileError
from tests.fixtures.socialstyrelsen_files import (
    CSV_EXPORT,
    FOOTER,
    NATIONAL,
    bulk_zip,
    month_export,
    wide_export,
    year_rows,
    year_workbook,
)
from tests.fixtures.xlsx_files import workbook_bytes, xlsx_bytes


def cells(parsed: ParsedFile) -> dict[tuple, tuple]:
    """(area, period, measure's indicator or own words, breakdown) → (value, status, as printed)."""
    return {
        (row["geography_id"] or row["area_as_printed"], row["period"], row["indicator_id"] or row["measure"], row["breakdown"]): (
            row["value"], row["value_status"], row["value_as_printed"],
        )
        for row in parsed.figures.to_pylist()
    }  # fmt: skip


def test_the_monthly_tools_long_export() -> None:
    parsed = parse_file(month_export(), "dalarna.xlsx")
    assert cells(parsed) == {
        ("lan:20", "2024-01", "households", "total"): (2345, "published", "2345"),
        ("lan:20", "2024-01", "paid_sek", "total"): (23456.5, "published", "23456,5"),
        ("lan:20", "2024-02", "households", "total"): (2301, "published", "2301"),
        ("lan:20", "2024-02", "paid_sek", "total"): (22987, "published", "22987"),
        ("lan:20", "2024-03", "households", "total"): (None, "missing", "--"),
        ("lan:20", "2024-03", "paid_sek", "total"): (None, "missing", "--"),
    }
    rows = parsed.figures.to_pylist()
    assert {row["layout"] for row in rows} == {"month_tool"}
    assert {row["unit"] for row in rows if row["indicator_id"] == "paid_sek"} == {"tkr"}
    assert {row["area_basis"] for row in rows} == {"title"}
    assert parsed.unread == ()


def test_the_monthly_tools_wide_export() -> None:
    got = cells(parse_file(wide_export(), "manader.xlsx"))
    assert len(got) == 24
    assert got["0000", "2024-12", "households", "total"] == (70012, "published", "70012")
    assert got["lan:01", "2024-12", "households", "total"] == (None, "missing", "..")
    assert not any("Källa" in area for area, *_ in got)


def test_the_csv_export_with_two_header_rows_and_blanks_in_its_numbers() -> None:
    got = cells(parse_file(CSV_EXPORT, "export.csv"))
    assert got == {
        ("0000", "2023-11", "paid_sek", "total"): (1000123, "published", "1 000 123"),
        ("0000", "2023-12", "paid_sek", "total"): (None, "missing", ""),
        ("0000", "2024-01", "paid_sek", "total"): (900456.5, "published", "900 456,5"),
        ("0180", "2023-11", "paid_sek", "total"): (12.5, "published", "12,5"),
        ("0180", "2023-12", "paid_sek", "total"): (None, "suppressed", "x"),
        ("0180", "2024-01", "paid_sek", "total"): (None, "missing", ".."),
    }


def test_the_national_figures_of_the_yearly_workbook() -> None:
    parsed = parse_file(year_workbook(), "2025-6-9700-tables.xlsx")
    rows = [row for row in parsed.figures.to_pylist() if row["sheet"] == "Tabell 1"]
    assert {(row["period"], row["indicator_id"], row["value"]) for row in rows} == {
        figure
        for year, (households, tkr) in NATIONAL.items()
        for figure in ((str(year), "households", households), (str(year), "paid_sek", tkr))
    }
    assert {(row["geography_id"], row["area_basis"]) for row in rows} == {("0000", "whole_country")}
    assert {(row["published_date"], row["article_number"]) for row in rows} == {("2025-06-18", "2025-6-9700")}
    assert parsed.unread == ()


def test_a_header_of_two_merged_rows_and_the_marks_on_labels_and_years() -> None:
    parsed = parse_file(year_workbook(), "2025-6-9700-tables.xlsx")
    rows = [row for row in parsed.figures.to_pylist() if row["sheet"] == "Tabell 2"]
    by_key = {(row["geography_id"], row["period"], row["indicator_id"]): row for row in rows}
    assert len(rows) == len(by_key) == 20
    assert by_key["lan:19", "2022", "paid_sek"]["value"] == 362221
    kungsor = by_key["1960", "2022", "paid_sek"]
    assert (kungsor["value_status"], kungsor["footnote"]) == (
        "missing",
        "2022: Kungsör har inte rapporterat.",
    )
    assert by_key["1960", "2023", "households"]["footnote"] == "Preliminära uppgifter."
    assert by_key["1980", "2022", "households"]["footnote"] is None
    assert by_key["0000", "2022", "households"]["area_as_printed"] == "RIKET"
    assert by_key["1984", "2022", "households"]["value_status"] == "suppressed"
    assert "Not. Avser hushåll" in by_key["1980", "2022", "households"]["table_note"]


def test_the_bulk_zip_is_read_by_its_header_and_code_lists() -> None:
    parsed = parse_file(bulk_zip(), "statistikdatabasen-ekonomiskt bistand.zip")
    assert cells(parsed) == {
        ("0000", "2022", "households", "total"): (160630, "published", "160630"),
        ("0000", "2022", "paid_sek", "total"): (10765475, "published", "10765475"),
        ("0114", "2022", "households", "household_type=ensamstaende_man_utan_barn"): (12, "published", "12"),
        ("0114", "2022", "paid_sek", "sex=K"): (1234.5, "published", "1234,5"),
        ("0980", "2022", "households", "total"): (None, "missing", ".."),
        ("lan:01", "2022", "Antal hushåll", "household_type=Något nytt"): (7, "published", "7"),
        ("lan:01", "2022", "households", "total"): (None, "suppressed", "x"),
    }
    assert parsed.figures["area_as_printed"].to_pylist()[2] == "Upplands Väsby"


def test_the_bulk_zip_with_months_and_columns_in_another_order() -> None:
    data = "Värde;Månad;Region;År;Mått\n5;3;0;2024;1\nhej;4;0;2024;1\n"
    parsed = parse_file(bulk_zip(data), "bulk.zip")
    assert cells(parsed) == {("0000", "2024-03", "households", "total"): (5, "published", "5")}
    assert "1 rader inte läsas" in parsed.unread[0]


def test_the_yearly_tools_export_with_its_choices_above_the_table() -> None:
    content = xlsx_bytes(
        [
            ["Mått", "Antal biståndsmottagare"],
            ["Ålder", "20-24 år"],
            ["Region", "Kön", "2021", "2022"],
            ["0180 Stockholm", "Kvinnor", 100, 90],
            ["0180 Stockholm", "Båda könen", 210, "x"],
        ]
    )
    got = cells(parse_file(content, "ar.xlsx"))
    assert got == {
        ("0180", "2021", "recipients", "sex=K;age=20-24"): (100, "published", "100"),
        ("0180", "2022", "recipients", "sex=K;age=20-24"): (90, "published", "90"),
        ("0180", "2021", "recipients", "age=20-24"): (210, "published", "210"),
        ("0180", "2022", "recipients", "age=20-24"): (None, "suppressed", "x"),
    }


def test_two_tables_under_each_other_and_a_header_printed_twice() -> None:
    content = xlsx_bytes(
        [
            ["Antal hushåll 2023"], ["Region", "Antal hushåll"], ["Ale", 1], ["Region", "Antal hushåll"], ["Kungälv", 2],
            ["Källa: Socialstyrelsen"], [], ["Antal hushåll 2022"], ["Region", "Antal hushåll"], ["Ale", 3],
        ]
    )  # fmt: skip
    got = cells(parse_file(content, "a.xlsx"))
    assert {key[:2]: value[0] for key, value in got.items()} == {
        ("1440", "2023"): 1,
        ("1482", "2023"): 2,
        ("1440", "2022"): 3,
    }


def test_names_that_differ_only_in_a_ring_are_two_municipalities_and_an_old_code_is_todays() -> None:
    content = xlsx_bytes([["Antal hushåll"], ["Kommun", "2023"], ["Habo", 1], ["Håbo", 2], ["1917", 3]])
    got = cells(parse_file(content, "a.xlsx"))
    assert {key[0]: value[0] for key, value in got.items()} == {"0643": 1, "0305": 2, "0331": 3}


def test_antal_and_andel_alone_take_their_measure_from_the_title_and_stay_two() -> None:
    content = xlsx_bytes(
        [
            ["Tabell 9. Försörjningshinder för vuxna biståndsmottagare 2023"],
            ["Försörjningshinder", "Antal", "Andel (%)"],
            ["Arbetslös", 100, 42.5],
        ]
    )
    rows = parse_file(content, "a.xlsx").figures.to_pylist()
    assert [(row["unit"], row["value"], row["breakdown"]) for row in rows] == [
        ("persons", 100, "reason=arbetslos"), ("percent", 42.5, "reason=arbetslos"),
    ]  # fmt: skip


def test_a_measure_from_the_title_is_the_same_from_one_edition_to_the_next() -> None:
    first, second = (
        parse_file(
            xlsx_bytes([[f"Tabell {number}. Antal biståndshushåll efter hushållstyp {years}"], ["Hushållstyp", "2022"],
                        ["Ensamstående män utan barn", 5]]),
            "a.xlsx",
        ).figures.to_pylist()[0]
        for number, years in ((4, "2014–2023"), (5, "2015-2024"))
    )  # fmt: skip
    assert first == second | {"table_title": first["table_title"]}
    assert (first["indicator_id"], first["breakdown"]) == (
        "households",
        "household_type=ensamstaende_man_utan_barn",
    )


def test_areas_may_stand_in_the_columns_and_footnotes_be_numbered() -> None:
    content = xlsx_bytes(
        [
            ["Antal hushåll1)"],
            ["År", "Riket", "Dalarnas län 2)", "Avesta"],
            ["2023¹", 1, 2, 3],
            ["1) Alla."],
            ["2) Utan Mora."],
        ]
    )
    rows = parse_file(content, "a.xlsx").figures.to_pylist()
    assert [(row["geography_id"], row["period"], row["footnote"]) for row in rows] == [
        ("0000", "2023", "Alla."), ("lan:20", "2023", "Alla. Utan Mora."), ("2084", "2023", "Alla."),
    ]  # fmt: skip


def test_a_figure_for_a_group_is_never_taken_for_the_whole() -> None:
    content = xlsx_bytes(
        [
            ["Biståndshushåll med barn 2023"],
            ["Region", "Antal hushåll", "Antal hushåll med långvarigt bistånd"],
            ["Ale", 1, 2],
        ]
    )
    rows = parse_file(content, "a.xlsx").figures.to_pylist()
    assert [row["indicator_id"] for row in rows] == [None, None]


def workbook(**changes: object) -> bytes:
    sheets = {
        "Mer information": [["Artikelnummer", "2025-6-9700"], ["Publiceringsdatum", date(2025, 6, 18)]],
        "Tabell 1": year_rows([["Region", "2023"]], [["Ale", 12], ["Kungälv", 30]]),
    }
    return workbook_bytes({**sheets, **changes})  # type: ignore[arg-type]


FAULTS = {
    "empty": (b"", "a.xlsx", "är tom"),
    "no rows": (xlsx_bytes([["Antal hushåll"], ["Region", "2023"]]), "a.xlsx", "ingen tabell"),
    "no header": (xlsx_bytes([["Ale", 1, 2], ["Kungälv", 2, 3]]), "a.xlsx", "ingen rubrikrad"),
    "two headers": (
        xlsx_bytes([["Region", "År", "Antal hushåll"], ["År", "Region", "Antal hushåll"], ["2023", "Ale", 1]]),
        "a.xlsx", "både rad 1 och rad 2",
    ),
    "no year": (xlsx_bytes([["Hushåll"], ["Region", "Antal hushåll"], ["Ale", 1]]), "a.xlsx", "saknas året"),
    "page": (b"<html><body>", "a.xls", "webbsida"),
    "pdf": (b"%PDF-1.7", "a.pdf", "PDF"),
    "bytes": (bytes(range(256)) * 3, "a.csv", "varken text"),
    "damaged": (year_workbook()[:-300], "a.xlsx", "skadad zip-fil"),
    "protected": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"E" * 600, "a.xlsx", "lösenord"),
    "bulk without values": (bulk_zip("Mått;År;Region;Tal\n1;2022;0;5\n"), "b.zip", "ingen kolumn med värden"),
    "bulk without years": (bulk_zip("Mått;Region;Värde\n1;0;5\n"), "b.zip", "ingen kolumn med år"),
    "bulk with a column twice": (bulk_zip("Mått;År;År;Värde\n1;2022;2022;5\n"), "b.zip", "två gånger"),
    "bulk with a broken row": (bulk_zip("Mått;År;Region;Värde\n1;2022;0\n"), "b.zip", "fler eller färre fält"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_sentence_that_names_the_file_and_what_to_do(fault: str) -> None:
    content, name, words = FAULTS[fault]
    with pytest.raises(SourceFileError) as raised:
        parse_file(content, name)
    message = str(raised.value)
    assert words in message
    assert name in message
    assert ";" in message
    assert message.endswith(".")


def test_a_sheet_that_the_contents_name_and_that_is_gone_is_told() -> None:
    content = workbook(Innehållsförteckning=[["Tabell 1. Hushåll"], ["Tabell 2. Personer"]])
    parsed = parse_file(content, "a.xlsx")
    assert parsed.figures.num_rows == 2
    assert parsed.unread == (
        "Filen a.xlsx saknar bladet Tabell 2, som innehållsförteckningen nämner; hämta den igen från källan och lägg in den på nytt.",
    )


def test_a_renamed_column_of_areas_is_known_by_what_it_holds() -> None:
    content = workbook(
        **{"Tabell 1": year_rows([["Plats", "2022", "2023"]], [["Ale", 12, 13], ["Kungälv", 30, 31]])}
    )
    assert {key[0] for key in cells(parse_file(content, "a.xlsx"))} == {"1440", "1482"}


def test_a_cell_that_is_neither_figure_nor_mark_is_told_with_its_place() -> None:
    content = workbook(
        **{"Tabell 1": year_rows([["Region", "2023"]], [["Ale", 12], ["Kungälv", "tolv"], ["Lerum", 5]])}
    )
    parsed = parse_file(content, "a.xlsx")
    assert {key[0] for key in cells(parsed)} == {"1440", "1441"}
    assert "bladet Tabell 1, rad 6, kolumnen 2023, står 'tolv'" in parsed.unread[0]


def test_an_area_that_nobody_knows_is_kept_without_indicator_and_told() -> None:
    content = workbook(**{"Tabell 1": year_rows([["Region", "2023"]], [["Ale", 12], ["Knäpplinge", 3]])})
    parsed = parse_file(content, "a.xlsx")
    rows = parsed.figures.to_pylist()
    assert [(row["geography_id"], row["area_as_printed"]) for row in rows] == [
        ("1440", "Ale"),
        (None, "Knäpplinge"),
    ]
    assert rows[1]["indicator_id"] is None
    assert "'Knäpplinge'" in parsed.unread[0]


def test_the_same_cell_printed_twice_with_two_values_is_told() -> None:
    content = workbook(**{"Tabell 1": year_rows([["Region", "2023"]], [["Ale", 12], ["Ale", 13]])})
    parsed = parse_file(content, "a.xlsx")
    assert (
        cells(parsed)[
            "1440",
            "2023",
            "Antal biståndshushåll och utbetalt ekonomiskt bistånd",
            "total",
        ][0]
        == 12
    )
    assert "två gånger med olika värden" in parsed.unread[0]


HEADER = [
    "Region",
    "Kön",
    "Antal biståndsmottagare 2022",
    "Antal biståndsmottagare 2023",
    "Utbetalt ekonomiskt bistånd 2023, tkr",
]
ROWS = [
    ["Riket*", "Kvinnor", 97000, 96000, "-"],
    ["Riket*", "Totalt", 300000, "..", 10765475],
    ["Stockholms län", "Män", 5, "x", 12.5],
    ["Ale", "Totalt", None, 7, "--"],
]


@settings(max_examples=60)
@given(
    order=st.permutations(range(len(HEADER))),
    rows=st.permutations(range(len(ROWS))),
    blanks=st.lists(st.integers(0, len(ROWS)), max_size=4),
    notes=st.lists(st.sampled_from([row[0] for row in FOOTER]), max_size=4),
)
def test_the_order_of_columns_and_rows_blank_rows_and_notes_changes_nothing(
    order: list[int], rows: list[int], blanks: list[int], notes: list[str]
) -> None:
    body: list[list[object]] = [[ROWS[row][place] for place in order] for row in rows]
    for place in sorted(blanks, reverse=True):
        body.insert(place, [])
    content = xlsx_bytes(
        [["Ekonomiskt bistånd"], [HEADER[place] for place in order], *body, *([note] for note in notes)]
    )
    expected = cells(parse_file(xlsx_bytes([["Ekonomiskt bistånd"], HEADER, *ROWS]), "a.xlsx"))
    assert len(expected) == 12
    parsed = parse_file(content, "a.xlsx")
    assert cells(parsed) == expected
    assert parsed.unread == ()
