"""Exports that were misread once: a group in the title, a month, a count or a cell that is not understood."""

from __future__ import annotations

import io
import unicodedata
import zipfile

import pytest

from orchestration.sources.connector import Drifted
from orchestration.sources.kolada import missing, parse
from orchestration.sources.scb import parse as parse_scb
from orchestration.sources.socialstyrelsen import parse_file, saved_at
from orchestration.sources.tables.cells import read_month, read_value, stars_of, without_stars
from orchestration.sources.tables.grids import SourceFileError
from tests.fixtures.xlsx_files import workbook_bytes, xlsx_bytes

HEADER = ["År", "Månad", "Antal hushåll", "Utbetalt ekonomiskt bistånd tkr"]


def export(title: str, *rows: list[object]) -> bytes:
    return xlsx_bytes([[title, None, None, None], HEADER, *(rows or [["2024", "Januari", 1111, 11111]])])


def packed(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def told(content: bytes, name: str = "uttag.xlsx") -> list[tuple]:
    return [
        (row["indicator_id"], row["period"], row["breakdown"])
        for row in parse_file(content, name).figures.to_pylist()
    ]


@pytest.mark.parametrize(
    ("group", "breakdown"),
    [
        ("Kvinnor", "sex=K"),
        ("Män", "sex=M"),
        ("Utrikes födda", "origin=utrikes_fodda"),
        ("18-24 år", "age=18-24"),
        ("Par med barn", "household_type=par_med_barn"),
        ("Samtliga hushåll", "total"),
        ("Kön: Kvinnor", "sex=K"),
        ("Ålder 18–24 år", "age=18-24"),
    ],
)
def test_a_known_group_in_the_title_is_a_breakdown(group, breakdown):
    assert told(export(f"Ekonomiskt bistånd, Uppsala län, {group}")) == [
        ("households", "2024-01", breakdown),
        ("paid_sek", "2024-01", breakdown),
    ]


@pytest.mark.parametrize(
    "title",
    [
        "Ekonomiskt bistånd, Uppsala län, En av sökande/sambo utrikesfödd",
        "Ekonomiskt bistånd, Uppsala län, Flyktinghushåll",
        "Hushåll med barn, Uppsala län",
        "Ekonomiskt bistånd - ensamkommande unga, Uppsala län",
        "Ekonomiskt bistånd till unga vuxna, Uppsala län, 2024",
        "Ekonomiskt bistånd, Uppsala län: Båda sökande utrikesfödda",
        "Ekonomiskt bistånd, Uppsala län, 25+",
        "Ekonomiskt bistånd, Uppsala län, 16–19 år",
        "Försörjningsstöd, Uppsala län",
        "Kvinnor i Uppsala län",
    ],
)
def test_an_unknown_group_in_the_title_leaves_the_figures_without_indicator_and_is_told(title):
    parsed = parse_file(export(title), "uttag.xlsx")
    rows = parsed.figures.to_pylist()
    assert {row["indicator_id"] for row in rows} == {None}
    assert all(row["breakdown"] != "total" for row in rows)
    assert "begränsar tabellen till" in parsed.unread[0]


@pytest.mark.parametrize(
    "title",
    [
        "Ekonomiskt bistånd, Uppsala län",
        "Ekonomiskt bistånd 2024, Uppsala län",
        "Tabell 3. Antal hushåll och utbetalt ekonomiskt bistånd, Uppsala län, 2024",
        "Biståndshushåll och utbetalt belopp efter månad, Uppsala län",
        "Ekonomiskt bistånd – Uppsala län",
        "Ekonomiskt bistånd, Uppsala län, januari–december 2024",
        "Socialstyrelsens statistikdatabas: Ekonomiskt bistånd, månadsstatistik, Uppsala län, Period: 2024-01 – 2024-12",
    ],
)
def test_a_title_of_measure_area_and_time_is_the_total(title):
    assert told(export(title)) == [
        ("households", "2024-01", "total"),
        ("paid_sek", "2024-01", "total"),
    ]


@pytest.mark.parametrize(
    "title",
    [
        "Ekonomiskt bistånd (kvinnor), Uppsala län",
        "Ekonomiskt bistånd | Kvinnor | Uppsala län",
        "Ekonomiskt bistånd\nKvinnor\nUppsala län",
        "Ekonomiskt bistånd/Kvinnor/Uppsala län",
    ],
)
def test_the_parts_of_a_title_may_be_divided_in_any_way(title):
    assert told(export(title))[0] == ("households", "2024-01", "sex=K")


@pytest.mark.parametrize(
    ("line", "indicator", "breakdown"),
    [
        (["Kvinnor"], "households", "sex=K"),
        (["Kön: Kvinnor"], "households", "sex=K"),
        (["Kön", "Kvinnor"], "households", "sex=K"),
        (["En av sökande/sambo utrikesfödd"], None, "grupp=En av sökande/sambo utrikesfödd"),
        (["Flykting", "Ja"], None, "grupp=Flykting"),
        (["Uttaget 2026-01-01"], "households", "total"),
        (["Economic assistance, Uppsala county"], "households", "total"),
        (["Källa: Socialstyrelsen, registret över barn och unga"], "households", "total"),
    ],
)
def test_a_group_on_a_line_of_its_own_limits_as_in_the_title(line, indicator, breakdown):
    rows = [["Ekonomiskt bistånd, Uppsala län"], line, HEADER, ["2024", "Januari", 1111, 11111]]
    width = [[*row, *[None] * (4 - len(row))] for row in rows]
    assert told(xlsx_bytes(width))[0] == (indicator, "2024-01", breakdown)


def test_a_sheet_or_a_file_without_title_may_be_named_after_its_group():
    rows = [["Ekonomiskt bistånd, Uppsala län", None, None, None], HEADER, ["2024", "Januari", 1111, 11111]]
    sheets = workbook_bytes({"Kvinnor": rows, "Män": rows, "Flyktingar": rows})
    found = {(indicator, breakdown) for indicator, _, breakdown in told(sheets)}
    assert found == {
        ("households", "sex=K"), ("paid_sek", "sex=K"), ("households", "sex=M"), ("paid_sek", "sex=M"),
        (None, "grupp=Flyktingar"),
    }  # fmt: skip
    table = "Region;År;Antal hushåll\nFalun;2024;5\n".encode()
    assert told(table, "uttag.csv") == [("households", "2024", "total")]
    assert told(table, "uttag_kvinnor.csv") == [(None, "2024", "grupp=uttag kvinnor")]


def test_an_area_may_stand_on_a_line_of_its_own_or_name_the_sheet():
    row = ["2024", "Januari", 1111, 11111]
    line = [[text, None, None, None] for text in ("Ekonomiskt bistånd", "Uppsala län")]
    for content in (
        xlsx_bytes([*line, HEADER, row]),
        workbook_bytes({"Uppsala län": [line[0], HEADER, row]}),
        workbook_bytes({"Uppsala län": [HEADER, row]}),
    ):
        figures = parse_file(content, "uttag.xlsx").figures.to_pylist()
        assert {(one["geography_id"], one["breakdown"]) for one in figures} == {("lan:03", "total")}


@pytest.mark.parametrize(
    ("title", "indicator", "breakdown"),
    [
        ("Antal hushåll, Uppsala län", "households", "total"),
        ("Antal hushåll, kvinnor, Uppsala län", "households", "sex=K"),
        ("Antal hushåll, båda sökande utrikesfödda", None, "grupp=båda sökande utrikesfödda"),
    ],
)
def test_a_group_beside_a_measure_in_the_title_limits_columns_of_years(title, indicator, breakdown):
    content = xlsx_bytes([[title, None, None], ["Region", "2023", "2024"], ["Falun", 5, 6]])
    assert told(content) == [(indicator, "2023", breakdown), (indicator, "2024", breakdown)]


def test_a_month_that_is_not_understood_is_told_and_never_the_whole_year():
    text = "Ekonomiskt bistånd\nRegion;År;Månad;Antal hushåll\nFalun;2024;Sept;6\nFalun;2024;Sep-24;7\nFalun;2024;13;8\n"
    parsed = parse_file(text.encode("utf-8-sig"), "manad.csv")
    assert [(row["period"], row["value"]) for row in parsed.figures.to_pylist()] == [("2024-09", 6.0)]
    assert len(parsed.unread) == 2
    assert "'Sep-24'" in parsed.unread[0]


def test_a_blank_month_is_told_and_only_a_word_for_the_whole_is_the_year():
    text = "Ekonomiskt bistånd\nRegion;År;Månad;Antal hushåll\nFalun;2024;;5\nFalun;2024;Hela året;6\n"
    parsed = parse_file(text.encode(), "manad.csv")
    assert [(row["period"], row["value"]) for row in parsed.figures.to_pylist()] == [("2024", 6.0)]
    assert "rad 3" in parsed.unread[0]


def test_a_header_among_months_that_is_no_month_is_told():
    text = "Antal hushåll\nRegion;År;Januari;Februari;Sep-24;Totalt\nFalun;2024;1;2;3;9\n"
    parsed = parse_file(text.encode(), "manad.csv")
    assert [(row["indicator_id"], row["period"], row["value"]) for row in parsed.figures.to_pylist()] == [
        ("households", "2024-01", 1.0), ("households", "2024-02", 2.0), ("households", "2024", 9.0),
    ]  # fmt: skip
    assert "'Sep-24'" in parsed.unread[0]


def bulk(rows: str) -> bytes:
    return packed(**{
        "ekonomiskt bistånd - data - hushåll.csv": f"Mått;År;Månad;Region;Värde\n{rows}".encode(),
        "ekonomiskt bistånd - Mått.csv": b"kod;text\n1;Antal hush\xc3\xa5ll\n2;Utbetalt belopp, tkr\n",
        "ekonomiskt bistånd - Månad.csv": "kod;text\n0;Hela året\n14;Kvartal 2\n".encode(),
    })  # fmt: skip


def test_the_bulk_file_has_no_year_for_a_month_and_no_count_with_decimals():
    rows = "1;2024;1;00;5\n1;2024;0;00;9\n1;2024;14;00;7\n1;2024;;00;8\n1;2024;2;00;1.234\n2;2024;3;00;1.234\n2;2024;4;00;5,5\n"
    parsed = parse_file(bulk(rows), "bulk.zip")
    assert [(row["period"], row["value"]) for row in parsed.figures.to_pylist()] == [
        ("2024-01", 5.0), ("2024", 9.0), ("2024-04", 5.5),
    ]  # fmt: skip
    assert "har 2 rader ett antal eller belopp med decimaler" in parsed.unread[0]
    assert "kunde 2 rader inte läsas" in parsed.unread[1]


@pytest.mark.parametrize("word", ["jan", "Jan.", "janua", "JANUARI"])
def test_a_month_is_known_by_its_first_letters(word):
    assert read_month(word) == 1


def test_a_count_with_decimals_is_told_and_an_amount_with_decimals_is_read():
    text = (
        "Ekonomiskt bistånd\nRegion;År;Antal hushåll;Utbetalt tkr\nFalun;2024;1.234;5,5\nBorlänge;2024;12;7\n"
    )
    parsed = parse_file(text.encode(), "antal.csv")
    got = {(row["geography_id"], row["indicator_id"]): row["value"] for row in parsed.figures.to_pylist()}
    assert got == {("2080", "paid_sek"): 5.5, ("2081", "households"): 12, ("2081", "paid_sek"): 7}
    assert "'1.234': ett antal med decimaler" in parsed.unread[0]


def test_an_amount_with_a_point_and_three_decimals_is_told():
    text = "Ekonomiskt bistånd\nRegion;År;Utbetalt tkr\nFalun;2024;1.234\nBorlänge;2024;1234,567\n"
    parsed = parse_file(text.encode(), "belopp.csv")
    assert [row["value"] for row in parsed.figures.to_pylist()] == [1234.567]
    assert "'1.234': ett belopp med decimaler" in parsed.unread[0]


def test_a_word_divided_over_two_lines_is_one_word():
    for header in ("Antal hus-\nhåll", "Antal hus\u00adhåll", "Antal\r\nhushåll"):
        text = f'"Ekonomiskt bistånd"\n"Region";"År";"{header}"\n"Falun";"2024";"5"\n'
        assert told(text.encode(), "rubrik.csv") == [("households", "2024", "total")]
    for header in ("Kommun\nkod", "Kommun-\nkod", "Region\nkod"):
        text = f'"Ekonomiskt bistånd"\n"{header}";"År";"Antal hushåll"\n"2080";"2024";"5"\n'
        areas = [row["geography_id"] for row in parse_file(text.encode(), "kod.csv").figures.to_pylist()]
        assert areas == ["2080"]


def test_a_header_over_two_lines_is_one_and_a_translation_below_it_is_none():
    for header in ("Antal\nhushåll", "Antal hushåll\nNumber of households"):
        text = f'"Ekonomiskt bistånd"\n"Region";"År";"{header}"\n"Falun";"2024";"5"\n'
        assert told(text.encode(), "rubrik.csv") == [("households", "2024", "total")]


def test_letters_in_two_pieces_are_the_same_letters():
    text = "Ekonomiskt bistånd\nRegion;År;Antal hushåll\nÖrebro;2024;5\n"
    plain = parse_file(text.encode(), "a.csv").figures
    apart = parse_file(unicodedata.normalize("NFD", text).encode(), "a.csv").figures
    assert apart == plain


@pytest.mark.parametrize(
    "cell", ['<c r="C4" t="e"><f>1/0</f><v>#DIV/0!</v></c>', '<c r="C4"><f>A1+B1</f></c>']
)
def test_a_cell_without_a_value_is_told(cell):
    rows = [
        ["Ekonomiskt bistånd", None, None],
        ["Region", "År", "Antal hushåll"],
        ["Falun", "2024", 5],
        ["Borlänge", "2024", 77],
    ]
    content = with_cell(xlsx_bytes(rows), "C4", cell)
    parsed = parse_file(content, "felcell.xlsx")
    assert [row["value"] for row in parsed.figures.to_pylist()] == [5.0]
    assert "rad 4" in parsed.unread[0]


def with_cell(book: bytes, place: str, cell: str) -> bytes:
    """The workbook with another cell in its first sheet."""
    import re

    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as before,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            text = before.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                text, count = re.subn(f'<c r="{place}".*?</c>', cell, text)
                assert count == 1
            after.writestr(name, text)
    return made.getvalue()


def test_a_zip_that_unpacks_beyond_reason_is_refused_before_it_is_unpacked():
    with pytest.raises(SourceFileError, match="orimligt stor"):
        parse_file(packed(**{"a.csv": b"1" * 40_000_000}), "bomb.zip")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(
            packed(**{f"{n}.csv": b"1" * 4_000_000 for n in range(10)}), "orimligt stor", id="many small"
        ),
        pytest.param(packed(**{"a.csv": packed(**{"b.csv": b"1"})}), "zip-fil i en zip-fil", id="nested"),
        pytest.param(b"1;" * 2_000_000, "orimligt lång", id="one line"),
        pytest.param(b"1;" * 20_000 + b"\n", "orimligt stor", id="wide"),
        pytest.param(b"1;" * 2_000 + b"\n" + b"1\n" * 6_000, "orimligt stor", id="filled out"),
    ],
)
def test_what_would_take_all_memory_is_refused(content, words):
    with pytest.raises(SourceFileError, match=words):
        parse_file(content, "bomb.zip" if content.startswith(b"PK") else "bomb.csv")


