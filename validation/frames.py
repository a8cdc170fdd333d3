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
from validation.unit_profiles import unit_profiles

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
        # every person of a month is grouped, and what does not fit is slow
        connection.execute(f"set memory_limit = '{memory_limit()}'")
        known = {"known_before": settings.known_before}
        return {
            "files": connection.execute(_FILES, known).df(),
            "units": unit_profiles(connection, settings),
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
