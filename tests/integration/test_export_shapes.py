"""Shapes that case systems export: read through a mapping they give the same rows as the canonical delivery."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.intake.deliveries import loading
from orchestration.intake.preview.preview import preview_file, preview_lines
from orchestration.settings import Settings
from tests.fixtures.asking import load_and_count, quarantined
from tests.fixtures.register_files import adult, child, deliver, query, row
from tests.fixtures.xlsx_files import workbook_bytes

BARN = {
    "roll": "BARN",
    "hushallstyp": "",
    "forsorjningsstod_kr": "",
    "ovrigt_bistand_kr": "",
    "forsorjningshinder": "",
}
# a man with two children, and a woman alone, in two months
CANONICAL = [
    line
    for period in ("2019-03", "2019-04")
    for line in (
        row(
            period=period, hushalls_id="1", personnummer=adult(1), hushallstyp="4", forsorjningsstod_kr="8000"
        ),
        row(period=period, hushalls_id="1", personnummer=child(1), **BARN),
        row(period=period, hushalls_id="1", personnummer=child(2), **BARN),
        row(
            period=period,
            hushalls_id="2",
            personnummer=adult(2),
            hushallstyp="5",
            forsorjningsstod_kr="5000.5",
        ),
    )
]
REASON = "Arbetslös, ingen ersättning/stöd"
ROWS = (
    "select municipality_code, period_month, household_id, person_id, role, household_type_code, forsorjningsstod_sek, "
    "reason_code, sex from register.person_months order by all"
)
AMOUNTS = "select forsorjningsstod_sek from register.person_months order by period_month"
PERSON_MAPPING = """
signature: [Kommun, Akt]
columns: {kommunkod: Kommun, period: Månad, hushalls_id: Akt, personnummer: Pnr, roll: Roll, hushallstyp: Typ,
  forsorjningsstod_kr: Belopp, forsorjningshinder: Orsak}
"""
HEADER = ["Kommun", "Månad", "Akt", "Pnr", "Roll", "Typ", "Belopp", "Orsak"]


def own_mapping(settings: Settings, text: str) -> None:
    path = settings.home / "landing" / "mappings" / "egen.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.lstrip(), encoding="utf-8")


def csv(*lines: list[str]) -> str:
    return "\n".join(";".join(line) for line in lines) + "\n"


def as_person(line: dict[str, str]) -> list[str]:
    reason = REASON if line["forsorjningshinder"] else ""
    return [
        line["kommunkod"], line["period"], line["hushalls_id"], line["personnummer"], line["roll"], line["hushallstyp"],
        line["forsorjningsstod_kr"], reason,
    ]  # fmt: skip


PEOPLE = [as_person(line) for line in CANONICAL]


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> list[tuple]:
    from orchestration.vault import pseudonym
    from tests.fixtures.register_files import KEY

    settings = Settings(home=tmp_path_factory.mktemp("kanonisk"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
        deliver(settings, CANONICAL)
        loading.load_landing(settings)
        return query(settings, ROWS)


def load(
    settings: Settings, mapping: str, content: str | bytes, name: str = "uttag.csv"
) -> loading.LoadReport:
    own_mapping(settings, mapping)
    deliver(settings, content, name=name)
    return load_and_count(settings)


def test_one_row_a_payment_is_summed_within_household_and_month(settings, canonical):
    lines = [list(line) for line in PEOPLE]
    lines[0][6] = "3000"
    again = [*lines[0]]
    again[6] = "5 000 kr"
    report = load(settings, PERSON_MAPPING + "sum_payments: true\n", csv(HEADER, *lines, again))
    assert query(settings, ROWS) == canonical
    assert (report.rows_read, report.rows_quarantined) == (8, 0)
    assert "1 utbetalningar lagda till en annan rad" in report.messages[0]
    assert query(settings, "select rows_in_file from register.deliveries") == [(9,)]


def test_a_recovery_is_netted_when_the_mapping_says_so_and_else_a_rule_of_its_own(settings, canonical):
    lines = [list(line) for line in PEOPLE]
    lines[0][6] = "9500"
    recovery = [*lines[0]]
    recovery[6] = "-1500,00"
    content = csv(HEADER, *lines, recovery)
    load(settings, PERSON_MAPPING + "sum_payments: true\nnet_recoveries: true\n", content)
    assert query(settings, ROWS) == canonical
    other = replace(settings, home=settings.home / "annan")
    load(other, PERSON_MAPPING + "sum_payments: true\n", content)
    assert (10, "R18") in quarantined(other)
    lines[0][6] = "100"
    third = replace(settings, home=settings.home / "tredje")
    load(third, PERSON_MAPPING + "sum_payments: true\nnet_recoveries: true\n", csv(HEADER, *lines, recovery))
    # more was recovered than paid: no amount is made of it
    assert (2, "R18") in quarantined(third)


HOUSEHOLD_MAPPING = """
signature: [Kommun, Barn]
columns: {kommunkod: Kommun, period: Månad, hushalls_id: Akt, hushallstyp: Typ, forsorjningsstod_kr: Belopp}
persons:
  - {role: RL, columns: {personnummer: Sökande, forsorjningshinder: Orsak}}
  - {role: BARN, split: true, columns: {personnummer: Barn}}
