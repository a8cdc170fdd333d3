"""The profile of each municipality and month in force: what the landing gate looks at. No profile holds a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import pandas as pd

_PROFILES = """
with months as (
    -- a number is quicker to group by than two names
    select
        row_number() over (order by municipality_code, period_month) as month_number,
        delivery_id, municipality_code, period_month, rows_loaded, households_count, persons_count
    from month_states
    where is_in_force and not is_optional
),

person_rows as (
    select
        month_number, household_id, person_id, role, reason_code, reason_text, warnings,
        extract(year from period_month) - birth_year >= 18 as is_adult,
        coalesce(forsorjningsstod_sek, 0) + coalesce(ovrigt_bistand_sek, 0) as paid_sek
    from register.person_months
    inner join months using (delivery_id, municipality_code, period_month)
),

erased_rows as (
    select
        month_number, household_id, role, erased.persons_count,
        coalesce(forsorjningsstod_sek, 0) + coalesce(ovrigt_bistand_sek, 0) as paid_sek
    from register.erased_rows as erased
    inner join months using (delivery_id, municipality_code, period_month)
),

-- persons who were erased are still accounted for in the ledger, and their households still had the money
erased as (
    select month_number, count(*) as rows_erased, cast(sum(persons_count) as bigint) as persons_erased
    from erased_rows
    group by month_number
),

households as (
    select month_number, household_id, bool_or(role = 'RL') as has_head, sum(paid_sek) as paid_sek
    from (
        select month_number, household_id, role, paid_sek from person_rows
        union all
        select month_number, household_id, role, paid_sek from erased_rows
    ) as household_rows
    group by month_number, household_id
),

with_heads as (
    select
        month_number,
        count(*) as households_count,
        sum(paid_sek) as paid_sek,
        avg(case when has_head then 1 else 0 end) as with_head_share
    from households
    group by month_number
),

-- one row per person first: quicker than three counts of distinct persons
each_person as (
    select month_number, person_id, bool_or(is_adult) as is_adult, bool_or(not is_adult) as is_child
    from person_rows
    group by month_number, person_id
),

persons as (
    select
        month_number,
        count(*) as persons_count,
        count(case when is_adult then 1 end) as adults_count,
        count(case when is_child then 1 end) as children_count
    from each_person
    group by month_number
),

counted as (
    select
        month_number,
        count(*) as rows_count,
        count(case when is_adult and role <> 'BARN' and reason_code is null and reason_text is null then 1 end)
            / nullif(count(case when is_adult and role <> 'BARN' then 1 end), 0) as reason_missing_share,
        count(case when reason_text is not null then 1 end)
            / nullif(count(case when reason_text is not null or reason_code is not null then 1 end), 0)
            as unknown_reason_share,
        count(case when warnings is not null then 1 end) / count(*) as warning_share
    from person_rows
    group by month_number
),

profiles as (
    select
        month_number,
        coalesce(rows_count, 0) as rows_count,
        coalesce(with_heads.households_count, 0) as households_count,
        coalesce(persons.persons_count, 0) as persons_count,
        coalesce(rows_erased, 0) as rows_erased,
        coalesce(persons_erased, 0) as persons_erased,
        coalesce(adults_count + children_count - persons.persons_count, 0) as persons_difference,
        with_head_share,
        reason_missing_share,
        unknown_reason_share,
        cast(with_heads.paid_sek as double) / nullif(with_heads.households_count, 0) as paid_per_household_mean,
        rows_count / nullif(with_heads.households_count, 0) as members_per_household_mean,
        warning_share
    from months
    left join counted using (month_number)
    left join persons using (month_number)
    left join with_heads using (month_number)
    left join erased using (month_number)
)

select
    months.municipality_code,
    strftime(months.period_month, '%Y-%m') as period,
    profiles.rows_count,
    profiles.households_count,
    profiles.persons_count,
    profiles.rows_count + rows_erased - months.rows_loaded as ledger_rows_difference,
    profiles.households_count - months.households_count as ledger_households_difference,
    profiles.persons_count + persons_erased - months.persons_count as ledger_persons_difference,
    persons_difference,
    with_head_share,
    reason_missing_share,
    unknown_reason_share,
    paid_per_household_mean,
    members_per_household_mean,
    warning_share,
    date_diff('month', lag(months.period_month) over (
        partition by months.municipality_code order by months.period_month
    ), months.period_month) - 1 as months_gap
from months
inner join profiles using (month_number)
order by months.municipality_code, months.period_month
"""


def month_profiles(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per municipality and month in force: what its rows hold and how they differ from the ledger.

    `connection` is that of the vault, with the states as of the moment built for. Shares are 0–1, amounts whole kronor
    with decimals, differences in rows, households and persons.
    """
    return connection.execute(_PROFILES).df()
