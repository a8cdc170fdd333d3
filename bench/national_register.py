"""A synthetic national register, made in SQL straight into a vault: any number of municipalities and months.

Every municipality has delivered a file each month. Persons have a home municipality, a habit (how many months of the
year they need aid), now and then a move, and a reason that changes slowly. Seeded by hash, so the same size is always
the same register.
"""

from __future__ import annotations

from orchestration.settings import Settings
from orchestration.vault.file import open_vault

# what the ledger holds of the files; rows are counted when they are there
_LEDGER = (
    """
    insert into register.deliveries by name
    select
        delivery_id, 'register' as kind, file_name, sha256(file_name) as file_sha256, 1000 as file_bytes,
        'csv' as file_format, received_at, received_at as loaded_at, 'accepted' as state, 0 as rows_read, 0 as rows_loaded,
        0 as rows_quarantined, 0 as rows_duplicate, true as is_synthetic
    from files order by delivery_id
    """,
    """
    insert into register.landing_files_seen by name
    select
        file_name, 1000 as file_bytes, received_at, epoch_ns(received_at) as modified_ns, delivery_id as inode,
        sha256(file_name) as file_sha256
    from files order by delivery_id
    """,
    """
    insert into register.delivery_months by name
    select
        delivery_id, municipality_code, period_month, 'accepted' as state, 0 as rows_read, 0 as rows_loaded,
        0 as rows_quarantined, 0 as rows_duplicate, 0 as rows_warned, 0 as households_count, 0 as persons_count
    from files order by delivery_id
    """,
)

# the ledger as the intake would have counted it: a delivery is one unit, and a person has one row in a month
_COUNTED = (
    """
    update register.delivery_months set
        rows_read = counted.rows_count, rows_loaded = counted.rows_count,
        households_count = counted.households_count, persons_count = counted.rows_count
    from (
        select delivery_id, count(*) as rows_count, count(distinct household_id) as households_count
        from register.person_months
        where delivery_id in (select delivery_id from files)
        group by delivery_id
    ) as counted
    where delivery_months.delivery_id = counted.delivery_id
    """,
    """
    update register.deliveries set rows_read = units.rows_read, rows_loaded = units.rows_loaded
    from register.delivery_months as units
    where deliveries.delivery_id = units.delivery_id and units.delivery_id in (select delivery_id from files)
    """,
)


def make_register(
    settings: Settings,
    municipalities: int,
    first_year: int,
    years: int,
    persons: int,
    vault_key: str | None = None,
) -> int:
    """Fill a new vault; returns the number of person-months. About `persons` people have aid in a year.

    The vault is encrypted with `vault_key`, as one of real data is (None: plain).
    """
    vault = open_vault(settings, new_key=vault_key)
    vault.execute("set preserve_insertion_order = false")
    seed = settings.reference_seeds / "municipalities.csv"
    vault.execute(
        "create or replace temp table codes as select municipality_code, row_number() over (order by municipality_code) - 1 "
        f"as place from read_csv('{seed}', all_varchar = true) where last_year is null limit {municipalities}"
    )
    vault.execute(
        "create or replace temp table files as select cast(row_number() over (order by month_start, place) as integer) "
        "as delivery_id, municipality_code, cast(month_start as date) as period_month, "
        "month_start + interval 1 month as received_at, strftime(month_start, '%Y-%m') || '/' || municipality_code || '.csv' "
        f"as file_name from codes, generate_series(timestamp '{first_year}-01-01', "
        f"timestamp '{first_year + years - 1}-12-01', interval 1 month) as months (month_start)"
    )
    for statement in _LEDGER:
        vault.execute(statement)
    for year in range(first_year, first_year + years):
        vault.execute(_one_year(year, municipalities, persons))
    for statement in _COUNTED:
        vault.execute(statement)
    rows = vault.execute("select count(*) from register.person_months").fetchone()[0]
    vault.execute("checkpoint vault")
    vault.close()
    return rows


def add_month(settings: Settings) -> int:
    """The month after the latest, as a new delivery of every municipality; returns its number of person-months.

    The people of the latest month are there again, but for one household in twenty, and with other amounts.
    """
    vault = open_vault(settings)
    vault.execute("""
        create or replace temp table files as
        select
            cast(row_number() over (order by municipality_code) + last_id as integer) as delivery_id,
            municipality_code,
            cast(last_month + interval 1 month as date) as period_month,
            last_month + interval 2 month as received_at,
            strftime(last_month + interval 1 month, '%Y-%m') || '/' || municipality_code || '.csv' as file_name
        from register.delivery_months, (
            select max(period_month) as last_month, max(delivery_id) as last_id from register.delivery_months
        )
        where period_month = last_month
    """)
    for statement in _LEDGER:
        vault.execute(statement)
    rows = vault.execute("""
        insert into register.person_months by name
        select person_months.* replace (
            files.delivery_id as delivery_id,
            files.period_month as period_month,
            forsorjningsstod_sek + 150 as forsorjningsstod_sek
        )
        from register.person_months
        inner join files
            on person_months.municipality_code = files.municipality_code
            and person_months.period_month = files.period_month - interval 1 month
        where hash(household_id, 'kvar') % 20 > 0
    """).fetchone()[0]
    for statement in _COUNTED:
        vault.execute(statement)
    vault.execute("checkpoint vault")
    vault.close()
    return rows


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
            files.delivery_id,
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
        inner join files
            on codes.municipality_code = files.municipality_code
            and make_date({year}, month_number, 1) = files.period_month
        order by codes.municipality_code, period_month
    """
