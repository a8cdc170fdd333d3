"""Catalogue, seeds, models and release hold each other, both ways."""

from __future__ import annotations

import csv
import inspect
import json
import re

import pytest
import yaml

from dashboards import queries
from orchestration.catalog.loader import load_catalog
from orchestration.conformance.plain_register import PlainRegister, Row
from orchestration.conformance.plain_values import PlainValues
from orchestration.conformance.terms import load_terms
from orchestration.database import open_database
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.dbt_runner import target_folder
from orchestration.warehouse.test_sentences import read_dbt_tests
from tests.spec.drawing import load_specs


def _catalogued(settings: Settings) -> set[tuple[str, str]]:
    with open_database(settings.warehouse, read_only=True) as warehouse:
        return set(warehouse.execute("select indicator_id, definition_id from raw.indicators").fetchall())


def _in_values(settings: Settings) -> set[tuple[str, str]]:
    with open_database(settings.warehouse, read_only=True) as warehouse:
        return set(
            warehouse.execute(
                "select distinct indicator_id, definition_id from marts.indicator_values"
            ).fetchall()
        )


@pytest.fixture(scope="module")
def computed(drawn_warehouse: Settings, drawn_activity: Settings) -> set[tuple[str, str]]:
    """(indicator, definition) of every figure: those of the activity requirement are of later years only."""
    return _in_values(drawn_warehouse) | _in_values(drawn_activity)


def test_every_computed_indicator_is_catalogued(drawn_warehouse: Settings, computed: set) -> None:
    assert computed - _catalogued(drawn_warehouse) == set()


def test_every_catalogued_indicator_is_computed_or_published(
    drawn_warehouse: Settings, computed: set
) -> None:
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        printed = set(
            warehouse.execute(
                "select distinct indicator_id, definition_id from marts.published_values"
            ).fetchall()
        )
    assert _catalogued(drawn_warehouse) - computed - printed == set()


def test_every_computed_indicator_has_a_drawn_case(drawn_warehouse: Settings, computed: set) -> None:
    """A new indicator or variant needs a case in tests/spec, which is also its page in the docs."""
    drawn = {tuple(line.split()[:2]) for spec in load_specs() for line in spec.expected}
    assert computed - drawn == set()


def test_every_computed_indicator_has_a_second_plain_computation(
    drawn_warehouse: Settings, computed: set
) -> None:
    # in the years of the drawn cases, and in those of the activity requirement
    months = ((2019, 1), (2026, 10))
    rows = [Row("1280", *month, "h", "p", 1980, "K", "RL", 5, 1000.0, None, None) for month in months]
    terms = load_terms(drawn_warehouse)
    register = PlainRegister(rows, {("1280", *month) for month in months}, terms.areas)
    recomputed = {key[:2] for key in PlainValues(register, terms, {}).answers(["1280"])}
    assert computed == recomputed


def test_every_kpi_of_kolada_points_at_an_indicator_of_ours(drawn_warehouse: Settings) -> None:
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        unknown = warehouse.execute(
            "select kolada_id from reference.kolada_kpis where (indicator_id, definition_id) not in "
            "(select indicator_id, definition_id from raw.indicators)"
        ).fetchall()
        without_values = warehouse.execute(
            "select kolada_id from reference.kolada_kpis where (indicator_id, definition_id) in "
            "(select indicator_id, definition_id from marts.indicator_values) and (indicator_id, definition_id, breakdown) "
            "not in (select indicator_id, definition_id, breakdown from marts.indicator_values)"
        ).fetchall()
    assert unknown == []
    assert without_values == []


def test_unseen_months_are_said_where_some_municipalities_do_not_deliver(drawn_warehouse: Settings) -> None:
    """The drawn municipalities are several but not all, so months in the others are unseen."""
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        found = warehouse.execute(
            "select kolada_id, unseen_months_text is not null from marts.dim_indicators where (indicator_id, definition_id) "
            "in (('longterm_adults_share_recipients', 'longterm:person_wide'), ('recipients', 'default')) order by 1"
        ).fetchall()
    assert found == [("N31814", True), ("N31848", False)]


