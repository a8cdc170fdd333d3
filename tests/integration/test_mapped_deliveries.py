"""Exports in a vendor's own form load to the same person-months as their canonical twins, and nothing vanishes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from orchestration.intake.deliveries import loading
from orchestration.settings import Settings
from orchestration.vault import pseudonym
from tests.fixtures.case_systems import as_lifecare_tells, as_viva_tells, lifecare_csv, viva_csv
from tests.fixtures.register_files import KEY, adult, child, csv_text, deliver, query, row, rows
from tests.fixtures.vendor_files import (
    canonical_rows,
    decision_rows_csv,
    hand_made_xlsx,
    household_rows_csv,
    households,
)

LOADED = (
    "municipality_code, period_month, household_id, person_id, role, household_type_code, forsorjningsstod_sek, "
    "coalesce(ovrigt_bistand_sek, 0), reason_code, reason_text, reason_code_2, sex, birth_year, is_foreign_born, "
    "district, warnings"
)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
    return Settings(home=tmp_path / "a")


def loaded(settings: Settings) -> list[tuple]:
    return query(settings, f"select {LOADED} from register.person_months order by all")


def counts(settings: Settings) -> tuple:
    [found] = query(
        settings,
        "select state, mapping_name, rows_in_file, rows_filtered, rows_read, rows_loaded, lines_skipped "
        "from register.deliveries order by delivery_id desc limit 1",
    )
    return found


def own_mapping(settings: Settings, name: str, text: str) -> None:
    folder = settings.home / "landing" / "mappings"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")


EXPORTS = [
    ("uttag.csv", household_rows_csv, "hushallsrader"),
    ("uttag.txt", decision_rows_csv, "rader_med_beslut"),
    ("uttag.xlsx", hand_made_xlsx, "excel_for_hand"),
]


@pytest.mark.parametrize(("name", "export", "mapping"), EXPORTS)
def test_a_vendors_export_loads_to_the_same_person_months_as_its_twin(
    settings, tmp_path, name, export, mapping
):
    drawn = households()
    twin = Settings(home=tmp_path / "twin")
    deliver(settings, export(drawn), name=name)
    deliver(twin, canonical_rows(drawn))
    assert loading.load_landing(settings).accepted == loading.load_landing(twin).accepted == 1
    assert len(loaded(twin)) == len(canonical_rows(drawn))
    assert loaded(settings) == loaded(twin)
    assert counts(settings)[:2] == ("accepted", mapping)
    assert counts(twin)[1] is None


CASE_SYSTEMS = [
    (lifecare_csv, as_lifecare_tells, "lifecare_beslut"),
    (viva_csv, as_viva_tells, "viva_utbetalningar"),
]


@pytest.mark.parametrize(("export", "told", "mapping"), CASE_SYSTEMS)
def test_a_case_systems_own_export_gives_the_register_rows_of_the_plain_form(
    settings, tmp_path, export, told, mapping
):
    """Decisions and payments over several months, all kinds in one list, and neither role nor household type."""
    drawn = households(months=("2019-04", "2019-05", "2019-06"))
    twin = Settings(home=tmp_path / "twin")
    deliver(settings, export(drawn))
    deliver(twin, told(drawn))
    assert loading.load_landing(settings).accepted == loading.load_landing(twin).accepted == 1
    assert len(loaded(twin)) == len(canonical_rows(drawn))
    assert loaded(settings) == loaded(twin)
    assert counts(settings)[1] == mapping
    assert query(settings, "select count(*) from register.quarantine") == [(0,)]


@pytest.mark.parametrize(
    ("export", "told", "unknown"),
    [
        (lifecare_csv, as_lifecare_tells, ("Ek Ekonomiskt bistånd 12 kap 9 § SoL, bifall", "")),
        (viva_csv, as_viva_tells, ("Återbetald", "")),
    ],
)
def test_a_kind_or_status_that_the_mapping_does_not_know_is_told_and_never_guessed(
    settings, tmp_path, export, told, unknown
):
    drawn = households(40)
    twin = Settings(home=tmp_path / "twin")
    deliver(settings, export(drawn, unknown=unknown))
    deliver(twin, told(drawn))
    report = loading.load_landing(settings)
    loading.load_landing(twin)
    assert loaded(settings) == loaded(twin)
    assert query(settings, "select distinct rule_id from register.quarantine") == [("R24",)]
    assert "(R24)" in report.messages[0]


def test_a_month_with_many_rows_of_an_unknown_status_is_refused(settings):
    drawn = households(20)
    deliver(settings, viva_csv(drawn, unknown=("Återbetald",) * 30))
    loading.load_landing(settings)
    assert query(
        settings,
        "select strftime(period_month, '%Y-%m'), state, rule_id from register.delivery_months order by 1",
    ) == [("2019-04", "rejected", "D04"), ("2019-05", "accepted", None)]


def test_the_purpose_of_a_payment_decides_which_amount_it_is(settings):
    drawn = households(60, ["2019-04"])
    deliver(
        settings, viva_csv(drawn).replace(b";F\xf6rs\xf6rjningsst\xf6d;Utbetald;;", b";Annat;Utbetald;;", 1)
    )
    loading.load_landing(settings)
    assert query(settings, "select distinct rule_id from register.quarantine") == [("R24",)]


def test_rows_the_mapping_leaves_out_and_lines_around_the_table_are_counted(settings):
    drawn = households()
    deliver(settings, decision_rows_csv(drawn))
    report = loading.load_landing(settings)
    refused = sum(len(household) for household in drawn[::7])
    persons = len(canonical_rows(drawn))
    assert counts(settings)[2:] == (persons + refused, refused, persons, persons, 4)
    assert f"{refused} rader bortvalda av mappningen" in report.messages[0]
    assert "4 rader utanför tabellen hoppades över" in report.messages[0]


def test_the_rows_of_a_household_keep_the_row_of_the_file_they_came_from(settings):
    drawn = households(6, ["2019-04"])
    deliver(settings, household_rows_csv(drawn))
    loading.load_landing(settings)
    assert query(settings, "select file_row, count(*) from register.person_months group by 1 order by 1") == [
        (place, len(household)) for place, household in enumerate(drawn, 2)
    ]
    assert counts(settings)[2:6] == (6, 0, sum(map(len, drawn)), sum(map(len, drawn)))


def test_a_household_row_without_anyone_and_a_broken_one_lie_in_quarantine(settings):
    lines = household_rows_csv(households(60, ["2019-04"])).decode("utf-8-sig").splitlines()
    lines.insert(5, "0180,A900,2019-04-01,M,,,,,,,,,,,,,,,,,,")
    lines.insert(9, "0180,A901")
    deliver(settings, "\n".join(lines))
    report = loading.load_landing(settings)
    assert report.failed == 0
    assert query(settings, "select file_row, rule_id from register.quarantine order by 1") == [
        (6, "R03"),
        (10, "R00"),
    ]
    assert counts(settings)[0] == "accepted"


def test_the_very_same_household_row_again_is_counted_as_duplicates(settings):
    drawn = households(8, ["2019-04"])
    deliver(settings, household_rows_csv([*drawn, drawn[3]]))
    report = loading.load_landing(settings)
    assert (report.rows_loaded, report.rows_duplicate) == (sum(map(len, drawn)), len(drawn[3]))


OWN = """
signature: [Kod, Löpnr]
columns: {period: [År, Mån], hushalls_id: Löpnr, personnummer: Pnr, roll: R}
constants: {kommunkod: "0114"}
period_format: ÅÅÅÅ M
"""
OWN_FILE = f"Kod;Löpnr;År;Mån;Pnr;R\n1;H1;2019;5;{adult(1)};RL\n1;H2;2019;11;{adult(2)};RL\n"


def test_a_mapping_of_ones_own_is_found_by_its_columns(settings):
    own_mapping(settings, "egen", OWN)
    deliver(settings, OWN_FILE)
    loading.load_landing(settings)
    assert counts(settings)[:2] == ("accepted", "egen")
    found = query(
        settings, "select municipality_code, strftime(period_month, '%Y-%m') from register.person_months"
    )
    assert sorted(found) == [("0114", "2019-05"), ("0114", "2019-11")]


def test_where_several_mappings_fit_the_file_is_refused_until_its_folder_says_which(settings):
    own_mapping(settings, "egen", OWN)
    own_mapping(settings, "annan", OWN.replace("0114", "0180"))
    deliver(settings, OWN_FILE)
    deliver(settings, OWN_FILE + f"1;H3;2019;11;{adult(3)};RL\n", name="annan/uttag.csv", minute=1)
    report = loading.load_landing(settings)
    assert "flera mappningar passar (annan, egen)" in report.messages[0]
    assert query(
        settings, "select state, rule_id, mapping_name from register.deliveries order by delivery_id"
    ) == [
        ("rejected", "D02", None),
        ("accepted", None, "annan"),
    ]
    assert query(settings, "select distinct municipality_code from register.person_months") == [("0180",)]


def test_a_missing_column_of_the_mapping_is_named(settings):
    own_mapping(settings, "egen", OWN)
    deliver(settings, OWN_FILE.replace("Pnr", "Personnr"))
    [message] = loading.load_landing(settings).messages
    assert "kolumnen Pnr saknas (mappningen egen)" in message
    assert counts(settings)[0] == "rejected"


def test_a_broken_mapping_or_a_draft_stops_no_other_file_and_is_tried_again_when_mended(settings):
    own_mapping(settings, "egen", OWN.replace("signature", "signatur"))
    deliver(settings, OWN_FILE, name="egen/uttag.csv")
    deliver(settings, rows(5), name="ratt.csv", minute=1)
    deliver(settings, rows(5, kommunkod="0181", personnummer="1"), name="fel.csv", minute=2)
    report = loading.load_landing(settings)
    assert (report.accepted, report.rejected, report.failed) == (1, 2, 0)
    assert report.messages[0].startswith("Mappningen egen.yml går inte att använda: signat")
    own_mapping(settings, "egen", OWN + "is_draft: true\n")
    report = loading.load_landing(settings)
    assert "är ett utkast" in report.messages[0]
    assert report.files == 1
    own_mapping(settings, "egen", OWN)
    assert loading.load_landing(replace(settings, municipalities=("0114",))).accepted == 1
    assert loading.load_landing(settings).files == 0


def test_a_file_whose_every_row_is_left_out_has_no_rows(settings):
    own_mapping(settings, "egen", OWN + "filters: [{column: Kod, in: ['2', '']}]\n")
    deliver(settings, OWN_FILE)
    [message] = loading.load_landing(settings).messages
    assert "mappningen valde bort alla 2" in message
    assert query(settings, "select rule_id from register.deliveries") == [("D03",)]


def test_a_canonical_file_with_titles_a_second_header_row_and_a_sum_is_read(settings):
    lines = csv_text(rows(5)).splitlines()
    units = ";".join(["kod", "månad", "", "", "", "", "kr", "kr", "", "", "", "", ""])
    text = "\n".join(
        [
            "Uttag till registret",
            "Kommunen;Norra",
            lines[0],
            units,
            *lines[1:],
            "",
            "Totalt;;;;;;40 617,50;;;;;;",
        ]
    )
    deliver(settings, text)
    report = loading.load_landing(settings)
    assert (report.rows_loaded, report.rows_quarantined) == (5, 0)
    assert counts(settings)[-1] == 4


def test_a_line_with_a_personnummer_is_never_left_out_as_a_note(settings):
    deliver(settings, csv_text(rows(60)) + f"Summa {adult(3)}\nAnmärkning;{child(1)}\n")
    report = loading.load_landing(settings)
    assert (report.rows_read, report.rows_quarantined) == (62, 2)


def test_a_spreadsheet_in_the_canonical_form_needs_no_mapping(settings, tmp_path):
    from datetime import date

    from tests.fixtures.register_files import COLUMNS
    from tests.fixtures.xlsx_files import xlsx_bytes

    delivered = [row(), row(hushalls_id="H2", personnummer=adult(2))]
    cells: list[list[object]] = [list(COLUMNS), *([line[name] for name in COLUMNS] for line in delivered)]
    cells[1][:2] = [180, date(2019, 3, 1)]
    cells[2][3] = float(adult(2))
    deliver(settings, xlsx_bytes(cells, hidden_first=True), name="uttag.xlsx")
    twin = Settings(home=tmp_path / "twin")
    deliver(twin, delivered)
    loading.load_landing(settings)
    loading.load_landing(twin)
    assert loaded(settings) == loaded(twin)


def test_an_amount_on_a_household_row_without_registerledare_is_kept_with_the_other_adult(settings):
    lines = household_rows_csv(households(40, ["2019-04"])).decode("utf-8-sig").splitlines()
    number = households(40, ["2019-04"])[1][0]["personnummer"]
    deliver(
        settings,
        "\n".join(
            [
                lines[0],
                *lines[3:],
                lines[2].replace(number, "").replace("Arbetslös otillräcklig ersättning", "Ej aktuellt"),
            ]
        ),
    )
    loading.load_landing(settings)
    assert query(
        settings,
        "select role, forsorjningsstod_sek, warnings from register.person_months where warnings like 'R09%' "
        "and role = 'MS'",
    ) == [("MS", 3017.5, "R09,R13")]
    # and the applicant without a number is told, once
    assert query(settings, "select rule_id, role from register.quarantine") == [("R03", "RL")]


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    export=st.sampled_from(EXPORTS),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=4),
    length=st.sampled_from([None, None, -1, -40, 300]),
)
def test_a_torn_export_is_conserved_and_never_a_crash(tmp_path_factory, monkeypatch, export, cuts, length):
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
    settings = Settings(home=tmp_path_factory.mktemp("hem"))
    name, made, mapping = export
    content = made(households(6))[:length]
    for share, rubbish in cuts:
        place = int(share * len(content))
        content = content[:place] + rubbish + content[place + len(rubbish) :]
    deliver(settings, content, name=f"{mapping}/{name}")
    report = loading.load_landing(settings)
    assert (report.files, report.failed) == (1, 0)
    [(read, kept, in_file, filtered)] = query(
        settings,
        "select rows_read, rows_loaded + rows_quarantined + rows_duplicate, rows_in_file, rows_filtered "
        "from register.deliveries",
    )
    assert read == kept
    assert read >= in_file - filtered
