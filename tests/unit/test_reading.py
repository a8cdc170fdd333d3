"""Files as they come: encodings, delimiters, line ends, quotes, gzip, Parquet types. No row is lost, no zero either."""

from __future__ import annotations

import gzip
import io
import struct
import time
import tracemalloc
import unicodedata
import zipfile
import zlib
from datetime import date, datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.intake import reading
from orchestration.intake.files import text_lines
from orchestration.intake.rules import judging
from orchestration.settings import load_settings
from tests.fixtures.register_files import COLUMNS, csv_text, row, rows
from tests.fixtures.xlsx_files import xlsx_bytes


@pytest.fixture
def connection():
    connection = duckdb.connect()
    judging.prepare(connection, load_settings(), date(2026, 1, 1))
    return connection


def read(connection, path, sql="file_row, is_whole, hushalls_id, distrikt") -> list[tuple]:
    staged = reading.stage_file(connection, path)
    found = connection.execute(f"select {sql} from raw_rows order by file_row").fetchall()
    assert staged.rows_read() == len(found)
    reading.release_file(connection)
    return found


def refusal(connection, path) -> tuple[str, str]:
    with pytest.raises(reading.DeliveryRejectedError) as caught:
        reading.stage_file(connection, path)
    return caught.value.rule_id, str(caught.value)


TEXT = csv_text([row(distrikt="Väst"), row(hushalls_id="H2", distrikt="Öster")])
EXPECTED = [(2, True, "H1", "Väst"), (3, True, "H2", "Öster")]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        TEXT.rstrip("\n").encode("utf-8"),
        TEXT.replace("\n", "\r\n").encode("utf-8"),
        TEXT.replace("\n", "\r").encode("utf-8"),
        TEXT.replace(",", ".").replace(";", ",").encode("utf-8"),
        TEXT.replace(";", "\t").encode("utf-8"),
        gzip.compress(TEXT.encode("utf-8")),
        gzip.compress(TEXT[:50].encode("utf-8")) + gzip.compress(TEXT[50:].encode("utf-8")),
        TEXT.replace("Väst", "  Väst\u00a0").encode("utf-8"),
        TEXT.replace("Väst", '"Väst"').encode("utf-8"),
        "\n".join(";".join(f'"{field}"' for field in line.split(";")) for line in TEXT.splitlines()).encode(),
        (TEXT + "\x1a").encode("utf-8"),
        # letters with their marks beside them
        unicodedata.normalize("NFD", TEXT.replace("hushalls_id", "hushålls_id")).encode("utf-8"),
        (TEXT + "\n \n;;;;;;;;;;;;\n").encode("utf-8"),
    ],
)
def test_the_same_rows_are_read_in_whatever_dress(connection, tmp_path, content):
    (tmp_path / "fil.csv").write_bytes(content)
    assert read(connection, tmp_path / "fil.csv") == EXPECTED


def test_blank_lines_are_left_out_and_rows_keep_their_line_in_the_file(connection, tmp_path):
    (tmp_path / "fil.txt").write_text("\n\n" + TEXT.replace("\n", "\n\n"))
    assert [line[0] for line in read(connection, tmp_path / "fil.txt")] == [5, 7]


