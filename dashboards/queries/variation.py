"""Monthly series with limits, phases, signals and events."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def variation_series(release: Release, geography_id: str) -> pd.DataFrame:
    """The monthly series of an area: indicator_id, definition_id, breakdown, breakdown_name (null for the total),
    indicator_name, definition_name, is_official, topic, has_lines (whether some phase has a centre); in the order of the catalogue and of
    the reasons."""
    return frame(
        release,
        """
        select distinct
            monthly_series.indicator_id, monthly_series.definition_id, monthly_series.breakdown, value_name as breakdown_name,
            indicator_name, definition_name, is_official, topic, sort_order, value_order,
            exists (
                select 1 from variation_points
                where
                    variation_points.geography_id = monthly_series.geography_id
                    and variation_points.indicator_id = monthly_series.indicator_id
                    and variation_points.definition_id = monthly_series.definition_id
                    and variation_points.breakdown = monthly_series.breakdown and centre is not null
            ) as has_lines
        from monthly_series
        inner join dim_indicators
            on monthly_series.indicator_id = dim_indicators.indicator_id
            and monthly_series.definition_id = dim_indicators.definition_id
        left join dim_breakdowns on monthly_series.breakdown = dimension_id || '=' || value_code
        where monthly_series.geography_id = ?
        order by sort_order, value_order
        """,
        [geography_id],
    )


@cached
def variation_months(
    release: Release, geography_id: str, indicator_id: str, definition_id: str, breakdown: str
) -> pd.DataFrame:
    """A monthly series with what its phase gives: period, value, value_status, change (since the same month a year before, where
    both are shown), phase, is_baseline, centre, lower_limit, upper_limit, median, limits_status, signals (codes joined by comma,
    null without limits)."""
    return frame(
        release,
        """
        select
            months.period, months.value, months.value_status,
            months.value - first_value(months.value) over (
                order by cast(months.period || '-01' as date)
                range between interval 1 year preceding and interval 1 year preceding
            ) as change,
            points.phase, points.is_baseline, points.centre,
            points.lower_limit, points.upper_limit, points.median, points.limits_status, points.signals
        from monthly_series as months
        inner join variation_points as points
            using (indicator_id, definition_id, geography_id, period, breakdown)
        where geography_id = ? and indicator_id = ? and definition_id = ? and breakdown = ?
        order by months.period
        """,
        [geography_id, indicator_id, definition_id, breakdown],
    )


@cached
def variation_phases(
    release: Release, geography_id: str, indicator_id: str, definition_id: str, breakdown: str
) -> pd.DataFrame:
    """The phases of a series in order: phase, first_period, last_period, baseline_first_period, baseline_last_period
    (null without a saved baseline), centre, lower_limit, upper_limit, median, limits_status, and started_by: titles of
    the marked changes of the first month (null for the first phase)."""
    return frame(
        release,
        """
        with phases as (
            select
                geography_id, phase, min(period) as first_period, max(period) as last_period,
                min(period) filter (where is_baseline) as baseline_first_period,
                max(period) filter (where is_baseline) as baseline_last_period,
                max(centre) as centre, max(lower_limit) as lower_limit, max(upper_limit) as upper_limit,
                max(median) as median, max(limits_status) as limits_status
            from variation_points
            where geography_id = ? and indicator_id = ? and definition_id = ? and breakdown = ?
            group by geography_id, phase
        )
        select
            phases.* exclude (geography_id),
            (
                select string_agg(title, ', ' order by event_date, title) from variation_events
                where starts_phase and strftime(event_date, '%Y-%m') = first_period and phase > 1
                    and coalesce(municipality_code, geography_id) = geography_id
            ) as started_by
        from phases
        order by phase
        """,
        [geography_id, indicator_id, definition_id, breakdown],
    )


@cached
def variation_signals(
    release: Release, geography_id: str, indicator_id: str, definition_id: str, breakdown: str, chart_id: str
) -> pd.DataFrame:
    """The signals of a series that belong to a chart, latest first: rule_name, direction_text (follows the number of
    months), first_period, last_period, months_count, phase, and events: titles within those months (null for none)."""
    return frame(
        release,
        """
        select
            readings.reading_name as rule_name,
            case direction when 'up' then readings.up_text else readings.down_text end as direction_text,
            first_period, last_period, months_count, phase,
            (
                select string_agg(title, ', ' order by event_date, title) from variation_events
                where strftime(event_date, '%Y-%m') between first_period and last_period
                    and coalesce(municipality_code, geography_id) = geography_id
            ) as events
        from variation_signals
        inner join variation_readings as readings on rule_id = readings.reading_id and readings.chart_id = ?
        where geography_id = ? and indicator_id = ? and definition_id = ? and breakdown = ?
        order by last_period desc, readings.sort_order, first_period
        """,
        [chart_id, geography_id, indicator_id, definition_id, breakdown],
    )


@cached
def variation_events(release: Release, geography_id: str) -> pd.DataFrame:
    """What stands on the time axis of an area: event_date, period, title, kind_name, starts_phase; by date."""
    return frame(
        release,
        """
        select event_date, strftime(event_date, '%Y-%m') as period, title, kind_name, starts_phase
        from variation_events
        where coalesce(municipality_code, ?) = ?
        order by event_date, title
        """,
        [geography_id, geography_id],
    )


@cached
def variation_readings(release: Release) -> pd.DataFrame:
    """How the charts are read: chart_id, chart_name, reading_id, reading_kind (part, signal, caution, no_limits),
    reading_name, reading_text; in catalogue order."""
    return frame(
        release,
        """
        select chart_id, chart_name, reading_id, reading_kind, reading_name, reading_text
        from variation_readings
        order by sort_order
        """,
    )
