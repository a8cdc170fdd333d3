"""The frames that the gates look at, each computed by one set-based statement. No frame holds a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.database import attach, literal, open_database
from orchestration.errors import PlainError
from orchestration.release.files import parquet_of
from orchestration.release.store import list_releases
from orchestration.settings import Settings
from orchestration.vault.file import open_vault
from orchestration.vault.states import put_states
from orchestration.warehouse.dbt_runner import memory_limit
from validation.month_profiles import month_profiles

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
from delivery_states
order by delivery_id
"""

# How many stand behind a figure: for an amount the households of the same place and time.
_NOW = """
with now as (
    select
        figures.*,
        case figures.unit
            when 'share' then least(figures.numerator, figures.denominator)
            when 'sek' then households.value
            else coalesce(figures.denominator, figures.value)
        end as people_count
    from warehouse.marts.indicator_values as figures
    left join warehouse.marts.indicator_values as households
        on households.indicator_id = 'households' and figures.unit = 'sek'
        and figures.geography_id = households.geography_id
        and figures.period = households.period and figures.breakdown = households.breakdown
    where figures.value is not null
)
"""

_CHANGES = f"""
{_NOW}
select
    before.indicator_id,
    before.definition_id,
    before.period,
    count(*) - count(now.value) as gone_count,
    count(case
        when now.people_count >= {SMALLEST_COUNT_JUDGED}
            and abs(now.value - before.value) > {LARGEST_USUAL_CHANGE} * before.value then 1
    end) / nullif(count(case when now.people_count >= {SMALLEST_COUNT_JUDGED} then 1 end), 0) as changed_share
from now
right join (from release_before where value > 0) as before
    using (indicator_id, definition_id, geography_id, period, breakdown)
group by before.indicator_id, before.definition_id, before.period
order by before.indicator_id, before.definition_id, before.period
"""

# A municipality's year that was told before, if only as too small to show, and is not told now. A month that was purged
# says so itself.
_YEARS = """
select
    before.geography_id,
    before.period,
    case when now.geography_id is null and purged.municipality_code is null then 0 else 1 end as is_kept
from (
    select distinct geography_id, period from release_before
    where regexp_full_match(period, '[0-9]{4}') and regexp_full_match(geography_id, '[0-9]{4}') and geography_id <> '0000'
        and value_status in ('published', 'suppressed')
) as before
left join (
    select distinct geography_id, period from warehouse.marts.indicator_values
    where value_status in ('published', 'suppressed')
) as now
    using (geography_id, period)
left join (
    select distinct municipality_code, left(period, 4) as period
    from warehouse.meta.deliveries where state = 'forgotten'
) as purged
    on before.geography_id = purged.municipality_code and before.period = purged.period
order by before.geography_id, before.period
"""

# Totals of municipalities and the country against the release before, where no delivery, decision or purge of the year
# explains another total: then the change is null and not judged.
_TOTALS = f"""
{_NOW},

units_now as (
    select municipality_code, left(period, 4) as period, delivery_id, state from warehouse.meta.deliveries
    where state in ('accepted', 'forgotten')
),

units_before as (
    select municipality_code, left(period, 4) as period, delivery_id, state from deliveries_before
    where state in ('accepted', 'forgotten')
),

changed as (
    select municipality_code, period
    from ((from units_now except from units_before) union (from units_before except from units_now))
)

select
    before.indicator_id,
    before.geography_id,
    before.period,
    case
        when now.people_count >= {SMALLEST_COUNT_JUDGED} and not exists (
            from changed
            where changed.period = before.period
                and (before.geography_id = '0000' or changed.municipality_code = before.geography_id)
        ) then now.value / before.value
    end as change
from (
    from release_before
    where indicator_id in ('recipients', 'adult_recipients', 'households', 'paid_sek') and breakdown = 'total'
        and regexp_full_match(period, '[0-9]{{4}}') and regexp_full_match(geography_id, '[0-9]{{4}}') and value > 0
) as before
inner join now
    using (indicator_id, definition_id, geography_id, period, breakdown)
order by before.indicator_id, before.geography_id, before.period
"""

_SHARES = """
select indicator_id, definition_id, period, max(value) as largest_share
from warehouse.marts.indicator_values
where unit = 'share' and value is not null
group by indicator_id, definition_id, period
order by indicator_id, definition_id, period
"""

_NO_YEARS = "select cast(null as varchar) as geography_id, cast(null as integer) as is_kept where false"
_NO_TOTALS = "select cast(null as varchar) as indicator_id, cast(null as double) as change where false"
_NO_CHANGES = """
select
    cast(null as varchar) as indicator_id, cast(null as integer) as gone_count, cast(null as double) as changed_share
where false
"""


def landing_frames(settings: Settings) -> dict[str, pd.DataFrame]:
    """`files`: one row per delivery. `months`: one row per municipality and month in force, with its profile."""
    connection = open_vault(settings, read_only=True)
    try:
        # every person of a month is grouped, and what does not fit is slow
        connection.execute(f"set memory_limit = '{memory_limit()}'")
        put_states(connection, settings.known_before)
        return {
            "files": connection.execute(_FILES).df(),
            "months": month_profiles(connection),
        }
    finally:
        connection.close()


def release_frames(settings: Settings) -> dict[str, pd.DataFrame]:
    """The warehouse against the latest release of the same profile: `changes`, one row per indicator, definition and period
    with how many published values are gone and the share of them that changed much; `years`, one row per municipality and
    year that was told; `totals`, one row per total with its change (1 is none, null not judged). And `shares`, the largest
    share of each indicator, definition and period.

    The first three have no rows when there is no release to compare with. Raises PlainError when there is no warehouse.
    """
    if not settings.warehouse.is_file():
        raise PlainError("Datalagret är inte byggt; kör bistand run först.")
    before = next((one for one in list_releases(settings) if one.profile == settings.profile), None)
    with open_database() as connection:
        connection.execute(f"set temp_directory = {literal(str(settings.build / 'tmp'))}")
        attach(connection, settings.warehouse, "warehouse")
        frames = {"changes": _NO_CHANGES, "years": _NO_YEARS, "totals": _NO_TOTALS}
        if before is not None:
            # the Parquet files, which no program that has the database open can lock
            for name, table in (("release_before", "indicator_values"), ("deliveries_before", "deliveries")):
                connection.execute(f"create view {name} as from {parquet_of(before.folder, table)}")
            frames = {"changes": _CHANGES, "years": _YEARS, "totals": _TOTALS}
        frames["shares"] = _SHARES
        return {name: connection.execute(sql).df() for name, sql in frames.items()}
