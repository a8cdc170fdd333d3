"""Öppna jämförelser: who answered, and what."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def oj_respondents(release: Release) -> pd.DataFrame:
    """Municipalities that answered in some edition of Öppna jämförelser: geography_id, geography_name, group_id,
    group_name (SKR, null when unknown), edition_year; by name and latest edition first. Empty in a release without them."""
    return frame(
        release,
        """
        select distinct
            answers.geography_id, coalesce(areas.geography_name, answers.respondent_name) as geography_name,
            groups.geography_id as group_id, groups.geography_name as group_name, answers.edition_year
        from oj_answers as answers
        left join dim_geographies as areas on answers.geography_id = areas.geography_id
        left join dim_geographies as groups on 'skr:' || areas.skr_group_code = groups.geography_id
        where answers.respondent_type = 'municipality' and answers.coding is not null
        order by geography_name collate sv, edition_year desc
        """,
    )


@cached
def oj_answers(release: Release, geography_id: str, group_id: str | None, edition_year: int) -> pd.DataFrame:
    """One row per question of an edition with answers in words: indicator_id, question, answer_as_printed, answer,
    value_status, version, data_year, caveat_text; and counts of municipalities in the SKR group (`group_`) and the
    country (`country_`): yes_count, partly_count, answered_count, not_answered_count (null where nobody was asked)."""
    return frame(
        release,
        """
        select
            answers.indicator_id, answers.question, answers.version, answers.data_year,
            answers.answer_as_printed, answers.answer, answers.value_status, country.caveat_text,
            groups.numerator as group_yes_count, groups.partly_count as group_partly_count,
            groups.denominator as group_answered_count, groups.not_answered_count as group_not_answered_count,
            country.numerator as country_yes_count, country.partly_count as country_partly_count,
            country.denominator as country_answered_count, country.not_answered_count as country_not_answered_count
        from oj_answers as answers
        left join oj_indicators as groups
            on groups.geography_id = ? and groups.value_origin = 'counted'
            and answers.indicator_id = groups.indicator_id and answers.edition_year = groups.edition_year
            and answers.data_year is not distinct from groups.data_year
        left join oj_indicators as country
            on country.geography_id = '0000' and country.value_origin = 'counted'
            and answers.indicator_id = country.indicator_id and answers.edition_year = country.edition_year
            and answers.data_year is not distinct from country.data_year
        where answers.geography_id = ? and answers.respondent_type = 'municipality' and answers.edition_year = ?
            and answers.coding is not null
        order by answers.sheet, answers.question collate sv, answers.data_year
        """,
        [group_id, geography_id, edition_year],
    )
