"""A synthetic national register, made in SQL straight into a vault: any number of municipalities and months.

Persons have a home municipality, a habit (how many months of the year they need aid), now and then a move, and a
reason that changes slowly. Seeded by hash, so the same size is always the same register.
"""

from __future__ import annotations

import duckdb

from orchestration.register.vault_file import open_vault
from orchestration.settings import Settings

PERSON_MONTHS_PER_PERSON_YEAR = 7


def make_register(settings: Settings, municipalities: int, first_year: int, years: int, persons: int) -> int:
    """Fill a new vault; returns the number of person-months. About `persons` people have aid in a year."""
    vault = open_vault(settings)
    vault.execute("set preserve_insertion_order = false")
    seed = settings.reference_seeds / "municipalities.csv"
    vault.execute(
        "create or replace temp table codes as select municipality_code, row_number() over (order by municipality_code) - 1 "
        f"as place from read_csv('{seed}', all_varchar = true) where last_year is null limit {municipalities}"
    )
    for year in range(first_year, first_year + years):
        vault.execute(_one_year(year, municipalities, persons))
    _enter_in_ledger(vault, 1, "2020-01-15")
    rows = vault.execute("select count(*) from register.person_months").fetchone()[0]
    vault.execute("checkpoint vault")
    vault.close()
    return rows


def add_month(settings: Settings) -> int:
    """The month after the latest, as a new delivery of every municipality; returns its number of person-months.

    The people of the latest month are there again, but for one in twenty, and with other amounts.
    """
    vault = open_vault(settings)
    rows = vault.execute("""
        insert into register.person_months by name
        select * replace (
            2 as delivery_id,
            cast(period_month + interval 1 month as date) as period_month,
            forsorjningsstod_sek + 150 as forsorjningsstod_sek
        )
        from register.person_months
        where period_month = (select max(period_month) from register.delivery_units) and hash(household_id, 'kvar') % 20 > 0
    """).fetchone()[0]
    _enter_in_ledger(vault, 2, "2020-02-15")
    vault.execute("checkpoint vault")
    vault.close()
    return rows


def _enter_in_ledger(vault: duckdb.DuckDBPyConnection, delivery_id: int, day: str) -> None:
    """The delivery and its units as the door would have counted them; every person has one row in a month."""
    vault.execute(f"""
        insert into register.delivery_units by name
        select
            {delivery_id} as delivery_id, municipality_code, period_month, 'accepted' as state,
            count(*) as rows_read, count(*) as rows_loaded, 0 as rows_quarantined, 0 as rows_duplicate, 0 as rows_warned,
            count(distinct household_id) as households_count, count(*) as persons_count
        from register.person_months
        where delivery_id = {delivery_id}
        group by municipality_code, period_month
    """)
    vault.execute(f"""
        insert into register.deliveries by name
        select
            {delivery_id} as delivery_id, 'register' as kind, 'bench' as file_name, timestamp '{day}' as received_at,
            timestamp '{day}' as loaded_at, 'accepted' as state, sum(rows_read) as rows_read, sum(rows_loaded) as rows_loaded,
            0 as rows_quarantined, 0 as rows_duplicate, true as is_synthetic
        from register.delivery_units
        where delivery_id = {delivery_id}
    """)


def _one_year(year: int, municipalities: int, persons: int) -> str:
    """One year: a third of the people are replaced every year; a habit of 0–11 decides each month by hash."""
    return f"""
        insert into register.person_months by name
        with people as (
            select
                person_number + {persons // 3} * ({year} - 2000) as person_number
            from range({persons}) as numbers (person_number)
        ),

        traits as (
            select
                person_number,
                hash(person_number) % 100 as luck,
                case
                    when hash(person_number, 'flytt', {year}) % 50 = 0
                        then hash(person_number, {year}) % {municipalities}
                    else hash(person_number, 'hem') % {municipalities}
                end as place,
                1930 + hash(person_number, 'född') % 90 as birth_year,
                case when hash(person_number, 'kön') % 2 = 0 then 'K' else 'M' end as sex,
                (hash(person_number, 'vana') % 12) as habit
            from people
        ),

        months as (
            select traits.*, month_number
            from traits, range(1, 13) as numbers (month_number)
            where hash(person_number, {year}, month_number) % 12 <= habit and birth_year <= {year}
        )

        select
            1 as delivery_id,
            row_number() over () as file_row,
            codes.municipality_code,
            make_date({year}, month_number, 1) as period_month,
            cast(md5('h' || cast(person_number // 2 as varchar)) as uuid) as household_id,
            cast(md5(cast(person_number as varchar)) as uuid) as person_id,
            case when birth_year > {year} - 18 then 'BARN' when person_number % 2 = 0 then 'RL' else 'MS' end as role,
            case when person_number % 2 = 0 and birth_year <= {year} - 18 then 3 + luck % 6 end as household_type_code,
            case when person_number % 2 = 0 and birth_year <= {year} - 18 then 4000 + 50 * luck end as forsorjningsstod_sek,
            case hash(person_number, {year}, month_number // 4) % 5
                when 0 then 'arbetslos_ingen_ersattning'
                when 1 then 'sjukskriven_ingen_sjukpenning'
                when 2 then 'arbetshinder_sociala_skal'
                when 3 then 'arbetslos_vantar_pa_ersattning'
            end as reason_code,
            sex,
            birth_year,
            luck % 2 = 0 as is_foreign_born
        from months
        inner join codes on months.place = codes.place
        order by codes.municipality_code, period_month
    """
