"""How far the marts may differ from the release before. Keys, ranges and sums belong to the tests of dbt."""

from __future__ import annotations

from orchestration.lib.quality import CHANGE_SUITE
from validation.suites import Suite, between

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
)  # fmt: skip
