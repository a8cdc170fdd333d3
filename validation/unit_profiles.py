"""The profile of each municipality and month in force: what the landing gate looks at. No profile holds a person.

To count every person of every month is most of what the gate costs, and a month that has been delivered seldom changes.
So a profile is kept beside the warehouse with a digest of the rows it was counted from; a run counts only the months
whose rows are others than then. Deleting the file is always right.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.database import literal
from orchestration.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

# A unit is a municipality and a month; it has a number here, since a number is quicker to group by than two names. The
# digest is of every row that the profile is counted from, so it is another when a row is added, gone or changed.
_UNITS = """
create temp table units as
with in_force as (
    select municipality_code, period_month, delivery_id, rows_loaded, households_count, persons_count
    from month_states
    where is_in_force and not is_optional
),

person_rows as (
    select delivery_id, municipality_code, period_month, count(*) as rows_count, sum(hash(rows)) as digest
    from register.person_months as rows
    group by delivery_id, municipality_code, period_month
),

erased_rows as (
    select delivery_id, municipality_code, period_month, count(*) as rows_count, sum(hash(rows)) as digest
    from register.erased_rows as rows
    group by delivery_id, municipality_code, period_month
)

select
    row_number() over (order by municipality_code, period_month) as unit_number,
    in_force.*,
    concat_ws(' ', person_rows.rows_count, person_rows.digest, erased_rows.rows_count, erased_rows.digest) as digest
from in_force
left join person_rows using (delivery_id, municipality_code, period_month)
left join erased_rows using (delivery_id, municipality_code, period_month)
"""

_NOTHING_KEPT = """
create temp table kept_profiles as
select delivery_id, municipality_code, period_month, digest
from units
limit 0
"""

_UNITS_TO_COUNT = """
create temp table units_to_count as
select units.* exclude (digest)
from units
anti join kept_profiles using (delivery_id, municipality_code, period_month, digest)
"""

_COUNT = """
create temp table counted_profiles as
with person_rows as (
    select
        unit_number, household_id, person_id, role, reason_code, reason_text, warnings,
        extract(year from period_month) - birth_year >= 18 as is_adult,
        coalesce(forsorjningsstod_sek, 0) + coalesce(ovrigt_bistand_sek, 0) as paid_sek
    from register.person_months
    inner join units_to_count using (delivery_id, municipality_code, period_month)
),

erased_rows as (
    select
        unit_number, household_id, role, erased.persons_count,
        coalesce(forsorjningsstod_sek, 0) + coalesce(ovrigt_bistand_sek, 0) as paid_sek
    from register.erased_rows as erased
    inner join units_to_count using (delivery_id, municipality_code, period_month)
),

-- persons who were erased are still accounted for in the ledger, and their households still had the money
erased as (
    select unit_number, count(*) as rows_erased, cast(sum(persons_count) as bigint) as persons_erased
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
    unit_number,
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
from units_to_count
left join counted using (unit_number)
left join persons using (unit_number)
left join with_heads using (unit_number)
left join erased using (unit_number)
"""

_PROFILES = """
create temp table profiles as
select delivery_id, municipality_code, period_month, digest, counted_profiles.* exclude (unit_number)
from units
inner join counted_profiles using (unit_number)
union all by name
select kept_profiles.*
from kept_profiles
semi join units using (delivery_id, municipality_code, period_month, digest)
"""

# the ledger is never kept: what a profile is held against is read anew
_AGAINST_THE_LEDGER = """
select
    units.municipality_code,
    strftime(units.period_month, '%Y-%m') as period,
    profiles.rows_count,
    profiles.households_count,
    profiles.persons_count,
    profiles.rows_count + rows_erased - units.rows_loaded as ledger_rows_difference,
    profiles.households_count - units.households_count as ledger_households_difference,
    profiles.persons_count + persons_erased - units.persons_count as ledger_persons_difference,
    persons_difference,
    with_head_share,
    reason_missing_share,
    unknown_reason_share,
    paid_per_household_mean,
    members_per_household_mean,
    warning_share,
    date_diff('month', lag(units.period_month) over (
        partition by units.municipality_code order by units.period_month
    ), units.period_month) - 1 as months_gap
from units
inner join profiles using (delivery_id, municipality_code, period_month)
order by units.municipality_code, units.period_month
"""


def unit_profiles(connection: duckdb.DuckDBPyConnection, settings: Settings) -> pd.DataFrame:
    """One row per municipality and month in force: what its rows hold and how they differ from the ledger.

    `connection` is that of the vault, with the states as of the moment built for. Shares are 0–1, amounts whole kronor with decimals, differences in rows, households
    and persons. Counts the months that have changed since they were counted last.
    """
    connection.execute(_UNITS)
    kept = _kept(settings)
    if not _read_kept(connection, kept):
        connection.execute(_NOTHING_KEPT)
    connection.execute(_UNITS_TO_COUNT)
    connection.execute(_COUNT)
    connection.execute(_PROFILES)
    _keep(connection, kept)
    return connection.execute(_AGAINST_THE_LEDGER).df()


def _kept(settings: Settings) -> Path:
    """Where profiles lie that were counted as they are counted now."""
    counting = hashlib.sha256(f"{duckdb.__version__} {_UNITS} {_COUNT}".encode()).hexdigest()[:12]
    return settings.build / "quality" / f"unit_profiles-{counting}.parquet"


def _read_kept(connection: duckdb.DuckDBPyConnection, kept: Path) -> bool:
    """Make `kept_profiles` of the file; False when there is none that can be read."""
    if kept.is_file():
        with suppress(duckdb.Error):
            connection.execute(f"create temp table kept_profiles as from read_parquet({literal(str(kept))})")
            return True
    return False


def _keep(connection: duckdb.DuckDBPyConnection, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    written = kept.with_suffix(".writing")
    connection.execute(f"copy profiles to {literal(str(written))} (format parquet)")
    written.chmod(0o600)
    for older in kept.parent.glob("unit_profiles-*.parquet"):
        older.unlink()
    os.replace(written, kept)
