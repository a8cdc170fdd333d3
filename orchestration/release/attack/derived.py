"""Counts that other numbers give away: a share its fraction, a curve its steps, money its households, an earlier release."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import duckdb

from orchestration.database import insert_rows
from orchestration.release.attack.cells import UNKNOWN, Rule, columns_of

# a fraction with a larger denominator can no longer be told from its neighbours by a share of nine decimals
LARGEST_DENOMINATOR = 20_000


def derive(connection: duckdb.DuckDBPyConnection, known: dict[str, Any], rule: Rule) -> None:
    """Draw the bounds of `cells` tighter by what shares, curves and money tell of hidden or rounded counts."""
    connection.execute("create or replace temp table told (cell_id integer, lo double, hi double)")
    _shares(connection, known["shares"])
    if not rule.base:
        _curves(connection)
    else:
        _money(connection, rule)
    connection.execute("""
        update cells set lo = greatest(cells.lo, told.lo), hi = least(cells.hi, told.hi)
        from (select cell_id, max(lo) as lo, min(hi) as hi from told group by cell_id) as told
        where cells.cell_id = told.cell_id and told.lo <= cells.hi and told.hi >= cells.lo and told.lo <= told.hi
    """)


def _shares(connection: duckdb.DuckDBPyConnection, shares: list[dict[str, Any]]) -> None:
    """A share that is shown though its numerator is hidden: of a known denominator, or as a fraction in lowest terms."""
    connection.execute(
        "create or replace temp table whole_shares (indicator_id varchar, unless varchar, numerator varchar, denominator varchar, without varchar[])"
    )
    connection.executemany(
        "insert into whole_shares values ($1, $2, $3, $4, $5)",
        [
            (
                one["indicator"],
                one.get("unless", ""),
                one["numerator"],
                one.get("denominator", ""),
                one.get("without", []),
            )
            for one in shares
            if "numerator" in one
        ],
    )
    tables = [
        table
        for table in (
            "indicator_values",
            "monthly_series",
            "municipality_profile",
            "comparison_groups",
            "comparison",
        )
        if {"indicator_id", "definition_id", "geography_id", "period", "value", "unit"}
        <= columns_of(connection, table)
    ]
    for table in tables:
        columns = columns_of(connection, table)
        breakdown = "rows.breakdown" if "breakdown" in columns else "'total'"
        shown = "rows.denominator" if "denominator" in columns else "cast(null as double)"
        rows = connection.execute(f"""
            with spelled as (
                select rows.value, {shown} as denominator, replace(shares.numerator, '*', rows.definition_id) as numerator_measure,
                    replace(shares.denominator, '*', rows.definition_id) as denominator_measure, rows.geography_id, rows.period,
                    {_spelled(breakdown, "[]::varchar[]")} as breakdown,
                    {_spelled(breakdown, "shares.without")} as denominator_breakdown
                from release.{table} as rows
                inner join whole_shares as shares
                    on rows.indicator_id = shares.indicator_id and rows.definition_id <> shares.unless
                where rows.value is not null and rows.unit = 'share'
            ), named as (
                select cells.*, slices.measure, slices.geography_id, slices.period, breakdowns.breakdown
                from cells inner join slices using (slice_id) inner join breakdowns using (breakdown_id)
            )
            select hidden.cell_id, spelled.value, coalesce(spelled.denominator, known.lo), coalesce(spelled.denominator, known.hi)
            from spelled
            inner join named as hidden
                on hidden.measure = spelled.numerator_measure and hidden.geography_id = spelled.geography_id
                and hidden.period = spelled.period and hidden.breakdown = spelled.breakdown
            left join named as known
                on known.measure = spelled.denominator_measure and known.geography_id = spelled.geography_id
                and known.period = spelled.period and known.breakdown = spelled.denominator_breakdown
            where hidden.is_hidden and hidden.lo < hidden.hi
        """).fetchall()
        told = [
            (cell, *found) for cell, value, lo, hi in rows if (found := _numerator(value, lo, hi)) is not None
        ]
        insert_rows(connection, "told", told)


def _spelled(breakdown: str, without: str) -> str:
    return f"""array_to_string(list_sort(list_filter(string_split({breakdown}, ';'), lambda x:
        x not in ('', 'total') and not list_contains({without}, split_part(x, '=', 1)))), ';')"""


def _numerator(value: float, lo: float | None, hi: float | None) -> tuple[float, float] | None:
    """Bounds on the numerator of a share with a denominator from `lo` to `hi` (None: nothing is known of it)."""
    if lo is not None and lo == hi:
        return round(value * lo), round(value * lo)
    if lo is None or hi is None or hi >= UNKNOWN:
        lo, hi = 1, LARGEST_DENOMINATOR
    fraction = Fraction(value).limit_denominator(int(min(hi, LARGEST_DENOMINATOR)))
    if abs(float(fraction) - value) > 1e-9:
        return None
    least = max(1, -(-int(lo) // fraction.denominator))
    most = int(hi) // fraction.denominator
    return (fraction.numerator * least, fraction.numerator * most) if most >= least else None


def _curves(connection: duckdb.DuckDBPyConnection) -> None:
    """A hidden month between two shown ones: who is at risk follows from the month before, the share that stays on from the
    month after, and together they tell who ended."""
    needed = {"at_risk_count", "ended_count", "censored_count", "survival_share", "entry_year"}
    if not needed <= columns_of(connection, "duration_curves"):
        return
    connection.execute("""
        insert into told
        with steps as (
            select *, lag(columns('(at_risk_count|ended_count|censored_count|survival_share)')) over curve as 'before_\\0',
                lead(columns('(at_risk_count|ended_count|survival_share)')) over curve as 'after_\\0'
            from release.duration_curves
            window curve as (partition by geography_id, definition_id, entry_year order by month_since_entry)
        ), known as (
            select *, before_at_risk_count - before_ended_count - before_censored_count as at_risk,
                after_survival_share / nullif(1 - after_ended_count / after_at_risk_count, 0) as survived_share
            from steps where survival_share is null and before_survival_share > 0
        ), ended as (
            select *, at_risk * (1 - survived_share / before_survival_share) as ended from known
        )
        select cells.cell_id, round(ended.ended), round(ended.ended)
        from ended
        inner join slices
            on slices.measure = 'ended|' || ended.definition_id and slices.geography_id = ended.geography_id
            and slices.period = cast(ended.entry_year as varchar)
        inner join breakdowns on breakdowns.breakdown = 'month=' || ended.month_since_entry
        inner join cells on cells.slice_id = slices.slice_id and cells.breakdown_id = breakdowns.breakdown_id
        where abs(ended.ended - round(ended.ended)) < 0.01
    """)


def _money(connection: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """A mean is the mean of two parts weighted by their rounded counts: often a single pair of whole counts fits."""
    if not {"indicator_id", "numerator", "denominator"} <= columns_of(connection, "indicator_values"):
        return
    connection.execute(
        """
        insert into told
        with means as (
            select rows.indicator_id, rows.geography_id, rows.period, rows.breakdown, rows.numerator, rows.denominator,
                case indicator_id when 'paid_sek_per_household' then 'paid_households|default' else 'households|default' end as measure,
                case indicator_id when 'paid_sek_per_household' then $money / 2 else $base / 2 end as tolerance,
                cells.cell_id, cells.lo, cells.hi
            from release.indicator_values as rows
            inner join slices
                using (geography_id, period)
            inner join breakdowns on breakdowns.breakdown = replace(rows.breakdown, 'total', '')
            inner join cells using (slice_id, breakdown_id)
            where rows.indicator_id in ('paid_sek_per_household', 'months_per_household_mean') and rows.numerator is not null
                and slices.measure = case indicator_id
                    when 'paid_sek_per_household' then 'paid_households|default' else 'households|default' end
        ), parts as (
            select *, split_part(breakdown, '=', 1) as dimension,
                row_number() over part as part_number, count(*) over (partition by indicator_id, geography_id, period, split_part(breakdown, '=', 1)) as parts_count
            from means
            where breakdown similar to '[a-z_]+=[^;]+'
            window part as (partition by indicator_id, geography_id, period, split_part(breakdown, '=', 1) order by breakdown)
        ), pairs as (
            select indicator_id, count(*) as pairs_count from parts
            where parts_count = 2 and part_number = 1
            group by indicator_id
        ), fitting as (
            select wholes.cell_id as whole_id, one.cell_id as one_id, other.cell_id as other_id,
                counts.whole_count, counts.one_count, counts.whole_count - counts.one_count as other_count,
                count(*) over (partition by one.indicator_id, one.cell_id) as fits_count,
                one.indicator_id
            from parts as one
            inner join parts as other using (indicator_id, geography_id, period, dimension)
            inner join means as wholes
                on one.indicator_id = wholes.indicator_id and one.geography_id = wholes.geography_id
                and one.period = wholes.period and wholes.breakdown = 'total'
            inner join lateral (
                select whole_count, one_count
                from unnest(generate_series(cast(wholes.lo as bigint), cast(wholes.hi as bigint))) as whole (whole_count)
                cross join unnest(generate_series(cast(one.lo as bigint), cast(one.hi as bigint))) as part (one_count)
            ) as counts on true
            where one.parts_count = 2 and one.part_number = 1 and other.part_number = 2
                and counts.whole_count - counts.one_count between other.lo and other.hi
                and abs(
                    wholes.numerator * counts.whole_count / wholes.denominator
                    - one.numerator * counts.one_count / one.denominator
                    - other.numerator * (counts.whole_count - counts.one_count) / other.denominator
                ) <= 1.2 * (wholes.tolerance + one.tolerance + other.tolerance)
        ), trusted as (
            -- true counts fit everywhere; where they do not, the means have been rounded and tell nothing
            select fitting.indicator_id
            from fitting inner join pairs on fitting.indicator_id = pairs.indicator_id
            group by fitting.indicator_id
            having count(distinct fitting.one_id) >= 0.9 * max(pairs.pairs_count)
        )
        select unnest([whole_id, one_id, other_id]), unnest([whole_count, one_count, other_count]),
            unnest([whole_count, one_count, other_count])
        from fitting where fits_count = 1 and indicator_id in (select indicator_id from trusted)
    """,
        {"money": rule.money_base, "base": rule.base},
    )


def keep_as_earlier(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `earlier`: what an earlier release tells of each count, when its bounds have been drawn (`outcome`)."""
    connection.execute("""
        create or replace table earlier as
        select slices.measure, slices.geography_id, slices.period, breakdowns.breakdown,
            cells.lo as shown_lo, cells.hi as shown_hi, cells.is_hidden, outcome.lo, outcome.hi
        from cells inner join outcome using (cell_id)
        inner join slices using (slice_id) inner join breakdowns using (breakdown_id)
    """)


def derive_from_earlier(connection: duckdb.DuckDBPyConnection) -> None:
    """A geography and period in which whatever both releases show agrees has not changed: each count is the same in both."""
    connection.execute("""
        create or replace temp table in_both as
        select cells.cell_id, slices.geography_id, slices.period, earlier.lo, earlier.hi,
            not cells.is_hidden and not earlier.is_hidden as is_shown,
            cells.lo <= earlier.shown_hi and cells.hi >= earlier.shown_lo as agrees
        from cells inner join slices using (slice_id) inner join breakdowns using (breakdown_id)
        inner join earlier using (measure, geography_id, period, breakdown)
    """)
    connection.execute("""
        update cells set lo = greatest(cells.lo, seen.lo), hi = least(cells.hi, seen.hi)
        from in_both as seen
        where cells.cell_id = seen.cell_id and seen.lo <= cells.hi and seen.hi >= cells.lo
            and (seen.geography_id, seen.period) in (
                select (geography_id, period) from in_both where is_shown group by geography_id, period having bool_and(agrees)
            )
    """)
