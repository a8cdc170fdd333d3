"""Files of events and saved baselines: what is read, and the sentence for each thing that can be wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orchestration.catalog.loader import Catalog, load_catalog
from orchestration.settings import Settings, load_settings
from orchestration.warehouse.events import EventError, told_rows
from orchestration.warehouse.raw_tables import condition_kind_rows
from tests.fixtures.register_files import adult

EVENTS = "datum;kommunkod;rubrik;slag;ny_fas\n"
BASELINES = "kommunkod;matt;fran;till\n"
TARGETS = "kommunkod;matt;period;mal;kommentar\n"
CONDITIONS = "kommunkod;period;uppgift;varde;svarsfrekvens;kommentar\n"
KINDS = "forandring, pandemi, systembyte, omorganisation, regel"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(load_settings())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(home=tmp_path)
    found.landing_events.mkdir(parents=True)
    return found


def event_rows(settings: Settings, catalog: Catalog) -> list[tuple]:
    return told_rows(settings, catalog)["events"]


def baseline_rows(settings: Settings, catalog: Catalog) -> list[tuple]:
    return told_rows(settings, catalog)["baselines"]


def target_rows(settings: Settings, catalog: Catalog) -> list[tuple]:
    return told_rows(settings, catalog)["targets"]


def condition_rows(settings: Settings, catalog: Catalog) -> list[tuple]:
    return told_rows(settings, catalog)["conditions"]


def lay(settings: Settings, text: str, name: str = "egna.csv", encoding: str = "utf-8") -> None:
    (settings.landing_events / name).write_bytes(text.encode(encoding))


def test_without_files_the_events_of_the_catalogue_stand_alone(tmp_path: Path, catalog: Catalog) -> None:
    alone = [(one.date, one.municipality_code) for one in catalog.events.events]
    assert [row[:2] for row in event_rows(Settings(home=tmp_path), catalog)] == sorted(alone)
    assert baseline_rows(Settings(home=tmp_path), catalog) == []


def test_files_of_both_kinds_lie_side_by_side_and_are_known_by_their_header(
    settings: Settings, catalog: Catalog
) -> None:
    lay(
        settings,
        EVENTS + "2019-02-01;0980;Nytt arbetssätt;forandring;ja\n2018-01-01;;Ny riksnorm;regel;nej\n",
    )
    lay(settings, BASELINES + "0980;recipients;2018-01;2018-12\n;entries;2017-02;2017-02\n", "baslinjer.csv")
    assert event_rows(settings, catalog)[:3] == [
        (date(2018, 1, 1), None, "Ny riksnorm", "regel", False),
        (date(2019, 2, 1), "0980", "Nytt arbetssätt", "forandring", True),
        (date(2020, 3, 11), None, "WHO förklarar covid-19 vara en pandemi", "pandemi", False),
    ]
    assert baseline_rows(settings, catalog) == [
        (None, "entries", date(2017, 2, 1), date(2017, 2, 1)),
        ("0980", "recipients", date(2018, 1, 1), date(2018, 12, 1)),
    ]


def test_the_same_event_in_two_files_stands_once_and_a_byte_order_mark_does_no_harm(
    settings: Settings, catalog: Catalog
) -> None:
    row = "2019-02-01;0980;Nytt arbetssätt;forandring;ja\n"
    lay(settings, EVENTS + row, "en.csv")
    lay(settings, EVENTS + row, "två.csv", "utf-8-sig")
    assert sum(one[1] == "0980" for one in event_rows(settings, catalog)) == 1


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("2019-02-01;0980;Nytt;flytt;ja", f"slag ska vara något av {KINDS}"),
        ("2019-02-01;0980;Nytt;forandring;kanske", "ny_fas ska vara ja eller nej"),
        ("2019-02-01;0980;Nytt;forandring", "ny_fas ska vara ja eller nej"),
        ("2019-02-01;0980;;forandring;ja", "rubrik saknas"),
        ("1 februari;0980;Nytt;forandring;ja", "datum skrivs ÅÅÅÅ-MM-DD och månad ÅÅÅÅ-MM"),
        ("2019-02-30;0980;Nytt;forandring;ja", "datum skrivs ÅÅÅÅ-MM-DD och månad ÅÅÅÅ-MM"),
        ("2019-02-01;980;Nytt;forandring;ja", "kommunkod ska vara en kommuns fyra siffror, 0000 för riket, eller tom för alla"),
        ("2019-02-01;9999;Nytt;forandring;ja", "kommunkod ska vara en kommuns fyra siffror, 0000 för riket, eller tom för alla"),
    ],
)  # fmt: skip
def test_a_wrong_event_is_one_sentence_with_file_and_line(
    settings: Settings, catalog: Catalog, row: str, what: str
) -> None:
    # an empty line is passed over and still counted
    lay(settings, f"{EVENTS}2018-01-01;;Ny riksnorm;regel;nej\n\n{row}\n")
    with pytest.raises(EventError) as error:
        event_rows(settings, catalog)
    assert str(error.value) == f"Filen egna.csv i landing/events, rad 4: {what}; rätta raden."


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("0980;mottagare;2018-01;2018-12", "måttet mottagare finns inte i indicators.yml"),
        ("0980;recipients;2018-12;2018-01", "till ligger före fran"),
        ("0980;recipients;2018;2018-12", "datum skrivs ÅÅÅÅ-MM-DD och månad ÅÅÅÅ-MM"),
        ("0980;recipients;2018-01", "datum skrivs ÅÅÅÅ-MM-DD och månad ÅÅÅÅ-MM"),
        ("lan:12;recipients;2018-01;2018-12", "kommunkod ska vara en kommuns fyra siffror, 0000 för riket, eller tom för alla"),
    ],
)  # fmt: skip
def test_a_wrong_baseline_is_one_sentence_with_file_and_line(
    settings: Settings, catalog: Catalog, row: str, what: str
) -> None:
    lay(settings, f"{BASELINES}{row}\n")
    with pytest.raises(EventError) as error:
        baseline_rows(settings, catalog)
    assert str(error.value) == f"Filen egna.csv i landing/events, rad 2: {what}; rätta raden."


def test_a_header_of_no_kind_names_them_all(settings: Settings, catalog: Catalog) -> None:
    lay(settings, "datum,kommunkod,rubrik,slag,ny_fas\n2019-02-01,0980,Nytt,forandring,ja\n")
    with pytest.raises(EventError) as error:
        event_rows(settings, catalog)
    assert str(error.value) == (
        "Filen egna.csv i landing/events har en rubrikrad som inte känns igen; den ska vara "
        "datum;kommunkod;rubrik;slag;ny_fas eller kommunkod;matt;fran;till eller kommunkod;matt;period;mal;kommentar "
        "eller kommunkod;period;uppgift;varde;svarsfrekvens;kommentar."
    )


def test_another_encoding_is_one_sentence(settings: Settings, catalog: Catalog) -> None:
    lay(settings, EVENTS + "2019-02-01;0980;Nytt arbetssätt;forandring;ja\n", encoding="cp1252")
    with pytest.raises(EventError) as error:
        event_rows(settings, catalog)
    assert str(error.value) == "Filen egna.csv i landing/events kan inte läsas; den ska vara CSV i UTF-8."


def test_a_target_is_a_number_in_the_unit_of_its_measure(settings: Settings, catalog: Catalog) -> None:
    share = "longterm_adults_share_recipients"
    lay(
        settings,
        TARGETS + f"0980;{share};2026;12,5 %;nämndens mål\n0980;entries;2026-Q4;40;\n0980;exits;2026-10;7;\n",
    )
    assert target_rows(settings, catalog) == [
        ("0980", "entries", "2026-Q4", 40.0, None),
        ("0980", "exits", "2026-10", 7.0, None),
        ("0980", share, "2026", 0.125, "nämndens mål"),
    ]


def test_what_a_municipality_tells_of_its_work_is_a_number_a_word_or_a_share_of_those_asked(
    settings: Settings, catalog: Catalog
) -> None:
    lay(
        settings,
        CONDITIONS + "0980;2026;handlaggare;11,5;;\n0980;2026;organisation;egen_enhet;;ny i maj\n"
        "0980;2026;nojda_klienter;74 %;38 %;\n0980;2026;handlaggare;11.5;;\n",
    )
    assert condition_rows(settings, catalog) == [
        ("0980", "handlaggare", "2026", 11.5, None, None, None),
        ("0980", "nojda_klienter", "2026", 0.74, None, 0.38, None),
        ("0980", "organisation", "2026", None, "egen_enhet", None, "ny i maj"),
    ]


@pytest.mark.parametrize(
    ("text", "read", "sentence"),
    [
        (TARGETS + "0980;finns_inte;2026;1;\n", target_rows, "måttet finns_inte finns inte i indicators.yml"),
        (TARGETS + ";entries;2026;1;\n", target_rows, "kommunkod ska vara en kommuns fyra siffror"),
        (TARGETS + "0980;entries;2026-13;1;\n", target_rows, "period skrivs 2026, 2026-Q4 eller 2026-10"),
        (TARGETS + "0980;entries;2026;;\n", target_rows, "mal ska vara ett tal, som 25 eller 12,5"),
        (TARGETS + "0980;longterm_adults_share_recipients;2026;25;\n", target_rows, "mal ska vara en andel med procenttecken"),
        (TARGETS + "0980;longterm_adults_share_recipients;2026;125 %;\n", target_rows, "mal ska vara en andel med procenttecken"),
        (TARGETS + "0980;entries;2026;1;\n0980;entries;2026;2;\n", target_rows, "rad 3: entries för 0980 och 2026 står redan"),
        (CONDITIONS + "0980;2026;gissning;1;;\n", condition_rows, "uppgift ska vara någon av handlaggare"),
        (CONDITIONS + "0980;2026;organisation;bra;;\n", condition_rows, "varde ska vara något av egen_enhet"),
        (CONDITIONS + "0980;2026;nojda_klienter;74 %;;\n", condition_rows, "svarsfrekvens ska vara en andel"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_with_its_line(
    settings: Settings, catalog: Catalog, text: str, read, sentence: str
) -> None:
    lay(settings, text)
    with pytest.raises(EventError, match=sentence):
        read(settings, catalog)


def test_what_excel_and_macos_leave_behind_is_passed_over_and_a_capital_ending_is_read(
    settings: Settings, catalog: Catalog
) -> None:
    lay(
        settings,
        TARGETS + "0980;entries;2026;40\n;;;;\n; ;;;\n0980;exits;2026;7;;;\n",
        "MAL.CSV",
        "utf-8-sig",
    )
    lay(settings, "\x00\x05\x16\x07", "._MAL.csv")
    lay(settings, "låst", "~$mal.csv")
    lay(settings, "PK", "mål.xlsx")
    passed_over: list[str] = []
    told_rows(settings, catalog, passed_over.append)
    assert passed_over == [
        "mål.xlsx i landing/events läses inte: där läses bara CSV; spara den som CSV i UTF-8."
    ]
    assert target_rows(settings, catalog) == [
        ("0980", "entries", "2026", 40.0, None),
        ("0980", "exits", "2026", 7.0, None),
    ]


def test_a_semicolon_without_quotes_is_refused_and_one_within_them_is_a_word(
    settings: Settings, catalog: Catalog
) -> None:
    lay(settings, TARGETS + '0980;entries;2026;40;"färre; snabbare"\n')
    assert target_rows(settings, catalog)[0][-1] == "färre; snabbare"
    lay(settings, TARGETS + "0980;entries;2026;40;färre; snabbare\n")
    with pytest.raises(EventError, match="rad 2: raden har 6 fält och rubrikraden 5; rätta raden"):
        target_rows(settings, catalog)


def test_a_personnummer_in_own_words_or_in_a_file_name_is_hidden(
    settings: Settings, catalog: Catalog
) -> None:
    number = adult(1)
    lay(settings, EVENTS + f"2019-02-01;0980;Samtal med {number};forandring;ja\n", f"{number}.csv")
    lay(settings, TARGETS + f"0980;entries;2026;40;se {number[:8]}-{number[8:]}\n", "mal.csv")
    lay(settings, CONDITIONS + f"0980;2026;handlaggare;2;;{number[2:]} slutar\n", "arbete.csv")
    told = [row[2] for row in event_rows(settings, catalog) if row[1] == "0980"] + [
        row[-1] for read in (target_rows, condition_rows) for row in read(settings, catalog)
    ]
    assert told == ["Samtal med [dolt]", "se [dolt]", "[dolt] slutar"]
    lay(settings, EVENTS + "i går;0980;Nytt;forandring;ja\n", f"{number}.csv")
    with pytest.raises(EventError) as error:
        event_rows(settings, catalog)
    assert number not in str(error.value)


def test_counts_and_surveys_are_internal(catalog: Catalog) -> None:
    internal = {row[0] for row in condition_kind_rows(catalog) if row[3]}
    assert internal == {"hushall_per_handlaggare", "ansokningar", "nojda_klienter"}
