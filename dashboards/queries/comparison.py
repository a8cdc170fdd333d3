"""A municipality beside the others."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def municipality_values(
    release: Release, indicator_id: str, definition_id: str, period_year: int
) -> pd.DataFrame:
    """One row per delivering municipality, also those without a value that year: geography_id, geography_name,
    county_code, skr_group_code, value, value_status, numerator, denominator; by name."""
    return frame(
        release,
        """
        select
            dim_geographies.geography_id, geography_name, county_code, skr_group_code,
            value, coalesce(value_status, 'not_reported') as value_status, numerator, denominator
        from dim_geographies
        left join indicator_values
            on dim_geographies.geography_id = indicator_values.geography_id
            and indicator_id = ? and definition_id = ? and period = ? and breakdown = 'total'
        where geography_type = 'municipality' and has_deliveries
        order by geography_name collate sv
        """,
        [indicator_id, definition_id, str(period_year)],
    )


@cached
def compared_indicators(release: Release) -> pd.DataFrame:
    """One row per indicator and definition with yearly totals to compare: indicator_id, definition_id."""
    return frame(
        release,
        "select distinct indicator_id, definition_id from comparison where breakdown = 'total' order by all",
    )


@cached
def comparison(release: Release, geography_id: str, indicator_id: str, definition_id: str) -> pd.DataFrame:
    """A municipality beside its groups, one row per year in order: the columns of the table `comparison`."""
    return frame(
        release,
        """
        select *
        from comparison
        where
            geography_id = ? and indicator_id = ? and definition_id = ? and breakdown = 'total'
            and cast(period as integer) not in (select period_year from geography_coverage where is_after_gap)
        order by period
        """,
        [geography_id, indicator_id, definition_id],
    )
