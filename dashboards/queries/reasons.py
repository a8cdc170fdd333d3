"""Reasons for need, and reasons why aid ended."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def reasons(release: Release, geography_id: str, definition_id: str) -> pd.DataFrame:
    """Reasons for need, all ages: period_year, reason, reason_name, sex, duration, value_status, adults_count,
    adults_with_reason_count (the denominator), reason_share, change (of the share since the year before, where both are
    shown); in the order of the publication categories."""
    return frame(
        release,
        """
        select
            period_year, reason, reason_name, sex, duration, value_status, adults_count,
            adults_with_reason_count, reason_share,
            case
                when lag(period_year) over series = period_year - 1 then reason_share - lag(reason_share) over series
            end as change
        from reason_for_need
        where
            geography_id = ? and definition_id = ? and age_band = 'all' and origin = 'all' and children = 'all'
            and duration in ('all', 'longterm', 'not_longterm')
            and period_year not in (select period_year from geography_coverage where is_after_gap)
        window series as (partition by reason, sex, duration order by period_year)
        order by period_year, sex, duration, sort_order
        """,
        [geography_id, definition_id],
    )


@cached
def exit_reasons(release: Release, geography_id: str) -> pd.DataFrame:
    """Why aid ended, per year and reason of the list: period_year, reason_name, value, value_status, numerator (ends of
    adults with the reason), denominator (all ends of adults), municipalities_count (of an area: those that delivered
    reasons, null for a municipality); in the order of the list."""
    return frame(
        release,
        """
        with delivering as (
            select indicator_values.period, count(distinct indicator_values.geography_id) as municipalities_count
            from geography_members
            inner join indicator_values
                on geography_members.municipality_code = indicator_values.geography_id
                and cast(left(indicator_values.period, 4) as integer)
                    between coalesce(geography_members.first_year, 0) and coalesce(geography_members.last_year, 9999)
            where
                geography_members.geography_id = ? and indicator_values.indicator_id = 'exit_reason_share'
                and indicator_values.value_status <> 'not_reported'
            group by indicator_values.period
        )

        select
            cast(indicator_values.period as integer) as period_year, dim_breakdowns.value_name as reason_name,
            indicator_values.value, indicator_values.value_status, indicator_values.numerator,
            indicator_values.denominator, delivering.municipalities_count
        from indicator_values
        left join delivering on indicator_values.period = delivering.period
        inner join dim_breakdowns
            on dim_breakdowns.dimension_id = 'exit_reason'
            and indicator_values.breakdown = 'exit_reason=' || dim_breakdowns.value_code
        where
            indicator_values.geography_id = ? and indicator_values.indicator_id = 'exit_reason_share'
            and cast(indicator_values.period as integer)
                not in (select period_year from geography_coverage where is_after_gap)
        order by period_year, dim_breakdowns.value_order
        """,
        [geography_id, geography_id],
    )


@cached
def reason_definitions(release: Release) -> list[str]:
    """The definitions of the yearly reason that `reasons` can give."""
    return list(frame(release, "select distinct definition_id from reason_for_need")["definition_id"])
