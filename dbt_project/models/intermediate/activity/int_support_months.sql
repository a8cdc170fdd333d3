-- Försörjningsstöd only: a month with nothing but other aid is none. The amount of a household stands on any of its rows,
-- also on one of a person who was erased. Months before the first that is asked for, by the longest window, are left out.
with

person_months as (

    select
        *,
        {{ month_index('period_year', 'month_number') }} as month_index
    from {{ ref('stg_register__person_months') }}
    where period_month >= {{ activity_date('target_group_from') }} - interval 1 year

),

erased_rows as (

    select * from {{ ref('stg_register__erased_rows') }}

),

amounts as (

    select
        municipality_code,
        household_id,
        month_index,
        forsorjningsstod_sek
    from person_months
    union all
    select
        municipality_code,
        household_id,
        {{ month_index('period_year', 'month_number') }} as month_index,
        forsorjningsstod_sek
    from erased_rows

),

supported as (

    select
        municipality_code,
        household_id,
        month_index
    from amounts
    group by municipality_code, household_id, month_index
    having sum(forsorjningsstod_sek) > 0

),

persons as (

    select
        person_months.person_id,
        person_months.municipality_code,
        person_months.month_index,
        bool_or(person_months.role in ('RL', 'MS')) as is_applicant,
        max(person_months.sex) as sex,
        cast(max(person_months.birth_year) as integer) as birth_year,
        cast(max(person_months.birth_month) as integer) as birth_month
    from person_months
    inner join supported
        on
            person_months.municipality_code = supported.municipality_code
            and person_months.household_id = supported.household_id
            and person_months.month_index = supported.month_index
    group by person_months.person_id, person_months.municipality_code, person_months.month_index

),

-- months in a row differ from their place in the order by the same number
runs as (

    select
        *,
        month_index - row_number() over (
            partition by person_id, municipality_code order by month_index
        ) as run_number
    from persons

),

final as (

    select
        person_id,
        municipality_code,
        month_index,
        is_applicant,
        sex,
        birth_year,
        birth_month,
        cast(row_number() over (
            partition by person_id, municipality_code, run_number order by month_index
        ) as integer) as months_in_row
    from runs

)

select * from final
