"""What a file of Socialstyrelsen must be before it comes into force. Frames are its tables of figures."""

from __future__ import annotations

from validation.suites import Suite, between, has_rows, like, never_null, one_of, unique

STATUSES = ("published", "suppressed", "not_reported", "not_applicable", "not_comparable", "missing")
_KEY = ("table_id", "measure", "unit", "area_as_printed", "period", "breakdown")
# the register begins in 1990
_PERIOD = r"^(?:199[0-9]|20[0-9][0-9])(?:-(?:0[1-9]|1[0-2]))?$"

SUITES = tuple(
    Suite(
        name=f"landing_{table}",
        frame=table,
        table_name=table,
        keys=("table_id", "sheet", "file_row", "period"),
        expectations=(
            has_rows("Minst en siffra har kommit"),
            never_null("Varje siffra har en fil", "file_name"),
            never_null("Varje siffra har ett område", "area_as_printed"),
            like("Perioden är ett år från 1990, eller en månad", "period", _PERIOD),
            one_of("Varje siffra har en känd status", "value_status", STATUSES),
            between("Ingen siffra är under noll", "value", 0, None),
            unique("Tabell, mått, område, period och grupp pekar ut en enda siffra", "file_name", *_KEY),
        ),
    )
    for table in ("socialstyrelsen_bulk", "socialstyrelsen_files")
)
