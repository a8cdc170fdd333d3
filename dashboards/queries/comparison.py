"""A municipality beside the others."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def municipality_values(
    release: Release, indicator_id: str, definition_id: str, period_year: int, before_year: int
) -> pd.DataFrame:
    """One row per delivering municipality, also those without a value that year: geography_id, geography_name, value,
    value_status, numerator, denominator, before_value, before_status (of the year before_year), and change, the difference of
    the two where both are shown; by name."""
    return frame(
        release,
        """
        with years as (
            select * from shown_values
            where indicator_id = ? and definition_id = ? and period_kind = 'year' and breakdown = 'total'
        )

        select
            dim_geographies.geography_id, geography_name, now.value, coalesce(now.value_status, 'missing') as value_status,
            now.numerator, now.denominator, before.value as before_value,
            coalesce(before.value_status, 'missing') as before_status, now.value - before.value as change
        from dim_geographies
        left join years as now on dim_geographies.geography_id = now.geography_id and now.period = ?
        left join years as before on dim_geographies.geography_id = before.geography_id and before.period = ?
        where geography_type = 'municipality' and has_deliveries
        order by geography_name collate sv
        """,
        [indicator_id, definition_id, str(period_year), str(before_year)],
    )


@cached
def members(release: Release, geography_id: str) -> list[str]:
    """Codes of the municipalities of a county or group, those of today."""
    found = frame(
        release,
        "select distinct municipality_code from geography_members where geography_id = ? and last_year is null",
        [geography_id],
    )
    return list(found["municipality_code"])


@cached
def similar_values(release: Release, geography_id: str, period_year: int) -> pd.DataFrame:
    """Figures of the municipalities like one, and of all, one row per indicator and definition: similar_value, similar_status,
    similar_members_included, similar_members_total, and the same of country_; a group that there is not has a null status."""
    return frame(
        release,
        """
        select
            indicator_id, definition_id, similar_value, similar_status, similar_members_included, similar_members_total,
            country_value, country_status, country_members_included, country_members_total
        from comparison
        where geography_id = ? and period = ? and breakdown = 'total'
        """,
        [geography_id, str(period_year)],
    )


@cached
def compared_indicators(release: Release, geography_id: str) -> pd.DataFrame:
    """One row per indicator and definition with yearly totals to compare: indicator_id, definition_id, and is_shown: whether the
    municipality has a value in some year."""
    return frame(
        release,
        """
        select
            indicator_id, definition_id,
            bool_or(geography_id = ? and value_status = 'published') as is_shown
        from comparison
        where breakdown = 'total'
        group by indicator_id, definition_id
        order by indicator_id, definition_id
        """,
        [geography_id],
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
