"""A made-up register of any size, made in SQL: straight into a vault, or one month of it as the file that is delivered.

Households of one to five persons come, stay for three years and now and then move; a few municipalities are large. A
household's habit decides how many months of a year it has aid, and reasons change slowly. All is drawn by hash, so the
same size is always the same register. Personnummer are test numbers (birth numbers 980–999, which nobody is given).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.database import one_row
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.vault.file import open_vault

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds" / "reference"
# how many months of a year a person has aid, on average
MONTHS_PER_PERSON_YEAR = 6.5
# of the households: 10 of 20 have one person, 4 two, 3 three, 2 four and 1 five
PERSONS_PER_HOUSEHOLD = 2.0
# one row of a file in so many has a fault: a wrong check digit, a negative amount, an unknown reason, or stands twice
ROWS_PER_FAULT = 1000


@dataclass(frozen=True)
class Size:
    """About `persons` may have aid in a year. Every municipality delivers a file each month."""

    persons: int
    municipalities: int = 290
    first_year: int = 2010
    years: int = 10


# A number from 0 up to `below`. Hashed twice: two hashes that differ by one word only share their lowest bits.
_DRAWN = "create temp macro drawn " + ", ".join(
    f"(below, {names}) as cast(hash(hash({names})) % below as integer)"
    for names in ("one, two", "one, two, three", "one, two, three, four")
)

# one row per person and month with aid in some months of one year
_PERSON_MONTHS = """
with households as (
    select
        household,
        household // $newcomers as entry_year,
        drawn(20, household, 'stor') as luck,
        case when luck < 10 then 1 when luck < 14 then 2 when luck < 17 then 3 when luck < 19 then 4 else 5 end as size,
        size > 1 and drawn(2, household, 'par') = 0 as is_couple,
        drawn(12, household, 'vana') as habit,
        case when drawn(50, household, 'flytt', $year) = 0 then $year end as moved_in,
        cast(floor($municipalities * power(drawn(100000, household, 'ort', moved_in) / 100000.0, 2)) as integer) as place
    from range(($year - 2) * $newcomers, ($year + 1) * $newcomers) as numbers (household)
),

persons as (
    select
        *,
        case when member = 1 then 'RL' when member = 2 and is_couple then 'MS' else 'BARN' end as role,
        if(drawn(2, household, member, 'kön') = 0, 'K', 'M') as sex,
        if(role = 'BARN', drawn(15, household, member, 'ålder'), 18 + drawn(47, household, member, 'ålder')) as entry_age
    from households, range(1, 6) as numbers (member)
    where member <= size
)