"""


@pytest.mark.parametrize("between", [", ", ",", " / ", " "])
def test_children_in_one_cell_are_a_row_each(settings, canonical, between):
    lines = [["Kommun", "Månad", "Akt", "Typ", "Belopp", "Sökande", "Orsak", "Barn"]]
    for period in ("2019-03", "2019-04"):
        lines.append(
            [
                "0180",
                period,
                "1",
                "4",
                "8000",
                adult(1),
                REASON,
                between.join((child(1), child(2)[:8] + "-" + child(2)[8:])),
            ]
        )
        lines.append(["0180", period, "2", "5", "5000,50", adult(2), REASON, ""])
    load(settings, HOUSEHOLD_MAPPING, csv(*lines))
    assert query(settings, ROWS) == canonical


def test_children_in_one_cell_and_others_in_another_are_all_rows(settings):
    two = HOUSEHOLD_MAPPING + "  - {role: BARN, split: true, columns: {personnummer: Växelvis}}\n"
    header = ["Kommun", "Månad", "Akt", "Typ", "Belopp", "Sökande", "Orsak", "Barn", "Växelvis"]
    cells = [f"{child(1)}, {child(2)}", f"{child(3)} {child(4)}"]
    load(settings, two, csv(header, ["0180", "2019-03", "1", "4", "8000", adult(1), REASON, *cells]))
    assert query(
        settings, "select role, count(distinct person_id) from register.person_months group by all order by 1"
    ) == [
        ("BARN", 4),
        ("RL", 1),
    ]


def test_what_else_stands_in_the_cell_of_children_is_told_and_not_lost(settings):
    header = ["Kommun", "Månad", "Akt", "Typ", "Belopp", "Sökande", "Orsak", "Barn"]
    odd = ["0180", "2019-03", "1", "4", "8000", adult(1), REASON, f"{child(1)}, okänt nummer"]
    others = [["0180", "2019-03", str(n), "3", "1", adult(n), REASON, ""] for n in range(100, 140)]
    load(settings, HOUSEHOLD_MAPPING, csv(header, odd, *others))
    assert quarantined(settings) == [(2, "R03")]
    assert query(settings, "select count(*) from register.person_months where role = 'BARN'") == [(1,)]


def test_rows_on_another_sheet_are_read_when_the_mapping_names_it_and_hinted_at_when_not(
    settings, canonical, tmp_path
):
    book = workbook_bytes({"Försättsblad": [["Uttag"], ["Ur systemet"]], "Personer": [HEADER, *PEOPLE]})
    path = tmp_path / "bok.xlsx"
    path.write_bytes(book)
    told = "\n".join(preview_lines(preview_file(settings, path)))
    assert "boken har också bladen Personer, skriv sheet i en mappning" in told
    load(settings, PERSON_MAPPING + "sheet: Personer\n", book, name="bok.xlsx")
    assert query(settings, ROWS) == canonical


def test_a_sheet_is_found_whatever_the_case_of_its_name_and_after_a_blank_one(settings, canonical):
    book = workbook_bytes({"Blad1": [], "PERSONER": [HEADER, *PEOPLE]})
    load(settings, PERSON_MAPPING + "sheet: Personer\n", book, name="bok.xlsx")
    assert query(settings, ROWS) == canonical


def test_another_sheet_than_the_one_the_mapping_names_is_never_read(settings):
    book = workbook_bytes({"Blad1": [HEADER, *PEOPLE], "Personer": [["Nr", "Text"]]})
    report = load(settings, PERSON_MAPPING + "sheet: Personer\n", book, name="bok.xlsx")
    assert (report.rejected, report.rows_loaded) == (1, 0)
    assert (
        "mappningen egen läser bladet Personer, som inte finns i boken eller har andra kolumner"
        in report.messages[0]
    )


def test_letters_with_their_marks_beside_them_are_the_same_letters(settings, canonical):
    words = {"RL": "Sökande", "BARN": "Barn"}
    lines = [[*line[:4], words[line[4]], *line[5:]] for line in PEOPLE]
    recovered = [*lines[0][:7], "Återkrav"]
    mapping = PERSON_MAPPING + (
        "codes: {roll: {Sökande: RL, Barn: BARN}}\nfilters: [{column: Orsak, not_contains: [återkrav]}]\n"
    )
    content = unicodedata.normalize("NFD", csv(HEADER, *lines, recovered))
    load(settings, mapping, content)
    assert query(settings, ROWS) == canonical
    book = replace(settings, home=settings.home / "bok")
    cells = [[unicodedata.normalize("NFD", cell) for cell in line] for line in (HEADER, *lines, recovered)]
    load(book, mapping, workbook_bytes({"Blad1": cells}), name="bok.xlsx")
    assert query(book, ROWS) == canonical


MERGED = [[*line[:3], *line[3:]] if line[4] == "RL" else ["", "", "", *line[3:]] for line in PEOPLE]
MERGED_BOOK = workbook_bytes(
    {"Blad1": [HEADER, *MERGED]},
    merged={"Blad1": [f"{letter}{first}:{letter}{first + 2}" for letter in "ABC" for first in (2, 6)]},
)


def test_merged_cells_are_filled_down_when_the_mapping_says_so(settings, canonical):
    load(settings, PERSON_MAPPING + "fill_down: [Kommun, Månad, Akt]\n", MERGED_BOOK, name="bok.xlsx")
    assert query(settings, ROWS) == canonical


def test_merged_cells_refuse_the_months_and_are_named_as_the_cause(settings, tmp_path):
    report = load(settings, PERSON_MAPPING, MERGED_BOOK, name="bok.xlsx")
    assert (report.rejected, report.rows_loaded) == (1, 0)
    assert "celler sammanfogade nedåt" in report.messages[0]
    assert query(settings, "select distinct state, rule_id from register.delivery_months") == [
        ("rejected", "D04")
    ]
    path = tmp_path / "bok.xlsx"
    path.write_bytes(MERGED_BOOK)
    assert "6 celler sammanfogade nedåt" in "\n".join(preview_lines(preview_file(settings, path)))


DECISIONS = """
signature: [Kommun, FromDate]
columns: {kommunkod: Kommun, hushalls_id: Akt, personnummer: Pnr, roll: Roll, hushallstyp: Typ, forsorjningsstod_kr: Belopp,
  forsorjningshinder: Orsak}
