"""A synthetic national extract as one CSV file: every municipality, any number of months, made in SQL.

Households keep their members over the months. Personnummer are test numbers (birth numbers 980–999, which Skatteverket
gives to nobody). Seeded by hash, so the same size is always the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds" / "reference"
FIRST_YEAR = 2015
# households of 1–5 persons, as many per hundred as in a month of the real register, roughly
PERSONS_PER_HOUSEHOLD = 2.0
# one row in so many has a fault: a wrong check digit, a negative amount, an unknown reason, or stands twice
ROWS_PER_FAULT = 1000

_MACROS = """
create macro day_number(first, person, days) as strftime(first + cast(person % days as integer), '%Y%m%d');
create macro birth_number(person, days) as cast(980 + person // days as varchar);
create macro doubled(text, place) as 2 * cast(text[place] as integer) // 10 + 2 * cast(text[place] as integer) % 10;
create macro digit_at(text, place) as cast(text[place] as integer);
-- the Luhn rule over nine digits
create macro check_digit(nine) as cast((10 - (
    doubled(nine, 1) + digit_at(nine, 2) + doubled(nine, 3) + digit_at(nine, 4) + doubled(nine, 5)
    + digit_at(nine, 6) + doubled(nine, 7) + digit_at(nine, 8) + doubled(nine, 9)
) % 10) % 10 as varchar);
"""

_PERSONS = """
create table persons as
with households as (
    select
        household,
        hash(household, 'stor') % 100 as luck,
        case
            when hash(household, 'stor') % 100 < 50 then 1
            when hash(household, 'stor') % 100 < 70 then 2
            when hash(household, 'stor') % 100 < 85 then 3
            when hash(household, 'stor') % 100 < 95 then 4
            else 5
        end as size,
        -- a few large municipalities and many small ones
        cast(floor(290 * power(hash(household, 'ort') % 100000 / 100000.0, 2)) as integer) as place
    from range($households) as numbers (household)
),

members as (
    select
        households.*,
        member,
        case when member = 1 then 'RL' when member = 2 and luck % 2 = 0 then 'MS' else 'BARN' end as roll
    from households, range(1, 6) as numbers (member)
    where member <= size
),

numbered as (
    select
        *,
        row_number() over (partition by roll = 'BARN' order by household, member) - 1 as person
    from members
),

born as (
    select
        *,
        case
            when roll = 'BARN' then day_number(date '1998-01-01', person, 6000) || birth_number(person, 6000)
            else day_number(date '1950-01-01', person, 16000) || birth_number(person, 16000)
        end as eleven
    from numbered
)

select
    household,
    member,
    size,
    place,
    roll,
    eleven || check_digit(eleven[3:]) as personnummer,
    case when cast(eleven[-1] as integer) % 2 = 1 then 'M' else 'K' end as kon,
    case when hash(household, 'född') % 2 = 0 then '1' else '0' end as utrikes_fodd
from born;
"""

_ROWS = """
with codes as (
    select municipality_code, row_number() over (order by municipality_code) - 1 as place
    from read_csv($municipalities, all_varchar = true)
    where last_year is null
),

reasons as (
    select list(reason_code order by reason_code) as reason_codes
    from read_csv($reasons, all_varchar = true)
),

months as (
    select strftime(cast(month_start as date), '%Y-%m') as period, month_number
    from range(0, $months) as numbers (month_number),
    lateral (select date '2015-01-01' + to_months(cast(month_number as integer)) as month_start)
),

written as (
    select
        codes.municipality_code as kommunkod,
        months.period,
        'H' || lpad(cast(household as varchar), 7, '0') as hushalls_id,
        personnummer,
        roll,
        case when roll = 'RL' then cast(case
            when size > 1 then 8
            when kon = 'M' then 3
            else 5
        end as varchar) end as hushallstyp,
        case when roll = 'RL'
            then cast(3000 + hash(household, month_number) % 12000 as varchar) || case household % 3 when 0 then ',50' else '' end
        end as forsorjningsstod_kr,
        case when roll = 'RL' then cast((hash(household, month_number, 'övrigt') % 4) * 250 as varchar) end as ovrigt_bistand_kr,
        case when roll <> 'BARN' then reason_codes[cast(1 + hash(household, member, month_number // 4) % len(reason_codes) as integer)]
        end as forsorjningshinder,
        case when roll <> 'BARN' and hash(household, member, 'två') % 10 = 0
            then reason_codes[cast(1 + hash(household, member, 'två') % len(reason_codes) as integer)] end as forsorjningshinder_2,
        kon,
        utrikes_fodd,
        case when persons.place < 10 then ['Centrum', 'Väst', 'Öster', 'Norra Höjden'][1 + household % 4] end as distrikt,
        member,
        hash(household, member, month_number, 'fel') % $rows_per_fault as luck,
        hash(household, member, month_number, 'fel') // $rows_per_fault % 4 as fault
    from persons
    inner join codes on persons.place = codes.place
    cross join months
    cross join reasons
)

select
    kommunkod,
    period,
    hushalls_id,
    case when luck = 0 and fault = 0
        then left(personnummer, 11) || cast((cast(right(personnummer, 1) as integer) + 1) % 10 as varchar)
        else personnummer end as personnummer,
    roll,
    hushallstyp,
    case when luck = 0 and fault = 1 then '-1' else forsorjningsstod_kr end as forsorjningsstod_kr,
    ovrigt_bistand_kr,
    case when luck = 0 and fault = 2 then 'okänd orsak' else forsorjningshinder end as forsorjningshinder,
    forsorjningshinder_2,
    kon,
    utrikes_fodd,
    distrikt
from written, range(0, case when luck = 0 and fault = 3 then 2 else 1 end) as times (number)
order by kommunkod, period, hushalls_id, member
"""


def make_month(path: Path, rows_per_month: int = 250_000, months: int = 1) -> int:
    """Writes the file, about `rows_per_month` rows for each month; returns the number of rows.

    Larger months than 400 000 rows have no test numbers left.
    """
    connection = duckdb.connect()
    connection.execute(_MACROS)
    connection.execute(_PERSONS, {"households": int(rows_per_month / PERSONS_PER_HOUSEHOLD)})
    rows = _ROWS
    for name, value in {
        "municipalities": f"'{SEEDS / 'municipalities.csv'}'",
        "reasons": f"'{SEEDS / 'reason_categories.csv'}'",
        "months": months,
        "rows_per_fault": ROWS_PER_FAULT,
    }.items():
        rows = rows.replace(f"${name}", str(value))
    return connection.execute(f"copy ({rows}) to '{path}' (header true, delimiter ';', quote '')").fetchone()[
        0
    ]
