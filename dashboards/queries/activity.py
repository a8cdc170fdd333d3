"""The activity requirement: the target group month by month, the quarter's counts, and the dates of the law."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def target_group(release: Release, geography_id: str, breakdown: str = "total") -> pd.DataFrame:
    """Adults of the target group, month by month: indicator_id, period, value, value_status."""
    return frame(
        release,
        """
        select indicator_id, period, value, value_status
        from indicator_values
        where
            geography_id = ? and breakdown = ?
            and indicator_id in (
                'three_months_adults', 'three_months_possible', 'three_months_exempt_seen', 'six_months_adults',
                'jobpremium_base', 'jobpremium_left', 'households_over_three_children'
            )
        order by indicator_id, period
        """,
        [geography_id, breakdown],
    )


@cached
def directed_share(release: Release, geography_id: str) -> pd.DataFrame:
    """The share directed of those who can be required, by quarter: period, value, numerator, denominator, value_status."""
    return frame(
        release,
        """
        select period, value, numerator, denominator, value_status
        from indicator_values
        where geography_id = ? and indicator_id = 'directed_share' and breakdown = 'total'
        order by period
        """,
        [geography_id],
    )


@cached
def activity_quarters(release: Release, geography_id: str) -> pd.DataFrame:
    """The counts of every quarter, as the table of that name, in the order of levels and reasons."""
    return frame(
        release,
        """
        select *
        from activity_quarters
        where geography_id = ?
        order by period, case reason_level when 'total' then 0 when 'publication' then 1 else 2 end, sort_order
        """,
        [geography_id],
    )


@cached
def activity_dates(release: Release) -> pd.DataFrame:
    """The dates of the law, in order: event_date (text), date_name, source, date_status."""
    return frame(
        release,
        """
        select strftime(event_date, '%Y-%m-%d') as event_date, date_name, source, date_status
        from activity_dates
        order by event_date, date_id
        """,
    )


@cached
def measure_months(release: Release, geography_id: str) -> pd.DataFrame:
    """Persons in each measure, the latest month first: period, measure_name, count_source, persons_count."""
    return frame(
        release,
        """
        select period, measure_name, count_source, persons_count
        from measure_months
        where geography_id = ?
        order by period desc, measure_name, count_source
        """,
        [geography_id],
    )


@cached
def activity_municipalities(release: Release) -> pd.DataFrame:
    """The municipalities that have months of the target group, by name: geography_name."""
    return frame(
        release,
        """
        select geography_name
        from dim_geographies
        where
            geography_type = 'municipality'
            and geography_id in (
                select geography_id
                from indicator_values
                where indicator_id = 'three_months_adults' and breakdown = 'total' and value_status <> 'not_reported'
            )
        order by geography_name collate sv
        """,
    )
