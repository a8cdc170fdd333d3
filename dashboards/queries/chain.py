"""From need to measure, exit and return, and before and after a marked change."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def measure_needs(release: Release, geography_id: str) -> pd.DataFrame:
    """Adults by month, reason and kind of measure, `alla` in both: period, reason, reason_name, measure_kind, measure_kind_name,
    adults_count, adults_share (of the reason that month); the most common reason and kind first. Empty in a public release."""
    return frame(
        release,
        """
        select
            period, reason, reason_name, measure_kind, measure_kind_name, adults_count, adults_share,
            max(adults_count) filter (where measure_kind = 'alla') over (partition by period, reason) as of_reason,
            max(adults_count) filter (where reason = 'alla') over (partition by period, measure_kind) as of_kind
        from measure_needs
        where geography_id = ?
        order by period, of_reason desc, reason, of_kind desc, measure_kind
        """,
        [geography_id],
    )


@cached
def measure_chains(release: Release, geography_id: str) -> pd.DataFrame:
    """The columns of the table for a municipality, the most common first. Empty in a public release."""
    return frame(
        release,
        """
        select *
        from measure_chains
        where geography_id = ?
        order by spells_count desc, reason, measure_kind
        """,
        [geography_id],
    )


@cached
def measure_curves(release: Release, geography_id: str) -> pd.DataFrame:
    """What share still has aid, by first measure and month since the start: measure_kind, measure_kind_name, months_since_start,
    at_risk_count, value, value_status. Empty in a public release."""
    return frame(
        release,
        """
        select
            measure_kind, measure_kind_name, months_since_start, at_risk_count, remaining_share as value,
            'published' as value_status
        from measure_exit_curves
        where geography_id = ? and exit_reason = 'alla'
        order by max(at_risk_count) over (partition by measure_kind) desc, measure_kind, months_since_start
        """,
        [geography_id],
    )


@cached
def measure_left(release: Release, geography_id: str) -> pd.DataFrame:
    """What share still has aid after 3, 6 and 12 months: measure_kind, measure_kind_name, months, followed_count (spells still
    followed in the month), value, value_status (`not_yet` where none is followed so long)."""
    return frame(
        release,
        """
        select
            measure_kind, measure_kind_name, months,
            max(at_risk_count) filter (where months_since_start = months) as followed_count,
            -- when the last has ended nobody is left, in the months after it either
            case
                when max(months_since_start) = months or min(remaining_share) = 0 then min(remaining_share)
            end as value,
            case when value is null then 'not_yet' else 'published' end as value_status
        from measure_exit_curves
        cross join (values (3), (6), (12)) as steps (months)
        where geography_id = ? and exit_reason = 'alla' and months_since_start <= months
        group by measure_kind, measure_kind_name, months
        order by max(at_risk_count) desc, measure_kind, months
        """,
        [geography_id],
    )


@cached
def measure_endings(release: Release, geography_id: str) -> pd.DataFrame:
    """What share has ended for each reason within twelve months, or those that can be followed, whatever the first measure: label,
    months, value, value_status; the most common first."""
    return frame(
        release,
        """
        select exit_reason_name as label, months_since_start as months, ended_share as value, 'published' as value_status
        from measure_exit_curves
        where
            geography_id = ? and measure_kind = 'alla' and exit_reason <> 'alla' and months_since_start <= 12
        qualify months_since_start = max(months_since_start) over ()
        order by value desc, label
        """,
        [geography_id],
    )


@cached
def changes(release: Release, geography_id: str) -> pd.DataFrame:
    """Before and after each marked change, the columns of change_comparison with indicator_name and decimals, by date and in the
    order of the catalogue. A status is `not_yet` where the first month after has not been, or cannot be known yet."""
    return frame(
        release,
        """
        with ends as (
            select cast(left(cast(last_month as varchar), 7) || '-01' as date) + interval 1 month as end_day from release_info
        )

        select
            change_comparison.* replace (
                case
                    when
                        value_status = 'not_reported'
                        and date_trunc('month', event_date - interval 1 day) + to_months(cast(2 + months_after as integer)) > end_day
                        then 'not_yet'
                    else value_status
                end as value_status
            ),
            indicator_name, decimals
        from change_comparison
        inner join dim_indicators
            on change_comparison.indicator_id = dim_indicators.indicator_id
            and change_comparison.definition_id = dim_indicators.definition_id
        cross join ends
        where geography_id = ?
        order by event_date, title, sort_order
        """,
        [geography_id],
    )