def test_quoted_fields_may_hold_delimiters_quotes_and_line_ends(connection, tmp_path):
    text = TEXT.replace("Väst", '"Väst; ""norra""\ndelen"')
    (tmp_path / "fil.csv").write_text(text)
    assert read(connection, tmp_path / "fil.csv") == [
        (2, True, "H1", 'Väst; "norra"\ndelen'),
        (4, True, "H2", "Öster"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_header_over_several_lines_is_the_header_that_a_spreadsheet_has(connection, tmp_path, end):
    text = TEXT.replace("hushalls_id", '"hushålls\n\nid"').replace("distrikt", '"\ndistrikt\n"')
    (tmp_path / "fil.csv").write_bytes(text.replace("\n", end).encode())
    sql = "is_whole, hushalls_id, distrikt"
    found = read(connection, tmp_path / "fil.csv", sql)
    lines = [line.split(";") for line in TEXT.splitlines()]
    lines[0] = [
        name.replace("hushalls_id", "hushålls\nid").replace("distrikt", "\ndistrikt\n") for name in lines[0]
    ]
    (tmp_path / "bok.xlsx").write_bytes(xlsx_bytes(lines))
    assert (
        found == read(connection, tmp_path / "bok.xlsx", sql) == [(True, "H1", "Väst"), (True, "H2", "Öster")]
    )


def test_a_stray_quotation_mark_swallows_no_rows(connection, tmp_path):
    lines = csv_text(rows(200)).splitlines()
    lines[5] = lines[5][:-1] + ';"Väst'
    lines[100] += '5"'
    lines[150] += '"Väst"er'
    (tmp_path / "fil.csv").write_text("\n".join(lines))
    found = read(connection, tmp_path / "fil.csv")
    assert len(found) == 200
    assert sum(not is_whole for _, is_whole, *_ in found) <= 3


def test_rows_of_a_file_larger_than_a_chunk_are_all_read_in_order(connection, tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines, "CHUNK_BYTES", 777)
    wanted = rows(500)
    wanted[250]["distrikt"] = '"två\nrader"'
    (tmp_path / "fil.csv.gz").write_bytes(gzip.compress(csv_text(wanted).encode()))
    found = read(connection, tmp_path / "fil.csv.gz")
    assert [hushalls_id for _, _, hushalls_id, _ in found] == [line["hushalls_id"] for line in wanted]
    assert [number for number, *_ in found] == [*range(2, 253), *range(254, 503)]


def test_a_row_with_the_wrong_number_of_fields_is_kept_and_marked(connection, tmp_path):
    (tmp_path / "fil.csv").write_text(TEXT + "0180;2019\n" + TEXT.splitlines()[1] + ";x\n")
    assert [line[1] for line in read(connection, tmp_path / "fil.csv")] == [True, True, False, False]


def test_columns_outside_the_contract_are_named_but_not_read(connection, tmp_path):
    text = "Namn;" + TEXT.replace("\n", "\nKarin;").removesuffix("Karin;")
    (tmp_path / "fil.csv").write_text(text)
    staged = reading.stage_file(connection, tmp_path / "fil.csv")
    assert staged.ignored_columns == ("Namn",)
    assert "Karin" not in str(connection.execute("select * from raw_rows").fetchall())


def test_a_personnummer_as_column_name_is_hidden(connection, tmp_path):
    (tmp_path / "fil.csv").write_text(TEXT.replace("distrikt", "fil 19900101-9802"))
    assert reading.stage_file(connection, tmp_path / "fil.csv").ignored_columns == ("fil [dolt]",)


def packed(**members: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return content.getvalue()


BOOK = xlsx_bytes([line.split(";") for line in TEXT.splitlines()])
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# what a file is, whatever its name says
OTHER_KINDS = [
    ("a.csv", BOOK, "filen är en Excelbok med namnet .csv, ge den ändelsen .xlsx"),
    ("a.xls", BOOK, "filtypen tas inte emot, filen är en Excelbok, ge den ändelsen .xlsx"),
    ("a.parquet", BOOK, "filen är en Excelbok med namnet .parquet"),
    ("a.xlsx", TEXT.encode(), "filen är text med namnet .xlsx, ge den ändelsen .csv"),
    ("b.xlsx", TEXT.encode("utf-16"), "filen är text med namnet .xlsx"),
    ("a.xlsm", gzip.compress(TEXT.encode()), "filen är en gzip-fil med namnet .xlsm"),
    ("c.xlsx", OLD + bytes(600), "filen är en gammal Excelbok (.xls) med namnet .xlsx, spara den som XLSX"),
    ("c.csv", OLD + bytes(600), "filen är en gammal Excelbok (.xls) med namnet .csv"),
    ("c.xls", OLD + bytes(600), "filen är en gammal Excelbok (.xls), spara den som XLSX"),
    (
        "d.xlsx",
        OLD + bytes(5000) + "EncryptedPackage".encode("utf-16-le"),
        "skyddad med lösenord med namnet .xlsx",
    ),
    ("e.csv", OLD + bytes(600) + "WordDocument".encode("utf-16-le"), "ett gammalt Officedokument"),
    (
        "f.xlsx",
        b"\n <!DOCTYPE html><html><body>Logga in</body></html>",
        "filen är en webbsida med namnet .xlsx",
    ),
    (
        "f.csv",
        b"<!-- uttag --><table><tr><td>kommunkod</td></tr></table>",
        "filen är en webbsida med namnet .csv",
    ),
    ("f.xls", "<HTML><table></table></HTML>".encode("utf-16"), "filen är en webbsida, hämta själva uttaget"),
    ("g.csv", b'<?xml version="1.0"?><ss:Workbook/>', "filen är en XML-fil med namnet .csv"),
    ("h.csv", packed(uttag=TEXT), "filen är en zip-fil med namnet .csv, packa upp den"),
    ("h.xlsx", packed(xl__workbook=""), "filen är en zip-fil med namnet .xlsx"),
    ("i.xlsx", packed(**{"xl/workbook.bin": ""}), "filen är en binär Excelbok (.xlsb) med namnet .xlsx"),
    (
        "j.xlsx",
        packed(**{"mimetype": "", "content.xml": ""}),
        "filen är ett kalkylblad (.ods) med namnet .xlsx",
    ),
    ("k.csv", b"7z\xbc\xaf\x27\x1c" + bytes(40), "filen är en packad fil (7z eller rar)"),
    ("l.csv", b"%PDF-1.4", "filen är en PDF med namnet .csv"),
    ("m.csv", b"\x89PNG\r\n\x1a\n" + bytes(40), "filen är en bild med namnet .csv"),
    ("n.csv.gz", gzip.compress(BOOK), "gzip-filen innehåller en zip-fil, packa upp den"),
    ("o.csv.gz", gzip.compress(gzip.compress(TEXT.encode())), "gzip-filen innehåller en gzip-fil"),
]


@pytest.mark.parametrize(("name", "content", "told"), OTHER_KINDS)
def test_a_file_of_another_kind_than_its_name_is_told_what_it_is(connection, tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    rule_id, text = refusal(connection, tmp_path / name)
    assert rule_id == "D01"
    assert told in text


@pytest.mark.parametrize(
    "content",
    [
        b"x" * 60_000_000,
        b'kommunkod;"' + b"x" * 60_000_000,
        b"kommunkod\n" + b";" * 60_000_000,
        bytes(60_000_000),
    ],
)
def test_a_file_that_unpacks_to_one_endless_line_is_refused_in_little_memory(connection, tmp_path, content):
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(content, 1))
    tracemalloc.start()
    try:
        assert refusal(connection, tmp_path / "bomb.csv.gz")[0] == "D01"
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("member", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_a_part_of_a_book_that_holds_more_than_it_says_is_refused(connection, tmp_path, member):
    told = zipfile.ZipFile(io.BytesIO(BOOK)).read("xl/worksheets/sheet1.xml")
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(BOOK)) as book,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as lying,
    ):
        for name in book.namelist():
            if name != member:
                lying.writestr(name, book.read(name))
        lying.writestr(member, told + b" " * 50_000_000)
        entry = lying.getinfo(member)
        # the size and check sum of its beginning only: in its own head, and in the list at the end
        right = struct.pack("<III", entry.CRC, entry.compress_size, entry.file_size)
        entry.CRC, entry.file_size = zlib.crc32(told), len(told)
        wrong = struct.pack("<III", entry.CRC, entry.compress_size, entry.file_size)
    (tmp_path / "bok.xlsx").write_bytes(content.getvalue().replace(right, wrong))
    assert refusal(connection, tmp_path / "bok.xlsx")[0] == "D01"


UNREADABLE = [
    ("a.csv", b"", "D03", "tom"),
    ("b.csv", b"\n\n  \n", "D03", "tom"),
    ("c.csv", TEXT.splitlines()[0].encode(), "D03", "rubrikrad"),
    ("d.csv", TEXT.replace("personnummer", "personnr").encode(), "D02", "personnummer (närmast: personnr)"),
    ("e.csv", TEXT.replace("roll", "hushallstyp").encode(), "D02", "hushallstyp finns två gånger"),
    ("f.csv", TEXT.replace(";", "|").encode(), "D02", "skiljetecknen"),
    ("g.csv", "\n".join(TEXT.splitlines()[1:]).encode(), "D01", "rubrikraden saknas"),
    ("h.csv", bytes(range(256)) * 40, "D01", "teckenkodningen"),
    ("r.csv", bytes(range(128)) * 40, "D01", "inte är text"),
    ("i.csv", b"kommunkod;\x81\x8d\x8f\n1;2\n", "D01", "teckenkodningen"),
    ("j.csv.gz", gzip.compress(TEXT.encode() * 50)[:-20], "D01", "gzip"),
    ("k.csv.gz", TEXT.encode(), "D01", "gzip"),
    ("l.csv.gz", b"\x1f\x8b rubbish", "D01", "gzip"),
    ("m.parquet", TEXT.encode(), "D01", "parquet"),
    ("n.parquet", b"PAR1" + b"\0" * 50 + b"PAR1", "D01", "Parquet"),
    ("o.pdf", b"%PDF-1.4", "D01", "filtypen"),
    ("p.csv", TEXT.encode() + b"x" * 3_000_000, "D01", "orimligt lång"),
    ("q.csv", TEXT.encode("utf-16-le"), "D01", "inte är text"),
]


@pytest.mark.parametrize(("name", "content", "rule_id", "text"), UNREADABLE)
def test_a_file_that_cannot_be_taken_in_is_refused_with_its_rule(
    connection, tmp_path, name, content, rule_id, text
):
    (tmp_path / name).write_bytes(content)
    found = refusal(connection, tmp_path / name)
    assert found[0] == rule_id
    assert text in found[1]


def test_parquet_types_that_lost_zeros_are_read_as_the_text_they_were(connection, tmp_path):
    lines = [row(), row(hushalls_id="H2")]
    table = pa.table({name: [line[name] or None for line in lines] for name in COLUMNS})

    def put(name, values, kind):
        return table.set_column(table.schema.get_field_index(name), name, pa.array(values, kind))

    table = put("kommunkod", [180, 180], pa.int64())
    table = put("period", [date(2019, 3, 1), date(2019, 4, 1)], pa.date32())
    table = put("personnummer", [501019811, None], pa.int64())
    table = put("hushalls_id", [1.0, 2.0], pa.float64())
    table = put("hushallstyp", [3.0, float("nan")], pa.float64())
    table = put("utrikes_fodd", [True, False], pa.bool_())
    table = table.append_column("namn", pa.array(["Karin", "Olle"])).set_column(
        4, "Roll", table.column("roll").dictionary_encode()
    )
    pq.write_table(table, tmp_path / "fil.parquet")
    assert read(
        connection,
        tmp_path / "fil.parquet",
        "file_row, kommunkod, period, personnummer, hushalls_id, hushallstyp, utrikes_fodd, roll",
    ) == [
        (1, "0180", "2019-03", "0501019811", "1", "3", "true", "RL"),
        (2, "0180", "2019-04", None, "2", None, "false", "RL"),
    ]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (datetime(2019, 3, 1), pa.timestamp("us")),
        (datetime(2019, 2, 28, 23), pa.timestamp("us", "UTC")),
        (datetime(2019, 2, 28, 23), pa.timestamp("us", "Europe/Stockholm")),
        (201903, pa.int32()),
        ("2019-03", pa.large_string()),
        ("2019-03", pa.dictionary(pa.int8(), pa.string())),
        (b"2019-03", pa.binary()),
    ],
)
def test_parquet_months_are_understood_in_any_type(connection, tmp_path, value, kind):
    table = pa.table({name: [row()[name]] for name in COLUMNS if name != "period"})
    pq.write_table(table.append_column("period", pa.array([value], kind)), tmp_path / "fil.parquet")
    [(period,)] = read(connection, tmp_path / "fil.parquet", "period")
    assert period.replace("-", "") == "201903"