select
    municipality_code,
    make_date($year, month_number, 1) as period_month,
    household,
    member,
    role,
    case when role = 'RL' then case when is_couple then 7 when sex = 'M' then 3 else 5 end
        + if(size > if(is_couple, 2, 1), 1, 0) end as household_type_code,
    case when role = 'RL' then 3000 + drawn(12000, household, $year, month_number) + if(household % 3 = 0, 0.5, 0) end
        as forsorjningsstod_sek,
    case when role = 'RL' then drawn(4, household, $year, month_number, 'övrigt') * 250 end as ovrigt_bistand_sek,
    case when role <> 'BARN' then getvariable('reasons')[
        1 + drawn(len(getvariable('reasons')), household, member, $year, month_number // 4)] end as reason_code,
    case when role <> 'BARN' and drawn(10, household, member, 'två') = 0 then getvariable('reasons')[
        1 + drawn(len(getvariable('reasons')), household, member, 'vilken')] end as reason_code_2,
    sex,
    entry_year - entry_age as birth_year,
    drawn(2, household, 'född') = 0 as is_foreign_born,
    case when place < 10 then ['Centrum', 'Väst', 'Öster', 'Norra Höjden'][1 + household % 4] end as district
from persons
cross join unnest($months) as numbers (month_number)
inner join codes using (place)
where drawn(12, household, $year, month_number) <= habit
"""

# the ledger as the intake would have counted it: a delivery is one month, and a person has one row in it
_LEDGER = """
insert into register.deliveries by name
select
    delivery_id, 'register' as kind, file_name, sha256(file_name) as file_sha256, 1000 as file_bytes,
    'csv' as file_format, received_at, received_at as loaded_at, 'accepted' as state, rows_count as rows_read,
    rows_count as rows_loaded, 0 as rows_quarantined, 0 as rows_duplicate, true as is_synthetic
from files order by delivery_id;

insert into register.landing_files_seen by name
select
    file_name, 1000 as file_bytes, received_at, epoch_ns(received_at) as modified_ns, delivery_id as inode,
    sha256(file_name) as file_sha256
from files order by delivery_id;

insert into register.delivery_months by name
select
    delivery_id, municipality_code, period_month, 'accepted' as state, rows_count as rows_read, rows_count as rows_loaded,
    0 as rows_quarantined, 0 as rows_duplicate, 0 as rows_warned, households_count, rows_count as persons_count
from files order by delivery_id;
"""

_FILE = """
with
numbered as (
    select
        *,
        row_number() over (partition by birth_year, sex order by household, member) - 1 as place_in_year,
        strftime(make_date(birth_year, 1, 1) + cast(place_in_year % 365 as integer), '%Y%m%d')
            || cast(980 + place_in_year // 365 * 2 + if(sex = 'M', 1, 0) as varchar) as eleven,
        drawn($rows_per_fault, household, member, 'fel') = 0 as is_wrong,
        drawn(4, household, member, 'vilket') as fault
    from ($person_months)
),

written as (
    select
        *,
        -- the Luhn rule over nine digits
        list_sum([
            cast(eleven[place + 2] as integer) * multiple // 10 + cast(eleven[place + 2] as integer) * multiple % 10
            for multiple, place in [2, 1, 2, 1, 2, 1, 2, 1, 2]
        ]) as luhn_sum
    from numbered
)

select
    municipality_code as kommunkod,
    strftime(period_month, '%Y-%m') as period,
    'H' || household as hushalls_id,
    eleven || (10 - luhn_sum % 10 + if(is_wrong and fault = 0, 1, 0)) % 10 as personnummer,
    role as roll,
    household_type_code as hushallstyp,
    if(is_wrong and fault = 1, '-1', replace(cast(forsorjningsstod_sek as varchar), '.', ',')) as forsorjningsstod_kr,
    ovrigt_bistand_sek as ovrigt_bistand_kr,
    if(is_wrong and fault = 2, 'okänd orsak', reason_code) as forsorjningshinder,
    reason_code_2 as forsorjningshinder_2,
    sex as kon,
    cast(is_foreign_born as integer) as utrikes_fodd,
    district as distrikt
from written, range(if(is_wrong and fault = 3, 2, 1)) as times (number)
order by kommunkod, household, member
"""


def fill_vault(settings: Settings, size: Size) -> int:
    """Fills a new vault; returns the number of person-months."""
    years = range(size.first_year, size.first_year + size.years)
    return _deliver(settings, size, {year: range(1, 13) for year in years})


def add_month(settings: Settings, size: Size) -> int:
    """The month after those of `fill_vault`, from every municipality; returns its number of person-months."""
    return _deliver(settings, size, {size.first_year + size.years: [1]})


def write_file(path: Path, size: Size) -> int:
    """The first month of the register as one file of all municipalities; returns its rows.

    Raises ValueError when so many are born in a year that it has no more test numbers (about 500 000 persons).
    """
    with closing(duckdb.connect()) as connection:
        _look_up(connection, size)
        query = _FILE.replace("$person_months", _person_months(size, size.first_year, [1]))
        connection.execute(
            f"create temp table file as {query.replace('$rows_per_fault', str(ROWS_PER_FAULT))}"
        )
        if one_row(connection.execute("select max(length(personnummer)) > 12 from file"))[0]:
            raise ValueError("the size has more persons than test numbers")
        return int(
            one_row(connection.execute(f"copy file to '{path}' (header true, delimiter ';', quote '')"))[0]
        )


def _deliver(settings: Settings, size: Size, months: dict[int, Sequence[int]]) -> int:
    """Into the vault: the months of every year, each of every municipality in a file of its own."""
    with closing(open_vault(settings)) as vault:
        vault.execute("set preserve_insertion_order = false")
        _look_up(vault, size)
        vault.execute(
            """
            create temp table expected as
            select
                (select coalesce(max(delivery_id), 0) from register.deliveries)
                    + cast(row_number() over (order by period_month, place) as integer) as delivery_id,
                municipality_code,
                period_month,
                cast(period_month + interval 1 month as timestamp) as received_at,
                strftime(period_month, '%Y-%m') || '/' || municipality_code || '.csv' as file_name
            from codes, unnest($months) as months (period_month)
            """,
            {"months": [date(year, month, 1) for year in months for month in months[year]]},
        )
        for year, of_year in months.items():
            vault.execute(f"""
                insert into register.person_months by name
                select
                    delivery_id,
                    row_number() over () as file_row,
                    * exclude (delivery_id, household, member, received_at, file_name),
                    cast(md5('h' || household) as uuid) as household_id,
                    cast(md5(household || '-' || member) as uuid) as person_id
                from ({_person_months(size, year, of_year)})
                inner join expected using (municipality_code, period_month)
                order by municipality_code, period_month
            """)
        vault.execute("""
            create temp table files as
            select expected.*, count(person_id) as rows_count, count(distinct household_id) as households_count
            from expected left join register.person_months using (delivery_id)
            group by all
        """)
        vault.execute(_LEDGER)
        rows = one_row(vault.execute("select sum(rows_count) from files"))[0]
        vault.execute("checkpoint vault")
    return int(rows)


def _look_up(connection: duckdb.DuckDBPyConnection, size: Size) -> None:
    """What the queries ask: the macro `drawn`, the municipalities by place (`codes`) and the list `reasons`."""
    connection.execute(_DRAWN)
    connection.execute(
        "create temp table codes as select municipality_code, row_number() over (order by municipality_code) - 1 as place "
        f"from read_csv('{SEEDS}/municipalities.csv', all_varchar = true) where last_year is null limit {size.municipalities}"
    )
    connection.execute(
        "set variable reasons = (select list(reason_code order by reason_code) "
        f"from read_csv('{SEEDS}/reason_categories.csv', all_varchar = true))"
    )


def _person_months(size: Size, year: int, months: Sequence[int]) -> str:
    """The query of one row per person and month with aid in those months of the year."""
    query = _PERSON_MONTHS
    for name, value in {
        "municipalities": size.municipalities,
        "newcomers": round(size.persons / PERSONS_PER_HOUSEHOLD / 3),
        "months": list(months),
        "year": year,
    }.items():
        query = query.replace(f"${name}", str(value))
    return query
