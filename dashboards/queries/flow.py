"""In and out: who begins, who ends, how long it lasts, and from which reason to which."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def flow_months(release: Release, geography_id: str) -> pd.DataFrame:
    """Months of an area: period, entries_value, entries_status, exits_value, exits_status, and net_value, the difference of
    the two that are shown (null unless both are)."""
    return frame(
        release,
        """
        select
            period, came.value as entries_value, came.value_status as entries_status, went.value as exits_value,
            went.value_status as exits_status, came.value - went.value as net_value
        from shown_values as came
        inner join shown_values as went using (geography_id, period, breakdown)
        where
            came.geography_id = ? and came.indicator_id = 'entries' and went.indicator_id = 'exits'
            and came.period_kind = 'month' and breakdown = 'total'
        order by period
        """,
        [geography_id],
    )


@cached
def duration_curves(release: Release, geography_id: str) -> pd.DataFrame:
    """Of adults whose aid began in a year, those who still have it after so many months: entry_year, month_since_entry,
    value (the share), value_status, at_risk_count, municipalities_included. A gap of up to two months ends nothing."""
    return frame(
        release,
        """
        select
            entry_year, month_since_entry, survival_share as value, at_risk_count, municipalities_included,
            case
                when value_status = 'not_reported' and entry_year || '-01' < (
                    select strftime(cast(max(register_begins_month) || '-01' as date) + interval 12 month, '%Y-%m')
                    from missing_months
                    where missing_months.geography_id = duration_curves.geography_id
                ) then 'before_register'
                else value_status
            end as value_status
        from duration_curves
        where geography_id = ? and definition_id = 'spell:gap2'
        order by entry_year, month_since_entry
        """,
        [geography_id],
    )


@cached
def reason_steps(release: Release, geography_id: str, period_year: int) -> pd.DataFrame:
    """Steps between two reasons in a year, the most common first: from_name, to_name, adults_count, from_adults_count,
    transition_share, value_status, municipalities_included. Those who stayed are left out."""
    return frame(
        release,
        """
        select
            earlier.value_name as from_name, later.value_name as to_name, adults_count, from_adults_count, transition_share,
            value_status, municipalities_included
        from reason_transitions
        inner join dim_breakdowns as earlier on earlier.dimension_id = 'reason' and from_reason = earlier.value_code
        inner join dim_breakdowns as later on later.dimension_id = 'reason' and to_reason = later.value_code
        where geography_id = ? and period_year = ? and definition_id = 'spell:gap2' and from_reason <> to_reason
        order by adults_count desc nulls last, from_sort_order, to_sort_order
        """,
        [geography_id, period_year],
    )