def test_a_parquet_file_without_a_required_column_or_rows_is_refused(connection, tmp_path):
    table = pa.table({name: ["x"] for name in COLUMNS})
    pq.write_table(table.drop_columns(["roll"]), tmp_path / "a.parquet")
    pq.write_table(table.slice(0, 0), tmp_path / "b.parquet")
    assert refusal(connection, tmp_path / "a.parquet")[0] == "D02"
    assert refusal(connection, tmp_path / "b.parquet")[0] == "D03"


def test_a_large_file_is_not_read_ahead_of_the_database(connection, tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines, "CHUNK_BYTES", 4096)
    header, line = csv_text(rows(1)).splitlines(keepends=True)
    path = tmp_path / "large.csv"
    path.write_text(header + line * 40_000, encoding="utf-8")
    staged = reading.stage_file(connection, path)
    read_by_then = []

    def wait(lines):
        if not read_by_then:
            # meanwhile Arrow would go on reading by itself, to the end of the file
            time.sleep(0.5)
        read_by_then.append(staged.counter.records)
        return lines

    connection.create_function("wait", wait, ["VARCHAR"], "VARCHAR", type="arrow")
    connection.execute("set threads = 1")
    assert connection.execute("select count(wait(line)) from delivery_source").fetchall() == [(40_000,)]
    assert read_by_then[0] < 20_000 <= read_by_then[-1]
    reading.release_file(connection)
