"""The frames that the gates look at, each computed by one set-based statement. No frame holds a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.errors import PlainError
from orchestration.lib.database import attach, literal, open_database
from orchestration.lib.dbt_runner import memory_limit
from orchestration.lib.release_files import DATABASE
from orchestration.lib.release_store import list_releases
from orchestration.register.vault_file import open_vault
from orchestration.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

# A change is judged only where enough people stand behind the figure; below that it is chance.
SMALLEST_COUNT_JUDGED = 30
# A figure that is published already seldom changes by more than this share of itself.
LARGEST_USUAL_CHANGE = 0.2

_FILES = """
select
    delivery_id,
    state,
    received_at,
    rows_loaded + rows_quarantined + rows_duplicate - rows_read as rows_difference,
    case when state in ('accepted', 'partly_rejected') then rows_quarantined / nullif(rows_read, 0) end
        as quarantined_share,
    case when state in ('accepted', 'partly_rejected') then rows_duplicate / nullif(rows_read, 0) end
        as duplicate_share
from register.delivery_states($known_before)
order by delivery_id
"""

# A unit is a municipality and a month; it has a number here, since a number is quicker to group by than two names.
_UNITS = """
with units as (
    select
        row_number() over (order by municipality_code, period_month) as unit_number,
        municipality_code, period_month, delivery_id, rows_loaded, households_count, persons_count
    from register.unit_states($known_before)
    where is_in_force
),

person_rows as (
    select
        unit_number, household_id, person_id, role, reason_code, reason_text, warnings,
        extract(year from period_month) - birth_year >= 18 as is_adult,
        coalesce(forsorjningsstod_sek, 0) + coalesce(ovrigt_bistand_sek, 0) as paid_sek
    from register.person_months
    inner join units using (delivery_id, municipality_code, period_month)
),

erased_rows as (
    select
        unit_number, household_id, role, erased.persons_count,
        coalesce(forsorjningsstod_sek, 0) + coalesce(ovrigt_bistand_sek, 0) as paid_sek
    from register.erased_rows as erased
    inner join units using (delivery_id, municipality_code, period_month)
),

-- persons who were erased are still accounted for in the ledger, and their households still had the money
erased as (
    select unit_number, count(*) as rows_erased, sum(persons_count) as persons_erased
    from erased_rows
    group by unit_number
),

households as (
    select unit_number, household_id, bool_or(role = 'RL') as has_head, sum(paid_sek) as paid_sek
    from (
        select unit_number, household_id, role, paid_sek from person_rows
        union all
        select unit_number, household_id, role, paid_sek from erased_rows
    ) as household_rows
    group by unit_number, household_id
),

with_heads as (
    select
        unit_number,
        count(*) as households_count,
        sum(paid_sek) as paid_sek,
        avg(case when has_head then 1 else 0 end) as with_head_share
    from households
    group by unit_number
),

-- one row per person first: quicker than three counts of distinct persons
each_person as (
    select unit_number, person_id, bool_or(is_adult) as is_adult, bool_or(not is_adult) as is_child
    from person_rows
    group by unit_number, person_id
),

persons as (
    select
        unit_number,
        count(*) as persons_count,
        count(case when is_adult then 1 end) as adults_count,
        count(case when is_child then 1 end) as children_count
    from each_person
    group by unit_number
),

counted as (
    select
        unit_number,
        count(*) as rows_count,
        count(case when is_adult and role <> 'BARN' and reason_code is null and reason_text is null then 1 end)
            / nullif(count(case when is_adult and role <> 'BARN' then 1 end), 0) as reason_missing_share,
        count(case when reason_text is not null then 1 end)
            / nullif(count(case when reason_text is not null or reason_code is not null then 1 end), 0)
            as unknown_reason_share,
        count(case when warnings is not null then 1 end) / count(*) as warning_share
    from person_rows
    group by unit_number
)

select
    units.municipality_code,
    strftime(units.period_month, '%Y-%m') as period,
    coalesce(rows_count, 0) as rows_count,
    coalesce(with_heads.households_count, 0) as households_count,
    coalesce(persons.persons_count, 0) as persons_count,
    coalesce(rows_count, 0) + coalesce(rows_erased, 0) - units.rows_loaded as ledger_rows_difference,
    coalesce(with_heads.households_count, 0) - units.households_count as ledger_households_difference,
    coalesce(persons.persons_count, 0) + coalesce(persons_erased, 0) - units.persons_count as ledger_persons_difference,
    coalesce(adults_count + children_count - persons.persons_count, 0) as persons_difference,
    with_head_share,
    reason_missing_share,
    unknown_reason_share,
    cast(with_heads.paid_sek as double) / nullif(with_heads.households_count, 0) as paid_per_household_mean,
    rows_count / nullif(with_heads.households_count, 0) as members_per_household_mean,
    warning_share,
    date_diff('month', lag(units.period_month) over (
        partition by units.municipality_code order by units.period_month
    ), units.period_month) - 1 as months_gap
from units
left join counted using (unit_number)
left join persons using (unit_number)
left join with_heads using (unit_number)
left join erased using (unit_number)
order by units.municipality_code, units.period_month
"""

_CHANGES = f"""
select
    before.indicator_id,
    before.definition_id,
    before.period,
    count(*) - count(now.value) as gone_count,
    count(case
        when now.disclosure_count >= {SMALLEST_COUNT_JUDGED}
            and abs(now.value - before.value) > {LARGEST_USUAL_CHANGE} * before.value then 1
    end) / nullif(count(case when now.disclosure_count >= {SMALLEST_COUNT_JUDGED} then 1 end), 0) as changed_share
from (from warehouse.marts.indicator_values where value is not null) as now
right join (from release_before.marts.indicator_values where value > 0) as before
    using (indicator_id, definition_id, geography_id, period, breakdown)
group by before.indicator_id, before.definition_id, before.period
order by before.indicator_id, before.definition_id, before.period
"""

_NO_CHANGES = """
select
    cast(null as varchar) as indicator_id, cast(null as integer) as gone_count, cast(null as double) as changed_share
where false
"""


def landing_frames(settings: Settings) -> dict[str, pd.DataFrame]:
    """`files`: one row per delivery. `units`: one row per municipality and month in force, with its profile."""
    connection = open_vault(settings, read_only=True)
    try:
        # every person of every month is grouped, and what does not fit is slow
        connection.execute(f"set memory_limit = '{memory_limit()}'")
        known = {"known_before": settings.known_before}
        return {
            "files": connection.execute(_FILES, known).df(),
            "units": connection.execute(_UNITS, known).df(),
        }
    finally:
        connection.close()


def release_frames(settings: Settings) -> dict[str, pd.DataFrame]:
    """`changes` of the warehouse against the latest release of the same profile: one row per indicator, definition and
    period, with how many published values are gone and the share of them that changed much.

    No rows when there is no release to compare with. Raises PlainError when there is no warehouse.
    """
    if not settings.warehouse.is_file():
        raise PlainError("Datalagret är inte byggt; kör bistand run först.")
    before = next((one for one in list_releases(settings) if one.profile == settings.profile), None)
    with open_database() as connection:
        connection.execute(f"set temp_directory = {literal(str(settings.build / 'tmp'))}")
        attach(connection, settings.warehouse, "warehouse")
        if before is not None:
            attach(connection, before.folder / DATABASE, "release_before")
        return {"changes": connection.execute(_CHANGES if before is not None else _NO_CHANGES).df()}
