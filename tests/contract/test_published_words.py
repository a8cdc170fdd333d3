"""The words by which published files are read point at things that exist, in the right unit."""

from __future__ import annotations

from itertools import pairwise

import pytest
import yaml

from orchestration.catalog.loader import UNIT_OF_PRINTED, load_catalog
from orchestration.settings import PROJECT_ROOT, load_settings
from orchestration.sources.oj_catalog import oj_catalog
from orchestration.sources.tables.measures import BREAKDOWN_ORDER, definitions
from orchestration.sources.tables.places import find_place

CATALOG = PROJECT_ROOT / "data" / "catalog"


def test_every_measure_is_an_indicator_of_ours_in_a_unit_that_becomes_its_own() -> None:
    catalog = load_catalog(load_settings())
    for entry in yaml.safe_load((CATALOG / "socialstyrelsen.yml").read_text(encoding="utf-8"))["measures"]:
        indicator = catalog.indicator(entry["indicator_id"])
        assert entry.get("definition_id", "default") in indicator.definitions
        assert UNIT_OF_PRINTED.get(entry["unit"], entry["unit"]) == indicator.unit


def test_every_name_of_a_measure_is_read_as_that_measure() -> None:
    for entry in yaml.safe_load((CATALOG / "socialstyrelsen.yml").read_text(encoding="utf-8"))["measures"]:
        for name in entry["names"]:
            assert definitions().measure(name, entry["unit"]).indicator_id == entry["indicator_id"], name


def test_every_group_of_ours_is_known_by_its_own_name() -> None:
    words = definitions()
    assert words.group("Ensamstående kvinna med barn") == ("household_type", "ensamstaende_kvinna_med_barn")
    assert words.group("Arbetshinder av sociala skäl") == ("reason", "sociala_skal")
    assert words.group("65 år och äldre") == ("age", "65+")
    assert words.group("20–24 år") == ("age", "20-24")
    assert set(BREAKDOWN_ORDER) >= {"sex", "age", "origin", "household_type", "reason"}


@pytest.mark.parametrize("question", oj_catalog().indicators, ids=lambda one: one.indicator_id)
def test_versions_of_a_question_follow_each_other_and_have_a_coding_or_a_unit(question) -> None:
    versions = question.versions
    for before, after in pairwise(versions):
        assert before.to_edition is not None
        assert after.from_edition == before.to_edition + 1
    for version in versions:
        assert (version.coding is None) != (version.unit is None)
        assert version.coding is None or version.coding in oj_catalog().codings


def test_every_question_is_found_by_its_own_name_or_its_kolada_id() -> None:
    for question in oj_catalog().indicators:
        for kpi in question.kolada:
            assert oj_catalog().question(f"Fråga ({kpi})") == [question]


def test_parents_of_districts_are_municipalities() -> None:
    for code, names in oj_catalog().district_parents.items():
        assert find_place(code).kind == "municipality"
        assert find_place(names[0]).geography_id == code
