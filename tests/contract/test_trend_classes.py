"""The trend class of every row of the published tables 3-6."""

from __future__ import annotations

import csv

import pytest
import yaml

from orchestration.database import open_database
from orchestration.settings import PROJECT_ROOT, Settings

GOLDEN = yaml.safe_load(
    (PROJECT_ROOT / "tests" / "fixtures" / "trend_classes.yml").read_text(encoding="utf-8")
)
# Burlöv has no printed figure at all in table 6, and a series without a figure has no class
WITHOUT_FIGURES = {("tabell6", "Burlöv")}


@pytest.mark.parametrize("table", GOLDEN)
def test_every_printed_row_has_its_golden_class(table: str, drawn_warehouse: Settings) -> None:
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        rows = warehouse.execute(
            "select coalesce(geography_name, geography_id), trend_class from marts.indicator_trends "
            "left join marts.dim_geographies using (geography_id) where series_source = ?",
            [table],
        ).fetchall()
    found = {kind: {name for name, trend_class in rows if trend_class == kind} for kind in GOLDEN[table]}
    assert found == {kind: set(names) for kind, names in GOLDEN[table].items()}
    assert len(rows) == sum(map(len, found.values()))


@pytest.mark.parametrize("table", GOLDEN)
def test_the_golden_classes_hold_every_printed_municipality_once(table: str) -> None:
    path = next((PROJECT_ROOT / "data" / "published_tables").glob(f"{table}_*.csv"))
    with path.open(encoding="utf-8") as file:
        printed = {
            row["municipality_corrected"]
            for row in csv.DictReader(file)
            if row["region_type"] == "municipality"
        }
    named = [name for names in GOLDEN[table].values() for name in names]
    missing = {name for kind, name in WITHOUT_FIGURES if kind == table}
    assert len(named) == len(set(named))
    assert set(named) - {"Riket", "ovagt_medel"} == printed - missing
