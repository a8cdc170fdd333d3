"""What came, what became of it, and what was checked."""

from __future__ import annotations

import pandas as pd

from dashboards.queries.release import Release, cached, frame


@cached
def delivery_months(release: Release) -> pd.DataFrame:
    """One row per municipality and month: municipality_name, period (`YYYY-MM`), state (accepted, replaced, held,
    rejected, forgotten, missing: what the month stands at now), deliveries_count."""
    return frame(
        release,
        """
        select
            municipality_name, period,
            case
                when bool_or(state = 'accepted') and bool_or(state = 'superseded') then 'replaced'
                when bool_or(state = 'accepted') then 'accepted'
                when bool_or(state = 'held') then 'held'
                when bool_or(state = 'rejected') then 'rejected'
                when bool_or(state = 'forgotten') then 'forgotten'
                else 'missing'
            end as state,
            count(delivery_id) as deliveries_count
        from deliveries
        group by municipality_code, municipality_name, period
        order by municipality_name collate sv, period
        """,
    )


@cached
def delivery_files(release: Release) -> pd.DataFrame:
    """One row per received file: delivery_id, file_name, state, rule_id, message, received_at, rows_*, ignored_columns."""
    return frame(
        release,
        """
        select
            delivery_id, file_name, state, rule_id, message, received_at,
            rows_read, rows_loaded, rows_quarantined, rows_duplicate, ignored_columns
        from delivery_files
        order by delivery_id desc
        """,
    )


@cached
def rule_hits(release: Release) -> pd.DataFrame:
    """One row per rule of the intake that was hit: rule_id, severity, rows_count (of those that are shown), is_part
    (some are too few to be shown), files_count."""
    return frame(
        release,
        """
        select
            rule_id, severity, cast(sum(rows_count) as bigint) as rows_count,
            count(*) > count(rows_count) as is_part,
            count(distinct delivery_id) as files_count
        from delivery_rule_hits
        group by rule_id, severity
        order by rule_id
        """,
    )


@cached
def quality_results(release: Release) -> pd.DataFrame:
    """One row per check: gate, suite, expectation, table_name, column_name, severity, is_passed, observed, checked_rows.

    Failed checks come first.
    """
    return frame(
        release,
        """
        select gate, suite, expectation, table_name, column_name, severity, is_passed, observed, checked_rows
        from quality_results
        order by is_passed, gate, suite, table_name, column_name, expectation
        """,
    )
