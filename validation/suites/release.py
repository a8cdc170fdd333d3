"""What the marts must be before they are released, and how far they may differ from the release before."""

from __future__ import annotations

from orchestration.lib.quality import CHANGE_SUITE
from validation.suites import Suite, at_least, between, has_rows, never_null, one_of

STATUSES = ("published", "suppressed", "not_reported", "not_applicable", "not_comparable", "missing")
UNITS = ("persons", "households", "share", "sek", "sek_per_household", "months")

_CELL = ("indicator_id", "definition_id", "geography_id", "period", "breakdown")

SUITES = (
    Suite(
        name="release_values",
        frame="values",
        table_name="indicator_values",
        keys=_CELL,
        expectations=(
            has_rows("Det finns värden att publicera"),
            one_of("Varje värde har en känd status", "value_status", STATUSES),
            one_of("Varje värde har en känd enhet", "unit", UNITS),
            never_null("Varje värde har en källa", "source_id"),
            never_null("Varje värde har ett datum som det gäller från", "as_of"),
            between("Värdet är tomt precis när det inte är publicerat", "status_mismatch", 0, 0),
            between("Andelar ligger mellan 0 och 1", "share_value", 0, 1),
            between("Antal, belopp och medelvärden är aldrig negativa", "amount_value", 0, None),
            at_least("Täljaren i en andel är inte större än nämnaren", "share_denominator", "share_numerator"),
            between("Varje tal över noll anger hur många det bygger på", "lacks_count", 0, 0),
        ),
    ),
    Suite(
        name="release_keys",
        frame="keys",
        table_name="indicator_values",
        keys=("table_name",),
        expectations=(
            between(
                "Indikator, definition, område, period och uppdelning pekar ut ett enda värde", "duplicates", 0, 0
            ),
        ),
    ),
    Suite(
        name="release_sums",
        frame="sums",
        table_name="indicator_values",
        keys=("geography_id", "period"),
        expectations=(
            between("Kvinnor och män är tillsammans alla vuxna", "women_men_difference", 0, 0),
            between("Vuxna och barn är tillsammans alla mottagare", "adults_children_difference", 0, 0),
        ),
    ),
    Suite(
        name=CHANGE_SUITE,
        frame="changes",
        table_name="indicator_values",
        keys=_CELL,
        expectations=(
            between(
                "Inget redan publicerat värde har försvunnit", "is_gone", 0, 0, severity="warning"
            ),
            between(
                "Redan publicerade värden ändras högst 20 procent",
                "relative_change", 0, 0.2, severity="warning", mostly=0.99,
            ),
        ),
    ),
)  # fmt: skip
