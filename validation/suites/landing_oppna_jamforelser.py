"""What a workbook of Öppna jämförelser must be before it comes into force. Frames are the tables of the connector."""

from __future__ import annotations

from validation.suites import Suite, between, has_rows, never_null, one_of
from validation.suites.landing_socialstyrelsen import STATUSES

SUITES = (
    Suite(
        name="landing_oj_answers",
        frame="oj_answers",
        table_name="oj_answers",
        keys=("edition_year", "sheet", "file_row", "question_id"),
        expectations=(
            has_rows("Minst ett svar har kommit"),
            between("Utgåvan är från 2008 eller senare", "edition_year", 2008, 2100),
            between("Året som svaret avser är rimligt", "data_year", 1990, 2100),
            never_null("Varje svar har en fil", "file_name"),
            never_null("Varje svar har en svarande", "respondent_id"),
            never_null("Varje svar har en fråga", "question"),
            one_of("Varje svar har en känd status", "value_status", STATUSES),
            between("Den gemensamma koden är 0, 1 eller 2", "harmonised_code", 0, 2),
            between("Ingen siffra är under noll", "value", 0, None),
        ),
    ),
)
