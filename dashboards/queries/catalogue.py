"""What there is to show: areas, indicators, breakdowns, sources, and which months are covered."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def areas(release: Release) -> pd.DataFrame:
    """One row per municipality with deliveries, and per area with several of them: id, name, type, county and group code, municipalities in all and delivering, and
    choice_name, which says how many of how many an area holds. The country is called `27 kommuner` before all are there.

    Municipalities first, then all together, counties and groups, each in Swedish alphabetical order.
    """
    return frame(
        release,
        """
        with named as (
            select
                * exclude (geography_name),
                case
                    when geography_type <> 'country' or municipalities_delivering_count = municipalities_count then geography_name
                    else municipalities_delivering_count || ' kommuner'
                end as geography_name
            from dim_geographies
            where
                has_deliveries and geography_type <> 'similar'
                -- of one municipality, an area is that municipality
                and (geography_type = 'municipality' or municipalities_delivering_count > 1)
        )

        select
            geography_id, geography_name, geography_type, county_code, skr_group_code,
            municipalities_count, municipalities_delivering_count,
            geography_name || case
                when geography_type = 'country' then ' tillsammans'
                when geography_type <> 'municipality' and municipalities_delivering_count < municipalities_count
                    then ' (' || municipalities_delivering_count || ' av ' || municipalities_count || ' kommuner)'
                else ''
            end as choice_name
        from named
        order by
            case geography_type when 'municipality' then 1 when 'country' then 2 when 'county' then 3 else 4 end,
            geography_name collate sv, geography_id
        """,
    )


@cached
def indicators(release: Release) -> pd.DataFrame:
    """One row per indicator and definition: names, texts, unit, direction, decimals, caveats; in catalogue order."""
    return frame(release, "select * from dim_indicators order by sort_order")


@cached
def definitions(release: Release) -> dict[tuple[str, str], pd.Series]:
    """The rows of `indicators` by indicator_id and definition_id."""
    return {(row["indicator_id"], row["definition_id"]): row for _, row in indicators(release).iterrows()}


@cached
def sources(release: Release) -> pd.DataFrame:
    """One row per source: id, name, publisher, licence, text, caveats, is_synthetic."""
    return frame(release, "select * from dim_sources order by is_synthetic, source_name collate sv")


@cached
def source_datasets(release: Release) -> pd.DataFrame:
    """One row per dataset of an official source: source_name, dataset_name, cadence, retrieved_at, origin, rows_count,
    last_attempted_at, last_outcome, last_message; times are UTC and empty when never."""
    return frame(
        release,
        """
        select
            dim_sources.source_name, source_datasets.dataset_name, source_datasets.cadence,
            source_datasets.retrieved_at, source_datasets.origin, source_datasets.rows_count,
            source_datasets.last_attempted_at, source_datasets.last_outcome, source_datasets.last_message
        from source_datasets
        inner join dim_sources using (source_id)
        order by source_datasets.sort_order
        """,
    )


@cached
def coverage(release: Release, geography_id: str) -> pd.DataFrame:
    """One row per year and window (1 or 3 years): period_year, window_years, municipalities_included, _total."""
    return frame(
        release,
        """
        select period_year, window_years, municipalities_included, municipalities_total
        from geography_coverage
        where geography_id = ?
        order by window_years, period_year
        """,
        [geography_id],
    )


@cached
def missing_months(release: Release, geography_id: str) -> pd.DataFrame:
    """Windows in which something is not delivered: period (`2019` or `2019-07`), window_months, is_reported,
    missing_months (`2017-06, 2018-01–2018-12`, of a municipality), missing_municipalities (of a larger area), register_begins_month."""
    return frame(
        release,
        """
        select period, window_months, is_reported, missing_months, missing_municipalities,
            coalesce(register_begins_month, '') as register_begins_month
        from missing_months
        where geography_id = ?
        order by period, window_months
        """,
        [geography_id],
    )


@cached
def breakdowns(release: Release) -> pd.DataFrame:
    """The names behind a breakdown: dimension_id, dimension_name, dimension_order, value_code, value_name, value_order."""
    return frame(release, "select * from dim_breakdowns order by dimension_order, value_order")