def test_a_municipality_begins_with_its_first_delivered_month(drawn_warehouse: Settings) -> None:
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        found = warehouse.execute(
            "select count(*), count(case when register_begins_month = first_month then 1 end) from meta.missing_months "
            "inner join (select municipality_code, min(period) as first_month from meta.deliveries "
            "where state = 'accepted' group by municipality_code) as firsts on geography_id = municipality_code"
        ).fetchone()
    assert found[0] > 0
    assert found[0] == found[1]


def test_units_of_catalogue_and_models_agree(drawn_warehouse: Settings) -> None:
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        differing = warehouse.execute(
            "select distinct indicator_id, indicator_values.unit, indicators.unit from marts.indicator_values "
            "join raw.indicators using (indicator_id, definition_id) where indicator_values.unit <> indicators.unit"
        ).fetchall()
    assert differing == []


def test_definitions_used_are_in_the_seed(drawn_warehouse: Settings, computed: set) -> None:
    with (PROJECT_ROOT / "dbt_project/seeds/reference/definitions.csv").open(encoding="utf-8") as file:
        seeded = {row["definition_id"] for row in csv.DictReader(file)}
    assert {definition for _, definition in computed} <= seeded


def test_sources_of_values_are_catalogued(drawn_warehouse: Settings) -> None:
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        unknown = warehouse.execute(
            "select distinct source_id from marts.indicator_values where source_id not in (select source_id from raw.sources)"
        ).fetchall()
    assert unknown == []


def test_every_topic_of_the_catalogue_has_a_name_on_its_page() -> None:
    catalog = yaml.safe_load((PROJECT_ROOT / "data/catalog/indicators.yml").read_text(encoding="utf-8"))
    page = (PROJECT_ROOT / "dashboards/app_pages/definitioner.py").read_text(encoding="utf-8")
    topics = {indicator["topic"] for indicator in catalog["indicators"]}
    assert {topic for topic in topics if f'"{topic}": ' not in page} == set()


def test_every_mart_is_released_and_every_released_table_has_an_origin(drawn_warehouse: Settings) -> None:
    manifest = json.loads((target_folder(drawn_warehouse) / "manifest.json").read_text(encoding="utf-8"))
    marts = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("marts", "meta")
    }
    assert marts == load_catalog(drawn_warehouse).release.names


def test_every_check_of_dbt_is_said_in_a_sentence_of_its_own(drawn_warehouse: Settings) -> None:
    manifest = target_folder(drawn_warehouse) / "manifest.json"
    tests = read_dbt_tests(manifest).values()
    assert len(tests) > 200
    for test in tests:
        sentence = re.sub(r"(rad för varje|är ett av|finns i) .*", "", test.sentence)
        assert not re.search(r"[{}_]|ref\(", sentence), sentence
    assert len(set(tests)) == len(tests)


def test_the_promised_columns_of_indicator_values_stand_first_and_in_order(drawn_warehouse: Settings) -> None:
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        columns = [row[0] for row in warehouse.execute("describe marts.indicator_values").fetchall()]
    assert columns == [
        "indicator_id", "definition_id", "geography_id", "period", "breakdown", "value", "numerator", "denominator",
        "unit", "value_status", "is_preliminary", "is_estimated", "source_id", "as_of", "is_rounded", "period_kind",
        "period_start", "period_year", "period_month", "municipalities_included", "municipalities_total", "denominator_source",
    ]  # fmt: skip


def test_the_finest_age_bands_hold_every_age_once() -> None:
    with (PROJECT_ROOT / "dbt_project/seeds/reference/age_bands.csv").open(encoding="utf-8") as file:
        bands = [row for row in csv.DictReader(file) if row["is_finest"] == "true"]
    ages = [age for band in bands for age in range(int(band["age_from"]), int(band["age_to"]) + 1)]
    assert ages == list(range(1000))


