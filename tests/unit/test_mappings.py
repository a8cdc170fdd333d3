"""A mapping file says how an export is read: what it may say, what is said when it is wrong, and what it becomes."""

from __future__ import annotations

import duckdb
import pytest

from orchestration.database import sql_text
from orchestration.intake.files.headers import FoundHeader
from orchestration.intake.mappings import mapping_files, mapping_sql
from orchestration.intake.mappings.mapping_sql import Table
from orchestration.intake.rules.judging import MACROS
from orchestration.settings import Settings, load_settings

RIGHT = """
signature: [Kommun, Nr]
columns: {kommunkod: Kommun, period: Avser, hushalls_id: Nr, personnummer: Pnr, roll: Roll}
"""


def written(tmp_path, text: str, name: str = "egen") -> mapping_files.Mapping:
    (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    return mapping_files.read_mapping(tmp_path / f"{name}.yml")


def mapped(
    mapping: mapping_files.Mapping, columns: list[str], rows: list[list[str | None]], wanted: str
) -> list[tuple]:
    """What the compiled mapping makes of a table."""
    connection = duckdb.connect()
    connection.execute(sql_text(MACROS))
    names = ", ".join(f"c{place}" for place in range(len(columns)))
    connection.execute(f"create table given (file_row bigint, {names.replace(',', ' varchar,')} varchar)")
    connection.executemany(
        f"insert into given values ({', '.join('?' * (len(columns) + 1))})",
        [[number, *row] for number, row in enumerate(rows, 2)],
    )
    header = FoundHeader(tuple(columns), tuple(() for _ in columns), 0, 0)
    table = Table(header, "select *, true as is_whole from given", lambda place, _: f"clean(c{place})")
    connection.execute(mapping_sql.compile_mapping(mapping, table).sql)
    return connection.execute(f"select {wanted} from raw_rows order by row_key").fetchall()


COLUMNS = ["Kommun", "Avser", "Nr", "Pnr", "Roll"]


def test_every_mapping_of_the_catalogue_is_right():
    found = mapping_files.load_mappings(load_settings())
    assert found.broken == {}
    assert set(found.shared) == {
        "excel_for_hand",
        "hushallsrader",
        "lifecare_beslut",
        "rader_med_beslut",
        "viva_utbetalningar",
    }


def test_a_code_keeps_its_leading_zero_and_no_word_becomes_true_or_false(tmp_path):
    text = (
        RIGHT.replace("kommunkod: Kommun, ", "")
        + "constants: {kommunkod: 0114}\ncodes: {roll: {no: BARN, on: RL}}"
    )
    mapping = written(tmp_path, text)
    assert mapping.constants == {"kommunkod": "0114"}
    assert mapping.codes == {"roll": {"no": "BARN", "on": "RL"}}


WRONG = [
    ("", "tom"),
    ("- a\n- b\n", "tom"),
    ("columns: [", "inte rätt YAML på rad"),
    (RIGHT + "signature: [X]\n", "inte rätt YAML"),
    (RIGHT.replace("signature", "signatur"), "signat"),
    (RIGHT.replace("[Kommun, Nr]", "[]"), "signature: listan är tom"),
    (RIGHT.replace("period: Avser, ", ""), "period saknar källkolumn eller konstant"),
    (RIGHT.replace("period: Avser", 'period: ""'), "period saknar källkolumn"),
    (RIGHT.replace("roll: Roll", "rolll: Roll"), "rolll är ingen kolumn i leveransformatet"),
    (RIGHT + "constants: {roll: RL}", "roll har både källkolumn och konstant"),
    (RIGHT + "period_format: MM-DD", "period_format behöver ett år"),
    (RIGHT + "filters: [{column: A}]", "antingen in eller not_in"),
    (RIGHT + "filters: [{in: [A]}]", "filters.0.column: nyckeln saknas"),
    (RIGHT + "persons: [{role: FAR, columns: {personnummer: P}}]", "role är RL, MS, BARN"),
    (RIGHT + "persons: [{role: RL, columns: {kon: P}}]", "behöver personnummer"),
    (RIGHT + "persons: [{role: BARN, columns: {personnummer: Barn}, up_to: 3}]", "{n} i kolumnnamnen"),
    (RIGHT + "persons: [{role: BARN, columns: {personnummer: 'B{n}'}, up_to: 99}]", "talet är för stort"),
    (RIGHT + "amounts_on_rl_row: kanske", "skriv true eller false"),
    (RIGHT + "name: annan", "name är inte filens namn"),
]


@pytest.mark.parametrize(("text", "reason"), WRONG)
def test_a_wrong_mapping_is_one_swedish_sentence_that_names_file_and_place(tmp_path, text, reason):
    with pytest.raises(mapping_files.MappingError) as caught:
        written(tmp_path, text)
    message = str(caught.value)
    assert message.startswith("Mappningen egen.yml går inte att använda: ")
    assert reason in message
    assert message.endswith(".")
    assert "\n" not in message


def test_a_mapping_may_not_be_named_by_a_number_as_long_as_a_birth_date(tmp_path):
    with pytest.raises(mapping_files.MappingError, match="byt namn"):
        written(tmp_path, RIGHT, name="fil_19900101")


def test_a_users_own_mapping_goes_before_the_catalogues_of_the_same_name(tmp_path):
    folder = tmp_path / "landing" / "mappings"
    folder.mkdir(parents=True)
    (folder / "hushallsrader.yml").write_text(RIGHT, encoding="utf-8")
    found = mapping_files.load_mappings(Settings(home=tmp_path))
    assert found.named("hushallsrader").signature == ("Kommun", "Nr")
    assert found.named("excel_for_hand") is not None
    assert found.fingerprint != mapping_files.load_mappings(Settings(home=tmp_path / "tom")).fingerprint


PERIODS = [
    ("ÅÅÅÅ-MM-DD", "2019-05-01", "2019-05"),
    ("ÅÅÅÅ-MM-DD", "2019-05-01 00:00:00", "2019-05"),
    ("YYYYMMDD", "20190501", "2019-05"),
    ("månad ÅÅÅÅ", "maj 2019", "2019-05"),
    ("månad ÅÅÅÅ", "Okt. 2019", "2019-10"),
    ("månad ÅÅÅÅ", "OKTOBER 2019", "2019-10"),
    ("månad-ÅÅ", "dec-19", "2019-12"),
    ("månad-ÅÅ", "dec-98", "1998-12"),
    ("M/ÅÅÅÅ", "5/2019", "2019-05"),
    ("DD.MM.ÅÅÅÅ", "31.05.2019", "2019-05"),
    # what has not the form is left as it is, for R02 to judge
    ("ÅÅÅÅ-MM-DD", "maj 2019", "maj 2019"),
    ("månad ÅÅÅÅ", "tisdag 2019", None),
    ("", "201905", "201905"),
]


@pytest.mark.parametrize(("form", "given", "read"), PERIODS)
def test_a_month_is_read_in_the_form_the_mapping_names(tmp_path, form, given, read):
    mapping = written(tmp_path, RIGHT + f"period_format: '{form}'")
    assert mapped(mapping, COLUMNS, [["0180", given, "1", None, "RL"]], "period") == [(read,)]


def test_codes_are_exchanged_without_case_and_blanks_and_others_left_as_they_are(tmp_path):
    mapping = written(tmp_path, RIGHT + "codes: {roll: {Sökande: RL, 'it''s': MS, '': BARN, x: ''}}")
    given = [["0180", "2019-05", "1", None, role] for role in ("SÖKANDE ", "it's", None, "X", "RL", "okänd")]
    found = mapped(mapping, COLUMNS, given, "roll")
    assert [role for (role,) in found] == ["RL", "MS", "BARN", None, "RL", "okänd"]


def test_rows_outside_the_filters_are_marked_and_not_lost(tmp_path):
    text = RIGHT + "filters: [{column: Typ, in: [Bifall, '']}, {column: Kommun, not_in: ['0181']}]"
    given = [["0180", "", "", "", "", "bifall "], ["0180", "", "", "", "", "Avslag"], ["0180", "", "", "", "", None], ["0181", "", "", "", "", "Bifall"]]  # fmt: skip
    found = mapped(written(tmp_path, text), [*COLUMNS, "Typ"], given, "file_row, is_filtered")
    assert found == [(2, False), (3, True), (4, False), (5, True)]


def test_several_columns_are_joined_and_a_missing_part_leaves_the_whole_empty(tmp_path):
    text = RIGHT.replace("period: Avser", "period: [År, Mån]") + "period_format: ÅÅÅÅ månad"
    columns = ["Kommun", "År", "Nr", "Pnr", "Roll", "Mån"]
    given = [["0180", "2019", "1", None, "RL", "maj"], ["0180", "2019", "1", None, "RL", None]]
    assert mapped(written(tmp_path, text), columns, given, "period") == [("2019-05",), (None,)]


HOUSEHOLD = """
signature: [Nr]
columns: {kommunkod: Kommun, period: Avser, hushalls_id: Nr, hushallstyp: Typ, forsorjningsstod_kr: Kr}
persons:
  - {role: RL, columns: {personnummer: P1, forsorjningshinder: H1}}
  - {role: MS, columns: {personnummer: P2, forsorjningshinder: H2}}
  - {role: BARN, columns: {personnummer: "B{n}"}, up_to: 9}
"""
HOUSEHOLD_COLUMNS = ["Kommun", "Avser", "Nr", "Typ", "Kr", "P1", "H1", "P2", "H2", "B1", "B2"]


def test_a_household_row_becomes_one_row_a_person_with_the_amount_once(tmp_path):
    start = ["0180", "2019-05"]
    given = [
        [*start, "1", "8", "100", "a", "h", "b", "i", "c", None],
        [*start, "2", "3", "200", "d", None, None, None, None, None],
        [*start, "3", "8", "300", None, None, "e", None, None, "f"],
        [*start, "4", "8", "400", None, None, None, None, None, None],
    ]
    wanted = "file_row, hushalls_id, roll, personnummer, forsorjningsstod_kr, hushallstyp, forsorjningshinder"
    assert mapped(written(tmp_path, HOUSEHOLD), HOUSEHOLD_COLUMNS, given, wanted) == [
        (2, "1", "RL", "a", "100", "8", "h"),
        (2, "1", "MS", "b", None, None, "i"),
        (2, "1", "BARN", "c", None, None, None),
        (3, "2", "RL", "d", "200", "3", None),
        # an applicant without a number is told, and the amount is kept with who has one
        (4, "3", "RL", None, None, "8", None),
        (4, "3", "MS", "e", "300", None, None),
        (4, "3", "BARN", "f", None, None, None),
        # nobody: still a row, for the rules to judge
        (5, "4", "RL", None, "400", "8", None),
    ]


def test_a_household_amount_repeated_on_every_row_counts_on_the_registerledares(tmp_path):
    text = RIGHT.replace("roll: Roll", "roll: Roll, forsorjningsstod_kr: Kr") + "amounts_on_rl_row: true"
    given = [["0180", "2019-05", "1", None, role, "100"] for role in ("RL", "MS")]
    assert mapped(written(tmp_path, text), [*COLUMNS, "Kr"], given, "forsorjningsstod_kr") == [
        ("100",),
        (None,),
    ]


def test_a_personnummer_that_a_program_made_a_number_of_is_mended(tmp_path):
    given = [["0180", "2019-05", "1", number, "RL"] for number in ("123.0", "19 50 01", "1950-01", "12,00")]
    found = mapped(written(tmp_path, RIGHT), COLUMNS, given, "personnummer")
    assert [number for (number,) in found] == ["123", "195001", "1950-01", "12"]


def test_a_column_the_mapping_names_must_be_there_unless_optional(tmp_path):
    text = RIGHT.replace("roll: Roll", "roll: Roll, distrikt: Område")
    with pytest.raises(mapping_sql.ColumnMissingError, match="Område saknas"):
        mapped(written(tmp_path, text), COLUMNS, [["", "", "", "", ""]], "roll")
    mapping = written(tmp_path, text + "optional: [Område]")
    assert mapped(mapping, COLUMNS, [["0180", "", "", "", "RL"]], "roll, distrikt") == [("RL", None)]
    with pytest.raises(mapping_sql.ColumnMissingError, match="två gånger"):
        mapped(mapping, [*COLUMNS, "roll "], [["", "", "", "", "", ""]], "roll")