months: {from: FromDate, to: ToDate%s}
filters:
  - {column: Type, contains: [bifall]}
  - {column: Type, not_contains: [återkrav, eftergift]}
"""
DECISION_HEADER = ["Kommun", "FromDate", "ToDate", "Akt", "Pnr", "Roll", "Typ", "Belopp", "Orsak", "Type"]
GRANTED = "Ek Ekonomiskt bistånd 12 kap 1, 7 §§ SoL, bifall"


def decisions(amounts: dict[str, str]) -> list[list[str]]:
    one_month = PEOPLE[: len(PEOPLE) // 2]
    return [
        [
            line[0],
            "2019-03-01",
            "2019-04-30 00:00",
            *line[2:6],
            amounts.get(line[6], line[6]),
            line[7],
            GRANTED,
        ]
        for line in one_month
    ]


def test_a_decision_over_several_months_is_a_row_for_each_and_its_amount_is_divided(settings, canonical):
    lines = decisions({"8000": "16000", "5000.5": "10001"})
    refused = [*lines[0][:-1], "Ek Ekonomiskt bistånd, avslag"]
    recovered = [*lines[0][:-1], "EK Återkrav, bifall"]
    report = load(settings, DECISIONS % "", csv(DECISION_HEADER, *lines, refused, recovered))
    assert query(settings, ROWS) == canonical
    assert query(settings, "select rows_filtered, rows_in_file from register.deliveries") == [(2, 6)]
    assert report.rows_quarantined == 0


def test_the_amount_of_a_decision_may_be_that_of_each_month(settings, canonical):
    load(settings, DECISIONS % ", amount_per_month: true", csv(DECISION_HEADER, *decisions({})))
    assert query(settings, ROWS) == canonical


def test_what_does_not_divide_evenly_falls_on_the_first_month_and_no_ore_is_lost(settings):
    line = ["0180", "2019-03-01", "2019-05-31", "1", adult(1), "RL", "3", "10000", REASON, GRANTED]
    load(settings, DECISIONS % "", csv(DECISION_HEADER, line))
    assert [float(amount) for (amount,) in query(settings, AMOUNTS)] == [3333.34, 3333.33, 3333.33]


def test_a_recovery_over_several_months_is_divided_as_a_payment_is(settings):
    line = ["0180", "2019-03-01", "2019-04-30", "1", adult(1), "RL", "3", "16000", REASON, GRANTED]
    recovery = [*line[:7], "-1000", *line[8:]]
    netting = DECISIONS % "" + "sum_payments: true\nnet_recoveries: true\n"
    load(settings, netting, csv(DECISION_HEADER, line, recovery))
    assert [float(amount) for (amount,) in query(settings, AMOUNTS)] == [7500, 7500]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2019-04-01", "2019-03-31"),
        ("2015-01-01", "2019-03-31"),
        ("i mars", "2019-03-31"),
        ("", "2019-03-31"),
        ("2019-03-01", ""),
        # 25 months
        ("2017-03-01", "2019-03-31"),
    ],
)
def test_days_that_make_no_months_are_a_row_without_a_month(settings, first, last):
    lines = [
        ["0180", "2019-03-01", "2019-03-31", str(n), adult(n), "RL", "3", "1", REASON, GRANTED]
        for n in range(100, 160)
    ]
    odd = ["0180", first, last, "1", adult(1), "RL", "3", "8000", REASON, GRANTED]
    load(settings, DECISIONS % "", csv(DECISION_HEADER, odd, *lines))
    assert quarantined(settings) == [(2, "R02")]


DERIVED = """
signature: [Kommun, IsCoApplicant]
columns: {kommunkod: Kommun, period: ConcernedMonth, hushalls_id: ServiceId, personnummer: PersonId,
  forsorjningsstod_kr: Amount, forsorjningshinder: Reason}
