"""The catalogue: every fact once, and a plain sentence when it does not hold together."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.catalog.loader import CatalogError, load_catalog
from orchestration.settings import PROJECT_ROOT, Settings, load_settings

REGISTER_INDICATORS = {
    "recipients",
    "recipients_share_population",
    "adult_recipients",
    "child_recipients",
    "child_recipients_share_population",
    "young_adult_recipients_share_population",
    "longterm_adults",
    "longterm_adults_share_recipients",
    "longterm_adults_share_population",
    "very_longterm_adults",
    "very_longterm_adults_share_recipients",
    "longterm_children",
    "longterm_children_share_population",
    "households",
    "paid_sek",
    "paid_sek_per_household",
    "months_per_household_mean",
    "adults_with_reason",
    "reason_share",
}


@dataclass(frozen=True)
class CopiedSettings(Settings):
    """Settings whose catalogue is a copy that a test may spoil."""

    @property
    def catalog(self) -> Path:
        return self.home / "catalog"


@pytest.fixture
def copied(tmp_path: Path) -> Settings:
    settings = CopiedSettings(home=tmp_path)
    shutil.copytree(PROJECT_ROOT / "data" / "catalog", settings.catalog)
    return settings


def spoil(settings: Settings, file_name: str, old: str, new: str) -> None:
    path = settings.catalog / file_name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_indicator_of_the_register_is_described() -> None:
    catalog = load_catalog(load_settings())
    assert {one.indicator_id for one in catalog.indicators} >= REGISTER_INDICATORS


def test_what_only_others_publish_is_marked_so() -> None:
    catalog = load_catalog(load_settings())
    assert catalog.indicator("net_cost_per_inhabitant").is_published_only
    assert not catalog.indicator("recipients").is_published_only


def test_an_indicator_that_is_not_in_the_catalogue_is_an_error() -> None:
    with pytest.raises(KeyError):
        load_catalog(load_settings()).indicator("hittepå")


def test_both_readings_of_very_long_term_are_variants_of_one_indicator() -> None:
    catalog = load_catalog(load_settings())
    assert catalog.indicator("very_longterm_adults").definitions == [
        "very_longterm:interior",
        "very_longterm:window",
    ]
    assert catalog.is_official("very_longterm:interior")
    assert not catalog.is_official("very_longterm:window")


def test_every_printed_table_has_a_file() -> None:
    settings = load_settings()
    files = {table.file for table in load_catalog(settings).published.tables}
    assert files == {path.name for path in settings.published_tables.glob("*.csv")}


def test_every_caveat_is_used() -> None:
    folder = load_settings().catalog
    catalog = load_catalog(load_settings())
    texts = "".join(
        (folder / f"{name}.yml").read_text() for name in ("indicators", "sources", "published_tables")
    )
    assert [key for key in catalog.caveats if key not in texts] == []


def test_a_caveat_is_said_once_however_often_it_is_named() -> None:
    catalog = load_catalog(load_settings())
    assert catalog.caveat_text(["ovagt_medel", "ovagt_medel"]) == catalog.caveats["ovagt_medel"]


def test_an_unknown_field_is_refused_by_name(copied: Settings) -> None:
    spoil(copied, "indicators.yml", "    topic: omfattning", "    tema: omfattning\n    topic: omfattning")
    with pytest.raises(CatalogError, match=r"indicators\.yml.*indicators\.0\.tema känns inte igen"):
        load_catalog(copied)


def test_a_missing_field_is_named(copied: Settings) -> None:
    spoil(copied, "sources.yml", "    publisher: Levererande kommuner\n", "")
    with pytest.raises(CatalogError, match=r"sources\.yml.*publisher saknas"):
        load_catalog(copied)


def test_a_missing_file_is_named(copied: Settings) -> None:
    (copied.catalog / "release.yml").unlink()
    with pytest.raises(CatalogError, match=r"release\.yml saknas"):
        load_catalog(copied)


def test_a_key_that_stands_twice_is_refused(copied: Settings) -> None:
    spoil(copied, "caveats.yml", "  ovagt_medel:", "  ovagt_medel: En annan text.\n  ovagt_medel:")
    with pytest.raises(CatalogError, match="ovagt_medel' står två gånger"):
        load_catalog(copied)


def test_an_indicator_that_stands_twice_is_refused(copied: Settings) -> None:
    spoil(copied, "indicators.yml", "- indicator_id: adult_recipients", "- indicator_id: recipients")
    with pytest.raises(CatalogError, match="recipients står två gånger"):
        load_catalog(copied)


def test_a_caveat_that_does_not_exist_is_refused(copied: Settings) -> None:
    spoil(copied, "indicators.yml", "caveats: [ej_summerbart,", "caveats: [hittepå,")
    with pytest.raises(CatalogError, match="pekar på förbehållet hittepå"):
        load_catalog(copied)


def test_a_definition_that_is_not_in_the_seed_is_refused(copied: Settings) -> None:
    spoil(copied, "indicators.yml", "definitions: [default]", "definitions: [hittepå]")
    with pytest.raises(CatalogError, match="pekar på definitionen hittepå"):
        load_catalog(copied)


def test_a_printed_figure_must_have_the_unit_of_its_indicator(copied: Settings) -> None:
    spoil(
        copied,
        "published_tables.yml",
        "recipients_share_population, unit: percent",
        "recipients_share_population, unit: persons",
    )
    with pytest.raises(CatalogError, match="enheten persons i tabell3"):
        load_catalog(copied)
