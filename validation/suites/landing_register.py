"""What the deliveries of the register must be before anything is built from them.

Row rules belong to the intake (orchestration/intake); here the shape of the files and the profile of each delivered
month are looked at. The frames hold one row per delivery and one per unit: never a person.
"""

from __future__ import annotations

from validation.suites import Suite, at_least, between, has_rows, never_null, one_of

SUITES = (
    Suite(
        name="landing_files",
        frame="files",
        table_name="register.deliveries",
        keys=("delivery_id",),
        expectations=(
            has_rows("Minst en leverans har kommit in"),
            one_of(
                "Varje leverans har ett känt utfall",
                "state",
                ("accepted", "partly_rejected", "rejected", "held", "superseded", "forgotten", "duplicate"),
            ),
            never_null("Varje leverans har en tid då den togs emot", "received_at"),
            between(
                "Lästa rader är lika många som inlästa, rader i karantän och dubbletter", "rows_difference", 0, 0
            ),
            between(
                "Högst 5 procent av raderna i en leverans ligger i karantän",
                "quarantined_share", 0, 0.05, severity="warning",
            ),
            between(
                "Högst 10 procent av raderna i en leverans är dubbletter",
                "duplicate_share", 0, 0.1, severity="warning",
            ),
        ),
    ),
    Suite(
        name="landing_months",
        frame="months",
        table_name="register.person_months",
        keys=("municipality_code", "period"),
        expectations=(
            has_rows("Minst en kommun och månad gäller"),
            never_null("Varje månad i registret har en kommunkod", "municipality_code"),
            between("Registret har alla rader som liggaren räknar", "ledger_rows_difference", 0, 0),
            between("Registret har de hushåll som liggaren räknar", "ledger_households_difference", 0, 0),
            between("Registret har de personer som liggaren räknar", "ledger_persons_difference", 0, 0),
            between("Vuxna och barn är tillsammans alla personer", "persons_difference", 0, 0),
            at_least("Personerna är inte fler än raderna", "rows_count", "persons_count"),
            at_least("Hushållen är inte fler än raderna", "rows_count", "households_count"),
            between(
                "Minst 95 procent av hushållen har en registerledare",
                "with_head_share", 0.95, 1, severity="warning", mostly=0.95,
            ),
            between(
                "Högst en fjärdedel av de vuxna saknar försörjningshinder",
                "reason_missing_share", 0, 0.25, severity="warning", mostly=0.9,
            ),
            between(
                "Högst 5 procent av försörjningshindren har okänd kod",
                "unknown_reason_share", 0, 0.05, severity="warning", mostly=0.95,
            ),
            between(
                "Beloppet per hushåll och månad är i genomsnitt 1 000–30 000 kronor",
                "paid_per_household_mean", 1000, 30000, severity="warning", mostly=0.95,
            ),
            between(
                "Hushållen har i genomsnitt en till fyra medlemmar",
                "members_per_household_mean", 1, 4, severity="warning", mostly=0.95,
            ),
            between(
                "Högst en fjärdedel av raderna har en varning",
                "warning_share", 0, 0.25, severity="warning", mostly=0.9,
            ),
            between(
                "Ingen månad saknas närmast före en levererad månad",
                "months_gap", 0, 0, severity="warning",
            ),
        ),
    ),
)  # fmt: skip