derive: {co_applicant: IsCoApplicant}
source_system: lifecare
"""


def test_roles_and_household_types_follow_from_ages_and_who_applies_together(settings, canonical):
    header = ["Kommun", "ConcernedMonth", "ServiceId", "PersonId", "IsCoApplicant", "Amount", "Reason"]
    lines = [[*line[:4], "false", line[6], line[7]] for line in PEOPLE]
    load(settings, DERIVED, csv(header, *lines))
    assert query(settings, ROWS) == canonical


def test_two_who_apply_together_are_a_couple_and_a_code_of_the_system_is_known(settings):
    header = ["Kommun", "ConcernedMonth", "ServiceId", "PersonId", "IsCoApplicant", "Amount", "Reason"]
    lines = [
        ["0180", "2019-03", "1", adult(1), "false", "8000", "16"],
        ["0180", "2019-03", "1", adult(2), "true", "", "Sjukskriven m läkarintyg, ingen sjukpenning"],
        ["0180", "2019-03", "1", child(1), "false", "", ""],
    ]
    load(settings, DERIVED, csv(header, *lines))
    assert query(
        settings,
        "select role, household_type_code, reason_code, warnings from register.person_months order by file_row",
    ) == [
        ("RL", 8, "foraldrapenning_otillracklig", None),
        ("MS", None, "sjukskriven_ingen_sjukpenning", None),
        ("BARN", None, None, None),
    ]


def draft_of(settings: Settings, path: Path, content: str | bytes) -> str:
    from orchestration.intake.mappings.drafts import write_draft

    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return write_draft(settings, path).read_text(encoding="utf-8")


def test_a_draft_names_the_sheet_where_the_rows_stand(settings, tmp_path):
    for first in ([["Uttag"], ["Ur systemet"]], []):
        book = workbook_bytes({"Försättsblad": first, "Personer": [HEADER, *PEOPLE]})
        text = draft_of(settings, tmp_path / f"bok{len(first)}.xlsx", book)
        assert 'sheet: "Personer"' in text
        assert 'personnummer: "Pnr"' in text


def test_a_draft_fills_down_the_columns_with_merged_cells_but_no_amount(settings, tmp_path):
    text = draft_of(settings, tmp_path / "sammanfogad.xlsx", MERGED_BOOK)
    assert 'fill_down: ["Kommun", "Månad", "Akt"]' in text
    amounts = workbook_bytes({"Blad1": [HEADER, *MERGED]}, merged={"Blad1": ["C2:C4", "G2:G4"]})
    assert 'fill_down: ["Akt"]' in draft_of(settings, tmp_path / "belopp.xlsx", amounts)


def test_a_draft_finds_the_days_of_a_decision_and_its_months_go_before_them(settings, tmp_path):
    lines = [[*line, "2019-02-27"] for line in decisions({})]
    text = draft_of(settings, tmp_path / "beslut.csv", csv([*DECISION_HEADER, "Beslutsdatum"], *lines))
    assert 'months: {from: "FromDate", to: "ToDate", amount_per_month: false}' in text
    assert "  period:" not in text
    lines = [[*line, line[1][:7]] for line in decisions({})]
    text = draft_of(settings, tmp_path / "manad.csv", csv([*DECISION_HEADER, "Månad"], *lines))
    assert "months:" not in text
    assert 'period: "Månad"' in text


def test_a_draft_finds_the_columns_of_a_household_row_by_the_person_at_their_end(settings, tmp_path: Path):
    from orchestration.intake.mappings.drafts import write_draft

    path = tmp_path / "uttag.csv"
    path.write_text(
        csv(
            [
                "Beslutsnr",
                "Månad",
                "Akt",
                "Personnr RL",
                "Personnr MS",
                "Hinder RL",
                "Hinder MS",
                "Kön RL",
                "FSTOD",
                "HHTYP",
            ],
            ["1234", "2019-03", "7", adult(1), adult(2), "Arbetslös", "sjuk", "M", "5000", "7"],
            ["2345", "2019-03", "8", adult(3), adult(4), "Arbetslös", "sjuk", "M", "4000", "7"],
        ),
        encoding="utf-8",
    )
    text = write_draft(settings, path).read_text(encoding="utf-8")
    for expected in (
        'personnummer: "Personnr RL"', 'forsorjningshinder: "Hinder RL"', 'kon: "Kön RL"', 'personnummer: "Personnr MS"',
        'forsorjningshinder: "Hinder MS"', 'forsorjningsstod_kr: "FSTOD"', 'hushallstyp: "HHTYP"', 'kommunkod: ""  # FYLL I',
        "# sjukskriven_ingen_sjukpenning: Sjukskriven med läkarintyg, ingen sjukpenning",
    ):  # fmt: skip
        assert expected in text
    assert 'kommunkod: "Beslutsnr"' not in text
