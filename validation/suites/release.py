"""How far the marts may differ from the release before. Keys, ranges and sums belong to the tests of dbt.

What is blocking stops the release until a person has accepted it (bistand run --accept-changes).
"""

from __future__ import annotations

from orchestration.catalog.loader import load_catalog
from orchestration.settings import load_settings
from orchestration.warehouse.quality import CHANGE_SUITE
from validation.suites import Suite, between

_RULES = load_catalog(load_settings()).release

SUITES = (
    Suite(
        name=CHANGE_SUITE,
        frame="changes",
        table_name="indicator_values",
        keys=("indicator_id", "definition_id", "period"),
        expectations=(
            between(
                "Inget redan publicerat värde har försvunnit", "gone_count", 0, 0, severity="warning"
            ),
            between(
                "Högst 1 procent av en indikators publicerade värden för en tid ändras mer än 20 procent",
                "changed_share", 0, 0.01, severity="warning",
            ),
        ),
    ),
    Suite(
        name=f"{CHANGE_SUITE}_years",
        frame="years",
        table_name="indicator_values",
        keys=("geography_id", "period"),
        expectations=(
            between("Varje kommun och år i den förra utgåvan finns kvar", "is_kept", 1, 1),
        ),
    ),
    Suite(
        name=f"{CHANGE_SUITE}_totals",
        frame="totals",
        table_name="indicator_values",
        keys=("indicator_id", "geography_id", "period"),
        expectations=(
            between(
                f"Utan ny leverans ändras kommunens och landets årstal till {_RULES.total_change_min:g}–"
                f"{_RULES.total_change_max:g} gånger det förra".replace(".", ","),
                "change", _RULES.total_change_min, _RULES.total_change_max,
            ),
        ),
    ),
    Suite(
        name="release_shares",
        frame="shares",
        table_name="indicator_values",
        keys=("indicator_id", "definition_id", "period"),
        expectations=(between("Ingen andel är större än 1", "largest_share", 0, 1),),
    ),
)  # fmt: skip