def test_a_zip_that_holds_more_than_it_says_is_refused():
    content = bytearray(packed(**{"a.csv": b"1" * 4_000_000}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.find(mark) + place
        content[start : start + 4] = (100).to_bytes(4, "little")
    with pytest.raises(SourceFileError, match="skadad zip-fil"):
        parse_file(bytes(content), "bomb.zip")


def test_the_files_of_a_zip_keep_their_own_names_and_dates():
    text = "Ekonomiskt bistånd\nRegion;År;Antal hushåll\nFalun;2024;{}\n"
    properties = b"<cp><dcterms:modified>2026-03-01T08:30:00Z</dcterms:modified></cp>"
    book = io.BytesIO(export("Ekonomiskt bistånd, Uppsala län"))
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr("docProps/core.xml", properties)
    content = packed(**{
        "ny/uttag.csv": text.format(5).encode(), "gammal/uttag.csv": text.format(4).encode(),
        "bok.xlsx": book.getvalue(), "trasig.csv": b"\0",
    })  # fmt: skip
    parsed = parse_file(content, "allt.zip")
    found = {(row["file_name"], row["saved_at"]): row["value"] for row in parsed.figures.to_pylist()}
    assert found == {
        ("allt.zip/ny - uttag.csv", None): 5.0, ("allt.zip/gammal - uttag.csv", None): 4.0,
        ("allt.zip/bok.xlsx", "2026-03-01T08:30:00"): 11111.0,
    }  # fmt: skip
    assert "trasig.csv" in parsed.unread[0]


def test_what_a_mac_leaves_in_a_zip_is_no_table():
    content = packed(**{"a.xlsx": export("Ekonomiskt bistånd, Uppsala län"), "__MACOSX/._a.xlsx": b"mac"})
    assert len(told(content, "mac.zip")) == 2


@pytest.mark.parametrize(
    ("text", "plain", "stars"),
    [
        ("RIKET*, **", "RIKET", {"*", "**"}),
        ("hushåll1)2)", "hushåll", {"1)", "2)"}),
        ("Riket 1) 2)", "Riket", {"1)", "2)"}),
        ("Falun²³", "Falun", {"²", "³"}),
    ],
)
def test_several_footnotes_on_one_text(text, plain, stars):
    assert without_stars(text) == plain
    assert stars_of(text) == stars


def test_several_footnotes_on_one_figure():
    for text in ("123*,**", "123 1) 2)", "123 *"):
        assert read_value(text).value == 123
    assert stars_of(read_value("123*,**").stars) == {"*", "**"}


def test_when_a_workbook_was_saved_is_read_from_its_properties():
    properties = (
        b'<cp><dcterms:modified xsi:type="dcterms:W3CDTF">2026-03-01T08:30:00Z</dcterms:modified></cp>'
    )
    assert saved_at(packed(**{"docProps/core.xml": properties})) == "2026-03-01T08:30:00"
    assert saved_at(b"text") is None


@pytest.mark.parametrize(
    ("dataset", "body", "field"),
    [
        ("municipality_groups", b'{"values": [{"id": "G1", "title": "Tom", "members": null}]}', "members"),
        ("municipality_groups", b'{"values": [{"id": "G1", "title": "Tom", "members": [7]}]}', "members"),
        ("values", b'{"values": [{"kpi": "N1", "municipality": "0180", "period": 2024, "values": null}]}', "values"),
        ("values", b'{"values": [{"kpi": "N1", "municipality": "0180", "period": 2024, '
                   b'"values": [{"gender": "T", "value": 1, "count": "x"}]}]}', "count"),
        ("values", b'{"values": [{"kpi": "N1", "municipality": "0180", "period": 2024, '
                   b'"values": [{"gender": "T", "value": 1, "count": 3000000000}]}]}', "count"),
        ("values", b'{"values": [{"kpi": "N1", "municipality": "0180", "period": 2024, '
                   b'"values": [{"gender": "T", "value": 1, "isdeleted": "false"}]}]}', "isdeleted"),
        ("kpis", b'{"values": [{"id": "N1", "title": "Ett", "is_divided_by_gender": null}]}', "is_divided_by_gender"),
        ("kpis", b'{"values": [{"id": "N1", "title": "Ett", "is_divided_by_gender": 1, "description": 7}]}', "description"),
        ("municipalities", b'{"values": [{"id": "0180", "title": "Stockholm", "type": []}]}', "type"),
        ("municipality_groups", b'{"values": [{"id": "G175905", "title": "Similar municipalities, Ale, 2023", '
                                b'"members": []}]}', "title är på engelska"),
    ],
)  # fmt: skip
def test_a_field_of_another_shape_is_named(dataset, body, field):
    with pytest.raises(Drifted, match=f"kolumnen {field}"):
        parse(dataset, body, "http://127.0.0.1/data/kpi/N1/year/2024")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_json_number_is_refused(number):
    body = b'{"values": [{"kpi": "N1", "municipality": "0180", "period": 2024, "values": [{"gender": "T", "value": %s}]}]}'
    with pytest.raises(Exception, match="felaktig JSON"):
        parse("values", body % number.encode(), "http://127.0.0.1/data/kpi/N1/year/2024")


def test_a_kpi_that_has_gone_from_the_catalogue_is_told():
    body = b'{"values": [{"id": "N1", "title": "Ett", "is_divided_by_gender": 1}]}'
    tables = parse("kpis", body, "http://127.0.0.1/kpi/N1,N2")
    assert missing("kpis", tables) == ["Nyckeltalet N2 finns inte i Koladas katalog."]


def test_an_answer_in_english_is_refused():
    body = (
        b'{"id": ["Region", "Tid"], "size": [1, 1], "value": [5], "dimension": '
        b'{"Region": {"label": "region", "category": {"index": {"0180": 0}}}, '
        b'"Tid": {"label": "year", "category": {"index": {"2024": 0}}}}}'
    )
    with pytest.raises(Drifted, match="engelska"):
        parse_scb("population", body, "http://127.0.0.1/data")
    assert parse_scb("population", body.replace(b"year", "år".encode()), "http://127.0.0.1/data")
