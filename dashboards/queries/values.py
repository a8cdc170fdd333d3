"""Figures of one area, by year, month and breakdown.

`value_status` tells what should have come (`not_reported`) from what needs months before the register (`before_register`) or
months that have not been yet (`not_yet`).
"""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def monthly_values(
    release: Release, geography_id: str, indicator_id: str, definition_id: str
) -> pd.DataFrame:
    """One monthly measure of an area, all persons: period (`2019-07`), value, numerator, denominator, value_status."""
    return frame(
        release,
        """
        select period, value, numerator, denominator, value_status
        from shown_values
        where
            geography_id = ? and indicator_id = ? and definition_id = ? and period_kind = 'month'
            and breakdown = 'total'
            and period_year not in (select period_year from geography_coverage where is_after_gap)
        order by period
        """,
        [geography_id, indicator_id, definition_id],
    )


@cached
def yearly_values(release: Release, geography_id: str) -> pd.DataFrame:
    """All yearly totals of an area, one row per indicator, definition and year, with the step from the year before.

    Columns: indicator_id, definition_id, period_year, value, numerator, denominator, unit, value_status,
    previous_status, change (same unit as value; null unless both years are published), is_preliminary,
    is_estimated, source_id.
    """
    return frame(
        release,
        """
        with own as materialized (
            select * replace (cast(period as integer) as period)
            from shown_values
            where geography_id = ? and breakdown = 'total' and length(period) = 4
        )

        select
            now.indicator_id, now.definition_id, now.period as period_year,
            now.value, now.numerator, now.denominator, now.unit, now.value_status,
            before.value_status as previous_status,
            now.value - before.value as change,
            now.is_preliminary, now.is_estimated, now.source_id
        from own as now
        left join own as before
            on now.indicator_id = before.indicator_id and now.definition_id = before.definition_id
            and now.period - 1 = before.period
        order by now.indicator_id, now.definition_id, period_year
        """,
        [geography_id],
    )


@cached
def trends(release: Release, geography_id: str) -> pd.DataFrame:
    """Trend classes of an area: indicator_id, definition_id, breakdown, series_source, first_year, last_year, trend_class.

    `trend_class` is up, down, none, too_short, or null when it is hidden.
    """
    return frame(
        release,
        """
        select indicator_id, definition_id, breakdown, series_source, first_year, last_year, trend_class
        from indicator_trends
        where geography_id = ?
        order by all
        """,
        [geography_id],
    )


@cached
def broken_down(
    release: Release, geography_id: str, indicator_id: str, definition_id: str, by: str
) -> pd.DataFrame:
    """Yearly values by one breakdown (`sex` or `age`): period_year, group_code (`K`, `18-19` …), value, value_status,
    numerator, denominator."""
    return frame(
        release,
        """
        select
            cast(period as integer) as period_year, split_part(breakdown, '=', 2) as group_code,
            value, value_status, numerator, denominator
        from shown_values
        where
            geography_id = ? and indicator_id = ? and definition_id = ? and length(period) = 4
            and starts_with(breakdown, ?) and not contains(breakdown, ';')
        order by period_year, group_code
        """,
        [geography_id, indicator_id, definition_id, f"{by}="],
    )


@cached
def indicator_values(
    release: Release, geography_id: str, indicator_id: str, definition_id: str
) -> pd.DataFrame:
    """Everything about one indicator of an area: period (`2019` or `2019-07`), breakdown, value, numerator,
    denominator, value_status."""
    return frame(
        release,
        """
        select period, breakdown, value, numerator, denominator, value_status
        from shown_values
        where geography_id = ? and indicator_id = ? and definition_id = ?
        order by period, breakdown
        """,
        [geography_id, indicator_id, definition_id],
    )


@cached
def definition_differences(release: Release, geography_id: str) -> pd.DataFrame:
    """Persons on whom the definitions differ, per year: municipality_method_differs_count, break_rule_differs_count and
    very_longterm_not_longterm_count, each with its _status; null when not published."""
    return frame(
        release,
        """
        select
            period_year, municipality_method_differs_count, municipality_method_differs_status, break_rule_differs_count,
            break_rule_differs_status, very_longterm_not_longterm_count, very_longterm_not_longterm_status
        from long_term_recipiency
        where geography_id = ? and breakdown = 'total' and period_year not in (select period_year from geography_coverage where is_after_gap)
        order by period_year
        """,
        [geography_id],
    )
