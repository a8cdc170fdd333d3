-- What the rows of a person say of their year in a municipality: money on their own rows, which are added up once, and
-- the type of the household they stood in last.
with

person_months as (

    select * from {{ ref('stg_register__person_months') }}

),

household_years as (

    select * from {{ ref('int_household_years') }}

),

in_household as (

    select
        person_id,
        household_id,
        municipality_code,
        period_year,
        max(month_number) as latest_month,
        sum(paid_sek) as paid_sek,
        sum(forsorjningsstod_sek) as forsorjningsstod_sek
    from person_months
    group by person_id, household_id, municipality_code, period_year

),

final as (

    select
        in_household.person_id,
        in_household.municipality_code,
        in_household.period_year,
        -- of two households in that month the one whose type has the higher code, as for the types of a household
        {{ value_at_highest(
            'household_years.household_type', 'in_household.latest_month * 10 + household_years.household_type_code'
        ) }} as household_type,
        cast(sum(in_household.paid_sek) as decimal(18, 2)) as paid_sek,
        cast(sum(in_household.forsorjningsstod_sek) as decimal(18, 2)) as forsorjningsstod_sek
    from in_household
    inner join household_years
        on
            in_household.household_id = household_years.household_id
            and in_household.municipality_code = household_years.municipality_code
            and in_household.period_year = household_years.period_year
    group by in_household.person_id, in_household.municipality_code, in_household.period_year

)

select * from final
