"""All SQL of the pages: simple selects from the current release, attached read-only to a connection in memory.

A release is never opened for writing. Connection and answers are kept by (real path, inode, time of change), so a
swapped release is seen at the next question and publishing is never disturbed. Shares are 0–1, money is kronor, `value` is null unless `value_status` is `published`.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd
import streamlit as st

from orchestration.database import CONFIG, attach
from orchestration.settings import Settings


class NoRelease(Exception):
    """There is nothing to show; the message is one plain Swedish sentence that says what to do."""


class Release(NamedTuple):
    """Which file is read. A new release gets other values, so cached answers never outlive their release."""

    path: str
    inode: int
    modified_ns: int


def current_release(settings: Settings) -> Release:
    """The release that `published/current` points at now. Raises NoRelease when there is none."""
    path = settings.current_release.resolve() / "indicators.duckdb"
    try:
        found = path.stat()
    except OSError:
        raise NoRelease(
            "Det finns ingen utgåva att visa; kör `bistand run` (eller `bistand demo` för påhittade uppgifter) "
            "och ladda om sidan."
        ) from None
    return Release(str(path), found.st_ino, found.st_mtime_ns)


_cached = st.cache_data(show_spinner=False, max_entries=400)


@st.cache_resource(show_spinner=False, max_entries=2)
def _connection(release: Release) -> duckdb.DuckDBPyConnection:
    """Opening costs more than a question does, so one connection serves all questions to a release."""
    connection = duckdb.connect(config=CONFIG)
    try:
        attach(connection, Path(release.path), "release")
    except duckdb.IOException:
        connection.close()
        raise NoRelease("Utgåvan togs bort medan sidan lästes; ladda om sidan.") from None
    return connection


def _frame(release: Release, sql: str, parameters: list | None = None) -> pd.DataFrame:
    with _connection(release).cursor() as cursor:
        cursor.execute("use release.marts")
        return cursor.execute(sql, parameters or []).df()


@_cached
def release_info(release: Release) -> pd.DataFrame:
    """One row: release_id, profile, is_synthetic, as_of (text), municipalities_count, first_month, last_month, source_label."""
    return _frame(
        release,
        """
        select
            release_id, profile, is_synthetic, strftime(cast(as_of as date), '%Y-%m-%d') as as_of,
            municipalities_count,
            left(cast(first_month as varchar), 7) as first_month,
            left(cast(last_month as varchar), 7) as last_month,
            source_label
        from release_info
        """,
    )


@_cached
def areas(release: Release) -> pd.DataFrame:
    """One row per area with deliveries: id, name, type, county and group code, municipalities in all and delivering.

    Riket first, then municipalities, counties and groups, each in Swedish alphabetical order.
    """
    return _frame(
        release,
        """
        select
            geography_id, geography_name, geography_type, county_code, skr_group_code,
            municipalities_count, municipalities_delivering_count
        from dim_geographies
        where has_deliveries and geography_type <> 'similar'
        order by
            case geography_type when 'country' then 1 when 'municipality' then 2 when 'county' then 3 else 4 end,
            geography_name collate sv, geography_id
        """,
    )


@_cached
def indicators(release: Release) -> pd.DataFrame:
    """One row per indicator and definition: names, texts, unit, direction, decimals, caveats; in catalogue order."""
    return _frame(release, "select * from dim_indicators order by sort_order")


@_cached
def sources(release: Release) -> pd.DataFrame:
    """One row per source: id, name, publisher, licence, text, caveats, is_synthetic."""
    return _frame(release, "select * from dim_sources order by is_synthetic, source_name collate sv")


@_cached
def source_datasets(release: Release) -> pd.DataFrame:
    """One row per dataset of an official source: source_name, dataset_name, cadence, retrieved_at, origin, rows_count,
    last_attempted_at, last_outcome, last_message; times are UTC and empty when never."""
    return _frame(
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


@_cached
def coverage(release: Release, geography_id: str) -> pd.DataFrame:
    """One row per year and window (1 or 3 years): period_year, window_years, municipalities_included, _total."""
    return _frame(
        release,
        """
        select period_year, window_years, municipalities_included, municipalities_total
        from geography_coverage
        where geography_id = ?
        order by window_years, period_year
        """,
        [geography_id],
    )


@_cached
def missing_months(release: Release, geography_id: str) -> pd.DataFrame:
    """Windows in which something is not delivered: period (`2019` or `2019-07`), window_months, is_reported,
    missing_months (`2017-06, 2018-01–2018-12`, of a municipality), missing_municipalities (of a larger area), register_begins_month."""
    return _frame(
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


@_cached
def monthly_values(
    release: Release, geography_id: str, indicator_id: str, definition_id: str
) -> pd.DataFrame:
    """One monthly measure of an area, all persons: period (`2019-07`), value, numerator, denominator, value_status."""
    return _frame(
        release,
        """
        select period, value, numerator, denominator, value_status
        from indicator_values
        where
            geography_id = ? and indicator_id = ? and definition_id = ? and length(period) = 7
            and breakdown = 'total'
        order by period
        """,
        [geography_id, indicator_id, definition_id],
    )


@_cached
def yearly_values(release: Release, geography_id: str) -> pd.DataFrame:
    """All yearly totals of an area, one row per indicator, definition and year, with the step from the year before.

    Columns: indicator_id, definition_id, period_year, value, numerator, denominator, unit, value_status,
    previous_status, change (same unit as value; null unless both years are published), is_preliminary,
    is_estimated, source_id.
    """
    return _frame(
        release,
        """
        with own as materialized (
            select * replace (cast(period as integer) as period)
            from indicator_values
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


@_cached
def trends(release: Release, geography_id: str) -> pd.DataFrame:
    """Trend classes of an area: indicator_id, definition_id, breakdown, series_source, first_year, last_year, trend_class.

    `trend_class` is up, down, none, too_short, or null when it is hidden.
    """
    return _frame(
        release,
        """
        select indicator_id, definition_id, breakdown, series_source, first_year, last_year, trend_class
        from indicator_trends
        where geography_id = ?
        order by all
        """,
        [geography_id],
    )


@_cached
def broken_down(
    release: Release, geography_id: str, indicator_id: str, definition_id: str, by: str
) -> pd.DataFrame:
    """Yearly values by one breakdown (`sex` or `age`): period_year, group_code (`K`, `18-19` …), value, value_status,
    numerator, denominator."""
    return _frame(
        release,
        """
        select
            cast(period as integer) as period_year, split_part(breakdown, '=', 2) as group_code,
            value, value_status, numerator, denominator
        from indicator_values
        where
            geography_id = ? and indicator_id = ? and definition_id = ? and length(period) = 4
            and starts_with(breakdown, ?) and not contains(breakdown, ';')
        order by period_year, group_code
        """,
        [geography_id, indicator_id, definition_id, f"{by}="],
    )


@_cached
def indicator_values(
    release: Release, geography_id: str, indicator_id: str, definition_id: str
) -> pd.DataFrame:
    """Everything about one indicator of an area: period (`2019` or `2019-07`), breakdown, value, numerator,
    denominator, value_status."""
    return _frame(
        release,
        """
        select period, breakdown, value, numerator, denominator, value_status
        from indicator_values
        where geography_id = ? and indicator_id = ? and definition_id = ?
        order by period, breakdown
        """,
        [geography_id, indicator_id, definition_id],
    )


@_cached
def breakdowns(release: Release) -> pd.DataFrame:
    """The names behind a breakdown: dimension_id, dimension_name, dimension_order, value_code, value_name, value_order."""
    return _frame(release, "select * from dim_breakdowns order by dimension_order, value_order")


@_cached
def printed_values(release: Release, geography_id: str) -> pd.DataFrame:
    """Published figures of an area beside our own, in our units: indicator_id, definition_id, period_year,
    published_table_id, value, value_as_printed, value_status."""
    return _frame(
        release,
        """
        select
            indicator_id, definition_id, cast(period as integer) as period_year, published_table_id,
            case when unit = 'percent' then value / 100 else value end as value,
            value_as_printed, value_status
        from published_values
        where geography_id = ? and breakdown = 'total' and length(period) = 4
        order by indicator_id, period_year, published_table_id
        """,
        [geography_id],
    )


@_cached
def definition_differences(release: Release, geography_id: str) -> pd.DataFrame:
    """Persons on whom the definitions differ, per year: municipality_method_differs_count, break_rule_differs_count,
    very_longterm_not_longterm_count, status_1y, status_3y; null when hidden or not reported."""
    return _frame(
        release,
        """
        select
            period_year, municipality_method_differs_count, break_rule_differs_count,
            very_longterm_not_longterm_count, status_1y, status_3y
        from long_term_recipiency
        where geography_id = ? and breakdown = 'total'
        order by period_year
        """,
        [geography_id],
    )


@_cached
def municipality_values(
    release: Release, indicator_id: str, definition_id: str, period_year: int
) -> pd.DataFrame:
    """One row per delivering municipality, also those without a value that year: geography_id, geography_name,
    county_code, skr_group_code, value, value_status, numerator, denominator; by name."""
    return _frame(
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


@_cached
def compared_indicators(release: Release) -> pd.DataFrame:
    """One row per indicator and definition with yearly totals to compare: indicator_id, definition_id."""
    return _frame(
        release,
        "select distinct indicator_id, definition_id from comparison where breakdown = 'total' order by all",
    )


@_cached
def comparison(release: Release, geography_id: str, indicator_id: str, definition_id: str) -> pd.DataFrame:
    """A municipality beside its groups, one row per year in order: the columns of the table `comparison`."""
    return _frame(
        release,
        """
        select *
        from comparison
        where geography_id = ? and indicator_id = ? and definition_id = ? and breakdown = 'total'
        order by period
        """,
        [geography_id, indicator_id, definition_id],
    )


@_cached
def reasons(release: Release, geography_id: str, definition_id: str) -> pd.DataFrame:
    """Reasons for need, all ages: period_year, reason, reason_name, sex, duration, value_status, adults_count,
    adults_with_reason_count (the denominator), reason_share; in the order of the publication categories."""
    return _frame(
        release,
        """
        select
            period_year, reason, reason_name, sex, duration, value_status, adults_count,
            adults_with_reason_count, reason_share
        from reason_for_need
        where
            geography_id = ? and definition_id = ? and age_band = 'all' and origin = 'all' and children = 'all'
            and duration in ('all', 'longterm', 'not_longterm')
        order by period_year, sex, duration, sort_order
        """,
        [geography_id, definition_id],
    )


@_cached
def variation_series(release: Release, geography_id: str) -> pd.DataFrame:
    """The monthly series of an area: indicator_id, definition_id, breakdown, breakdown_name (null for the total),
    indicator_name, definition_name; in the order of the catalogue and of the reasons."""
    return _frame(
        release,
        """
        select distinct
            monthly_series.indicator_id, monthly_series.definition_id, breakdown, value_name as breakdown_name,
            indicator_name, definition_name, sort_order, value_order
        from monthly_series
        inner join dim_indicators
            on monthly_series.indicator_id = dim_indicators.indicator_id
            and monthly_series.definition_id = dim_indicators.definition_id
        left join dim_breakdowns on breakdown = dimension_id || '=' || value_code
        where geography_id = ?
        order by sort_order, value_order
        """,
        [geography_id],
    )


@_cached
def variation_months(
    release: Release, geography_id: str, indicator_id: str, definition_id: str, breakdown: str
) -> pd.DataFrame:
    """A monthly series with what its phase gives: period, value, value_status, phase, is_baseline, centre, lower_limit,
    upper_limit, median, limits_status, signals (codes joined by comma, null without limits)."""
    return _frame(
        release,
        """
        select
            months.period, months.value, months.value_status, points.phase, points.is_baseline, points.centre,
            points.lower_limit, points.upper_limit, points.median, points.limits_status, points.signals
        from monthly_series as months
        inner join variation_points as points
            using (indicator_id, definition_id, geography_id, period, breakdown)
        where geography_id = ? and indicator_id = ? and definition_id = ? and breakdown = ?
        order by months.period
        """,
        [geography_id, indicator_id, definition_id, breakdown],
    )


@_cached
def variation_phases(
    release: Release, geography_id: str, indicator_id: str, definition_id: str, breakdown: str
) -> pd.DataFrame:
    """The phases of a series in order: phase, first_period, last_period, baseline_first_period, baseline_last_period
    (null without a saved baseline), centre, lower_limit, upper_limit, median, limits_status, and started_by: titles of
    the marked changes of the first month (null for the first phase)."""
    return _frame(
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


@_cached
def variation_signals(
    release: Release, geography_id: str, indicator_id: str, definition_id: str, breakdown: str, chart_id: str
) -> pd.DataFrame:
    """The signals of a series that belong to a chart, latest first: rule_name, direction_text (follows the number of
    months), first_period, last_period, months_count, phase, and events: titles within those months (null for none)."""
    return _frame(
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


@_cached
def variation_events(release: Release, geography_id: str) -> pd.DataFrame:
    """What stands on the time axis of an area: event_date, period, title, kind_name, starts_phase; by date."""
    return _frame(
        release,
        """
        select event_date, strftime(event_date, '%Y-%m') as period, title, kind_name, starts_phase
        from variation_events
        where coalesce(municipality_code, ?) = ?
        order by event_date, title
        """,
        [geography_id, geography_id],
    )


@_cached
def variation_readings(release: Release) -> pd.DataFrame:
    """How the charts are read: chart_id, chart_name, reading_id, reading_kind (part, signal, caution, no_limits),
    reading_name, reading_text; in catalogue order."""
    return _frame(
        release,
        """
        select chart_id, chart_name, reading_id, reading_kind, reading_name, reading_text
        from variation_readings
        order by sort_order
        """,
    )


@_cached
def exit_reasons(release: Release, geography_id: str) -> pd.DataFrame:
    """Why aid ended, per year and reason of the list: period_year, reason_name, value, value_status, numerator (ends of
    adults with the reason), denominator (all ends of adults), municipalities_count (of an area: those that delivered
    reasons, null for a municipality); in the order of the list."""
    return _frame(
        release,
        """
        with delivering as (
            select indicator_values.period, count(distinct indicator_values.geography_id) as municipalities_count
            from geography_members
            inner join indicator_values
                on geography_members.municipality_code = indicator_values.geography_id
                and cast(left(indicator_values.period, 4) as integer)
                    between coalesce(geography_members.first_year, 0) and coalesce(geography_members.last_year, 9999)
            where
                geography_members.geography_id = ? and indicator_values.indicator_id = 'exit_reason_share'
                and indicator_values.value_status <> 'not_reported'
            group by indicator_values.period
        )

        select
            cast(indicator_values.period as integer) as period_year, dim_breakdowns.value_name as reason_name,
            indicator_values.value, indicator_values.value_status, indicator_values.numerator,
            indicator_values.denominator, delivering.municipalities_count
        from indicator_values
        left join delivering on indicator_values.period = delivering.period
        inner join dim_breakdowns
            on dim_breakdowns.dimension_id = 'exit_reason'
            and indicator_values.breakdown = 'exit_reason=' || dim_breakdowns.value_code
        where indicator_values.geography_id = ? and indicator_values.indicator_id = 'exit_reason_share'
        order by period_year, dim_breakdowns.value_order
        """,
        [geography_id, geography_id],
    )


@_cached
def reason_definitions(release: Release) -> list[str]:
    """The definitions of the yearly reason that `reasons` can give."""
    return list(_frame(release, "select distinct definition_id from reason_for_need")["definition_id"])


@_cached
def reconciliation_summary(release: Release) -> pd.DataFrame:
    """Verdicts on yearly figures counted per published table: published_table_id, verdict, figures_count."""
    return _frame(
        release,
        """
        select published_table_id, verdict, count(*) as figures_count
        from reconciliation
        where length(period) = 4
        group by published_table_id, verdict
        order by published_table_id, verdict
        """,
    )


@_cached
def reconciliation(release: Release) -> pd.DataFrame:
    """Own figure beside each published one of a year, in the printed unit: indicator and definition names, area, year, table,
    published_value, own_value, difference, tolerance, verdict, known_cause, cause_name, own_status,
    published_status."""
    return _frame(
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


@_cached
def contradictions(release: Release) -> pd.DataFrame:
    """Printed figures that another table contradicts: contradiction_kind (different_values, impossible_share),
    indicator_name, area_name, period_year, breakdown, table_a, value_a, table_b, value_b (printed unit)."""
    return _frame(
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


@_cached
def delivery_months(release: Release) -> pd.DataFrame:
    """One row per municipality and month: municipality_name, period (`YYYY-MM`), state (accepted, replaced, held,
    rejected, forgotten, missing: what the month stands at now), deliveries_count."""
    return _frame(
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


@_cached
def delivery_files(release: Release) -> pd.DataFrame:
    """One row per received file: delivery_id, file_name, state, rule_id, message, received_at, rows_*, ignored_columns."""
    return _frame(
        release,
        """
        select
            delivery_id, file_name, state, rule_id, message, received_at,
            rows_read, rows_loaded, rows_quarantined, rows_duplicate, ignored_columns
        from delivery_files
        order by delivery_id desc
        """,
    )


@_cached
def rule_hits(release: Release) -> pd.DataFrame:
    """One row per rule of the door that was hit: rule_id, severity, rows_count, files_count."""
    return _frame(
        release,
        """
        select
            rule_id, severity, cast(sum(rows_count) as bigint) as rows_count,
            count(distinct delivery_id) as files_count
        from delivery_rule_hits
        group by rule_id, severity
        order by rule_id
        """,
    )


@_cached
def quality_results(release: Release) -> pd.DataFrame:
    """One row per check: gate, suite, expectation, table_name, column_name, severity, is_passed, observed, checked_rows.

    Failed checks come first.
    """
    return _frame(
        release,
        """
        select gate, suite, expectation, table_name, column_name, severity, is_passed, observed, checked_rows
        from quality_results
        order by is_passed, gate, suite, table_name, column_name, expectation
        """,
    )


@_cached
def oj_respondents(release: Release) -> pd.DataFrame:
    """Municipalities that answered in some edition of Öppna jämförelser: geography_id, geography_name, group_id,
    group_name (SKR, null when unknown), edition_year; by name and latest edition first. Empty in a release without them."""
    return _frame(
        release,
        """
        select distinct
            answers.geography_id, coalesce(areas.geography_name, answers.respondent_name) as geography_name,
            groups.geography_id as group_id, groups.geography_name as group_name, answers.edition_year
        from oj_answers as answers
        left join dim_geographies as areas on answers.geography_id = areas.geography_id
        left join dim_geographies as groups on 'skr:' || areas.skr_group_code = groups.geography_id
        where answers.respondent_type = 'municipality' and answers.coding is not null
        order by geography_name collate sv, edition_year desc
        """,
    )


@_cached
def oj_answers(release: Release, geography_id: str, group_id: str | None, edition_year: int) -> pd.DataFrame:
    """One row per question of an edition with answers in words: indicator_id, question, answer_as_printed, answer,
    value_status, version, data_year, caveat_text; and counts of municipalities in the SKR group (`group_`) and the
    country (`country_`): yes_count, partly_count, answered_count, not_answered_count (null where nobody was asked)."""
    return _frame(
        release,
        """
        select
            answers.indicator_id, answers.question, answers.version, answers.data_year,
            answers.answer_as_printed, answers.answer, answers.value_status, country.caveat_text,
            groups.numerator as group_yes_count, groups.partly_count as group_partly_count,
            groups.denominator as group_answered_count, groups.not_answered_count as group_not_answered_count,
            country.numerator as country_yes_count, country.partly_count as country_partly_count,
            country.denominator as country_answered_count, country.not_answered_count as country_not_answered_count
        from oj_answers as answers
        left join oj_indicators as groups
            on groups.geography_id = ? and groups.value_origin = 'counted'
            and answers.indicator_id = groups.indicator_id and answers.edition_year = groups.edition_year
            and answers.data_year is not distinct from groups.data_year
        left join oj_indicators as country
            on country.geography_id = '0000' and country.value_origin = 'counted'
            and answers.indicator_id = country.indicator_id and answers.edition_year = country.edition_year
            and answers.data_year is not distinct from country.data_year
        where answers.geography_id = ? and answers.respondent_type = 'municipality' and answers.edition_year = ?
            and answers.coding is not null
        order by answers.sheet, answers.question collate sv, answers.data_year
        """,
        [group_id, geography_id, edition_year],
    )
