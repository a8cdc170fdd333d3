"""Exports that were misread once: a group in the title, a month, a count or a cell that is not understood."""

from __future__ import annotations

import io
import unicodedata
import zipfile

import pytest

from orchestration.sources import Drifted
from orchestration.sources.cells import read_month, read_value, stars_of, without_stars
from orchestration.sources.grids import SourceFileError
from orchestration.sources.kolada import missing, parse
from orchestration.sources.scb import parse as parse_scb
from orchestration.sources.socialstyrelsen import parse_file, saved_at
from tests.fixtures.xlsx_files import xlsx_bytes

HEADER = ["År", "Månad", "Antal hushåll", "Utbetalt ekonomiskt bistånd tkr"]


def export(title: str, *rows: list[object]) -> bytes:
    return xlsx_bytes([[title, None, None, None], HEADER, *(rows or [["2024", "Januari", 1111, 11111]])])


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
    ],
)
def test_a_title_of_measure_area_and_time_is_the_total(title):
    assert told(export(title)) == [
        ("households", "2024-01", "total"),
        ("paid_sek", "2024-01", "total"),
    ]


def test_a_month_that_is_not_understood_is_told_and_never_the_whole_year():
    text = "Ekonomiskt bistånd\nRegion;År;Månad;Antal hushåll\nFalun;2024;Sept;6\nFalun;2024;Sep-24;7\nFalun;2024;13;8\n"
    parsed = parse_file(text.encode("utf-8-sig"), "manad.csv")
    assert [(row["period"], row["value"]) for row in parsed.figures.to_pylist()] == [("2024-09", 6.0)]
    assert len(parsed.unread) == 2
    assert "'Sep-24'" in parsed.unread[0]


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


def packed(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def test_a_zip_that_unpacks_beyond_reason_is_refused_before_it_is_unpacked():
    with pytest.raises(SourceFileError, match="orimligt stor"):
        parse_file(packed(**{"a.csv": b"1" * 40_000_000}), "bomb.zip")


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
    ],
)  # fmt: skip
def test_a_field_of_another_shape_is_named(dataset, body, field):
    with pytest.raises(Drifted, match=f"kolumnen {field}"):
        parse(dataset, body, "http://127.0.0.1/data/kpi/N1/year/2024")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
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