def test_the_key_of_every_released_table_is_tested(drawn_warehouse: Settings) -> None:
    """A release puts rows in order by the key alone, which gives one order only where no two rows share it."""
    manifest = json.loads((target_folder(drawn_warehouse) / "manifest.json").read_text(encoding="utf-8"))
    unique: dict[str, list[set[str]]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata")
        if test and test["name"] in {"unique", "unique_combination"}:
            columns = test["kwargs"].get("columns") or [test["kwargs"]["column_name"]]
            unique.setdefault(node["attached_node"].split(".")[-1], []).append(set(columns))
    # one row alone, and rows that come after the tests and are put in order by every column
    released = [
        one
        for one in load_catalog(drawn_warehouse).release.tables
        if one.table not in {"release_info", "quality_results"}
    ]
    assert [
        one.table
        for one in released
        if not any(columns <= set(one.key) for columns in unique.get(one.table, []))
    ] == []


def test_the_release_and_every_page_are_exposed_with_what_they_read() -> None:
    told = yaml.safe_load(
        (PROJECT_ROOT / "dbt_project/models/meta/release/_release.yml").read_text(encoding="utf-8")
    )
    reads = {
        one["name"]: {re.fullmatch(r"ref\('(\w+)'\)", ref)[1] for ref in one["depends_on"]}
        for one in told["exposures"]
    }
    released = load_catalog(Settings(home=PROJECT_ROOT)).release.names
    assert reads["release"] == released
    pages = {
        path.stem: path.read_text(encoding="utf-8")
        for path in (PROJECT_ROOT / "dashboards/app_pages").glob("*.py")
    }
    assert {name.removeprefix("page_") for name in reads} - {"release", "layout"} == set(pages)
    pages["layout"] = "".join(
        (PROJECT_ROOT / "dashboards" / path).read_text(encoding="utf-8")
        for path in ("streamlit_app.py", "components/layout.py")
    )
    for page, text in pages.items():
        asked = {name for name in re.findall(r"queries\.(\w+)", text) if name.islower()}
        sql = "".join(inspect.getsource(inspect.unwrap(getattr(queries, name))) for name in asked)
        found = {table for table in released if re.search(rf"\b(from|join)\s+{table}\b", sql)}
        assert found <= reads[f"page_{page}"], page
    # what a helper of the questions reads is told by a page at least
    asked = "".join(
        path.read_text(encoding="utf-8") for path in (PROJECT_ROOT / "dashboards/queries").glob("*.py")
    )
    named = {table for table in released if re.search(rf"\b(from|join)\s+{table}\b", asked)}
    assert named == set().union(*(tables for name, tables in reads.items() if name != "release"))


def test_no_released_table_reaches_the_register_past_the_protection(drawn_warehouse: Settings) -> None:
    """But through models that say in `meta` that they tell of nobody: of municipalities and months alone."""
    manifest = json.loads((target_folder(drawn_warehouse) / "manifest.json").read_text(encoding="utf-8"))
    nodes = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    excused = set()

    def reaches_vault(name: str) -> bool:
        if name not in nodes:
            return name.startswith("source.bistandslagret.vault.")
        if nodes[name]["config"]["meta"].get("tells_of_nobody"):
            excused.add(nodes[name]["name"])
            return False
        return nodes[name]["fqn"][1] != "protected" and any(
            reaches_vault(parent) for parent in nodes[name]["depends_on"]["nodes"]
        )

    released = load_catalog(drawn_warehouse).release.names
    marts = {node["name"]: node["unique_id"] for node in nodes.values() if node["name"] in released}
    assert set(marts) == released
    assert {name for name, unique_id in marts.items() if reaches_vault(unique_id)} == set()
    # and none says so that need not
    assert excused == {
        node["name"] for node in nodes.values() if node["config"]["meta"].get("tells_of_nobody")
    }
