"""Own figures against published ones."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def printed_values(release: Release, geography_id: str) -> pd.DataFrame:
    """Published figures of an area beside our own, in our units: indicator_id, definition_id, period_year,
    published_table_id, value, value_as_printed, value_status, is_synthetic (made up, as the source of a demo is)."""
    return frame(
        release,
        """
        select
            indicator_id, definition_id, cast(period as integer) as period_year, published_table_id,
            value, value_as_printed, value_status, coalesce(dim_sources.is_synthetic, false) as is_synthetic
        from published_values
        left join dim_sources on split_part(published_table_id, ':', 1) = dim_sources.source_id
        where geography_id = ? and breakdown = 'total' and length(period) = 4
        order by indicator_id, period_year, published_table_id
        """,
        [geography_id],
    )


@cached
def fixed_prices(release: Release, municipality_code: str) -> pd.DataFrame:
    """A municipality's money in the prices of the index's last year: measure_name (says the year), value_origin, unit,
    period_year, value, value_status. Empty without an index, and for an area."""
    return frame(
        release,
        """
        select measure_name, value_origin, unit, cast(period as integer) as period_year, value, value_status
        from municipality_profile
        where geography_id = ? and definition_id like '%:fixed_prices'
        order by measure_name, value_origin, period_year
        """,
        [municipality_code],
    )


@cached
def reconciliation_summary(release: Release) -> pd.DataFrame:
    """Verdicts on yearly figures counted per published table: published_table_id, verdict, figures_count."""
    return frame(
        release,
        """
        select published_table_id, verdict, count(*) as figures_count
        from reconciliation
        where length(period) = 4
        group by published_table_id, verdict
        order by published_table_id, verdict
        """,
    )


@cached
def reconciliation(release: Release) -> pd.DataFrame:
    """Own figure beside each published one of a year, in the printed unit: indicator and definition names, area, year, table,
    published_value, own_value, difference, tolerance, verdict, known_cause, cause_name, own_status,
    published_status."""
    return frame(
        release,
        """
        select
            reconciliation.published_table_id, reconciliation.indicator_id, reconciliation.definition_id,
            coalesce(indicator_name, reconciliation.indicator_id) as indicator_name,
            coalesce(decimals, 1) as decimals,
            geography_id, geography_name, cast(period as integer) as period_year, breakdown,
            published_value, value_as_printed, published_status, reconciliation.unit, own_value, own_status,
            difference, tolerance, verdict, known_cause, cause_name
        from reconciliation
        left join dim_indicators
            on reconciliation.indicator_id = dim_indicators.indicator_id
            and reconciliation.definition_id = dim_indicators.definition_id
        where length(period) = 4
        order by
            try_cast(regexp_extract(published_table_id, '[0-9]+') as integer), published_table_id, geography_name collate sv,
            period_year, indicator_name, breakdown
        """,
    )


@cached
def contradictions(release: Release) -> pd.DataFrame:
    """Printed figures that another table contradicts: contradiction_kind (different_values, impossible_share),
    indicator_name, area_name, period_year, breakdown, table_a, value_a, table_b, value_b (printed unit)."""
    return frame(
        release,
        """
        select
            coalesce(indicator_name, published_contradictions.indicator_id) as indicator_name, unit,
            coalesce(decimals, 1) as decimals, area_name, cast(period as integer) as period_year, breakdown,
            contradiction_kind, table_a, value_a, table_b, value_b
        from published_contradictions
        left join dim_indicators
            on published_contradictions.indicator_id = dim_indicators.indicator_id
            and published_contradictions.definition_id = dim_indicators.definition_id
        where length(period) = 4
        order by area_name collate sv, period_year, table_a, table_b
        """,
    )
