"""What lies in schema raw of the warehouse: the catalogue, the printed tables as printed, and the population."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from orchestration.database import open_database
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.raw_tables import COLUMNS, PopulationError, load_raw_tables

HEADER = "kommunkod;ar;kon;alder;antal\n"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("raw"))
    load_raw_tables(settings)
    return settings


def query(settings: Settings, sql: str) -> list[tuple]:
    with open_database(settings.warehouse) as connection:
        return connection.execute(sql).fetchall()


def printed(settings: Settings, where: str) -> list[tuple]:
    return query(
        settings,
        "select published_table_id, year, value, value_as_printed, value_status from raw.published_figures "
        f"where {where} order by published_table_id, year, file_line",
    )


def land(settings: Settings, name: str, text: str, is_synthetic: bool = False) -> None:
    settings.landing_population.mkdir(parents=True, exist_ok=True)
    (settings.landing_population / name).write_text(HEADER + text, encoding="utf-8")
    if is_synthetic:
        (settings.landing_population / "SYNTETISKT.txt").touch()


def test_all_tables_exist_without_a_population_file(loaded: Settings) -> None:
    counts = {table: query(loaded, f"select count(*) from raw.{table}")[0][0] for table in COLUMNS}
    assert counts["population"] == 0
    assert counts["indicators"] > 20
    assert counts["published_figures"] > 1000


def test_the_columns_are_those_that_the_models_read(loaded: Settings) -> None:
    for table, columns in COLUMNS.items():
        names = [row[0] for row in query(loaded, f"describe raw.{table}")]
        assert names == [column.split()[0] for column in columns.split(", ")]


def test_one_row_per_indicator_and_definition(loaded: Settings) -> None:
    assert query(
        loaded, "select count(*) = count(distinct (indicator_id, definition_id)) from raw.indicators"
    ) == [(True,)]


def test_thresholds_in_texts_come_from_the_definitions(loaded: Settings) -> None:
    texts = dict(query(loaded, "select definition_id, definition_text from raw.indicators"))
    assert "minst 10 av kalenderårets 12 månader" in texts["longterm:person_wide"]
    assert "minst 27 av 36 månader" in texts["very_longterm:interior"]
    assert "längre än 2 månader i följd" in texts["very_longterm:window"]
    assert not any("{" in text for text in texts.values())


def test_only_the_official_definition_carries_the_kolada_id(loaded: Settings) -> None:
    found = query(
        loaded,
        "select definition_id, kolada_id, published_break_years, since_year from raw.indicators "
        "where indicator_id = 'longterm_adults_share_recipients' order by sort_order",
    )
    assert found == [
        ("longterm:person_wide", "N31814", "2016/2017", 2017),
        ("longterm:within_municipality", None, None, None),
        ("longterm_rolling12:default", None, None, None),
    ]


def test_what_counts_months_in_every_municipality_says_what_it_does_not_see(loaded: Settings) -> None:
    """Every definition whose figure depends on months elsewhere, in the seed, has the text that stands beside it."""
    saying = {row[0] for row in query(loaded, "select definition_id from raw.indicators where unseen_months_text like 'Månader i andra kommuner syns inte%'")}  # fmt: skip
    with (PROJECT_ROOT / "dbt_project/seeds/reference/definitions.csv").open(encoding="utf-8") as file:
        person_wide = {
            row["definition_id"]
            for row in csv.DictReader(file)
            if row["municipality_method"] == "person_wide" and row["min_months"]
        }
    assert saying == person_wide


def test_the_register_is_not_said_to_break_with_the_published_series(loaded: Settings) -> None:
    [(text,)] = query(
        loaded,
        "select caveat_text from raw.indicators where indicator_id = 'longterm_adults' and definition_id = 'longterm:person_wide'",
    )
    assert "Våra egna siffror räknas på samma sätt alla år." in text


def test_the_texts_of_reasons_say_what_is_counted(loaded: Settings) -> None:
    texts = dict(
        query(
            loaded,
            "select indicator_id || ' ' || definition_id, definition_text || ' ' || numerator_text || ' ' || "
            "coalesce(denominator_text, '') from raw.indicators where topic = 'forsorjningshinder'",
        )
    )
    assert "ett andra hinder i samma beslut räknas inte" in texts["several_reasons_share default"]
    assert "bara om inget är registrerat den månaden" in texts["adults_with_reason default"]
    assert "bara om inget hinder är registrerat den månaden" in texts["reason_share reason:months"]
    assert texts["reason_share reason:months"].endswith(
        "Månader då en vuxen hade försörjningshindret Månader i alla försörjningshinder, uppgift saknas inräknat"
    )


def test_the_unweighted_mean_of_very_long_term_2017_stands_with_both_printed_values(loaded: Settings) -> None:
    found = printed(
        loaded,
        "area_type = 'unweighted_mean' and indicator_id = 'very_longterm_adults_share_recipients' and year = 2017",
    )
    assert found == [
        ("tabell2", 2017, 14.8, "14,8", "published"),
        ("tabell6", 2017, 13.9, "13,9", "published"),
    ]


def test_burlov_has_no_value_and_keeps_its_mark(loaded: Settings) -> None:
    marks = printed(loaded, "municipality_code = '1231' and value is null")
    assert [(table, year, mark) for table, year, _, mark, _ in marks] == [
        ("tabell14", 2017, ".."),
        ("tabell17", 2017, ""),
        *[("tabell2", 2017, "Saknas")] * 3,
        ("tabell3", 2017, "Uppgift saknas"),
        ("tabell4", 2017, "Uppgift saknas"),
        ("tabell5", 2017, "Uppgift saknas"),
        *[("tabell6", year, "Uppgift saknas") for year in (2017, 2018, 2019)],
    ]
    assert {status for *_, status in marks} == {"missing"}


def test_the_country_is_kept_apart_from_the_unweighted_mean(loaded: Settings) -> None:
    found = query(
        loaded,
        "select area_type, year, value from raw.published_figures where published_table_id = 'tabell6' "
        "and area_type <> 'municipality' and year > 2017 order by all",
    )
    assert found == [
        ("country", 2018, 22.3),
        ("country", 2019, 20.7),
        ("unweighted_mean", 2018, 14.8),
        ("unweighted_mean", 2019, 16.4),
    ]


def test_only_municipalities_have_a_municipality_code(loaded: Settings) -> None:
    assert (
        query(
            loaded,
            "select distinct area_type from raw.published_figures "
            "where (municipality_code is null) = (area_type = 'municipality')",
        )
        == []
    )


def test_a_misprinted_name_finds_its_municipality(loaded: Settings) -> None:
    assert query(
        loaded, "select distinct municipality_code from raw.published_figures where area_name = 'Mölndal'"
    ) == [("1481",)]


def test_a_whole_printed_percentage_has_the_decimals_of_its_table(loaded: Settings) -> None:
    assert query(
        loaded,
        "select value, decimals from raw.published_figures where published_table_id = 'tabell2' "
        "and value_as_printed = '26' and area_name = 'Hammarö'",
    ) == [(26.0, 1)]


def test_women_and_men_of_table_15_are_adults(loaded: Settings) -> None:
    assert query(
        loaded,
        "select indicator_id, breakdown, value from raw.published_figures where published_table_id = 'tabell15' "
        "and area_type = 'country' order by file_line",
    ) == [
        ("recipients", "total", 381237),
        ("adult_recipients", "total", 248294),
        ("adult_recipients", "sex=K", 115777),
        ("adult_recipients", "sex=M", 132517),
        ("child_recipients", "total", 132943),
    ]


def test_file_lines_point_at_the_cell_in_the_file(loaded: Settings) -> None:
    path = loaded.published_tables / "tabell14_antal_bistandsmottagare.csv"
    line = query(
        loaded,
        "select file_line from raw.published_figures where published_table_id = 'tabell14' "
        "and municipality_code = '1231' and year = 2017",
    )[0][0]
    assert (
        path.read_text(encoding="utf-8").splitlines()[line - 1].startswith("Burlöv,Burlöv,municipality,2017")
    )


def test_loading_twice_gives_the_same_rows_in_the_same_order(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first = load_raw_tables(settings)
    rows = query(settings, "select * from raw.published_figures")
    assert load_raw_tables(settings) == first
    assert query(settings, "select * from raw.published_figures") == rows


def test_each_table_is_reported_in_one_line(tmp_path: Path) -> None:
    lines: list[str] = []
    rows = load_raw_tables(Settings(home=tmp_path), lines.append)
    assert lines == [f"raw.{table}: {count} rader inlästa." for table, count in rows.items()]


def test_population_keeps_the_leading_zero_and_says_where_it_comes_from(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    land(settings, "folkmangd.csv", "0180;2019;K;0;100\n0180;2019;M;100+;7\n")
    load_raw_tables(settings)
    assert query(settings, "select * from raw.population") == [
        ("0180", 2019, "K", 0, 100, "population_delivered"),
        ("0180", 2019, "M", 100, 7, "population_delivered"),
    ]


def test_a_marked_folder_gives_synthetic_population(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    land(settings, "folkmangd.csv", "0180;2019;K;0;100\n", is_synthetic=True)
    load_raw_tables(settings)
    assert query(settings, "select distinct source_id from raw.population") == [("population_synthetic",)]


def test_a_later_file_replaces_a_municipality_and_year_whole(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    land(settings, "1_forst.csv", "0180;2019;K;0;100\n0180;2019;K;1;90\n1480;2019;K;0;50\n")
    land(settings, "2_sedan.csv", "0180;2019;K;0;101\n")
    load_raw_tables(settings)
    assert query(settings, "select municipality_code, age, population_count from raw.population") == [
        ("0180", 0, 101),
        ("1480", 0, 50),
    ]


@pytest.mark.parametrize(
    "row", ["9999;2019;K;0;1", "0180;2019;X;0;1", "0180;2019;K;barn;1", "0180;2019;K;0;-1"]
)
def test_a_wrong_population_row_stops_with_its_file_and_line(tmp_path: Path, row: str) -> None:
    settings = Settings(home=tmp_path)
    land(settings, "folkmangd.csv", f"0180;2019;K;0;100\n{row}\n")
    with pytest.raises(PopulationError, match=r"folkmangd\.csv har 1 felaktiga rader, den första på rad 3"):
        load_raw_tables(settings)


def test_the_same_cell_twice_in_a_population_file_stops(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    land(settings, "folkmangd.csv", "0180;2019;K;0;100\n0180;2019;K;0;100\n")
    with pytest.raises(PopulationError, match="två gånger"):
        load_raw_tables(settings)


def test_a_population_file_without_a_column_names_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.landing_population.mkdir(parents=True)
    (settings.landing_population / "folkmangd.csv").write_text("kommunkod;ar;kon;antal\n0180;2019;K;5\n")
    with pytest.raises(PopulationError, match="saknar kolumnen alder"):
        load_raw_tables(settings)


def test_a_failed_load_leaves_the_tables_as_they_were(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    land(settings, "folkmangd.csv", "0180;2019;K;0;100\n")
    load_raw_tables(settings)
    land(settings, "folkmangd.csv", "0180;2019;K;0;fel\n")
    with pytest.raises(PopulationError):
        load_raw_tables(settings)
    assert query(settings, "select population_count from raw.population") == [(100,)]
