"""What a municipality has told of its own work: targets and conditions."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def targets(release: Release, geography_id: str) -> pd.DataFrame:
    """Targets of a municipality with the outcome beside: indicator_name, unit, decimals, period, target_value, value,
    value_status, is_reached (null when it cannot be judged), comment; the latest period first."""
    return frame(
        release,
        """
        select
            targets.indicator_name, targets.unit, decimals, period, target_value, value, value_status, is_reached,
            comment
        from targets
        inner join dim_indicators using (indicator_id, definition_id)
        where municipality_code = ?
        order by period desc, sort_order
        """,
        [geography_id],
    )


@cached
def conditions(release: Release, geography_id: str) -> pd.DataFrame:
    """What a municipality tells of its work: condition_name, unit (number, days, share or choice), period, value, choice,
    response_share, comment; the latest period first."""
    return frame(
        release,
        """
        select condition_name, unit, period, value, choice, response_share, comment
        from conditions
        where municipality_code = ?
        order by period desc, condition_name
        """,
        [geography_id],
    )
