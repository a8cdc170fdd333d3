-- The district of a person in a municipality and year: their household's in the latest month that states one; two
-- households in that month: the last by name. Only where districts are delivered: a register without costs nothing.
with

person_months as (

    select * from {{ ref('stg_register__person_months') }}

),

household_month_districts as (

    select * from {{ ref('int_household_month_districts') }}

),

final as (

    select
        person_months.person_id,
        person_months.municipality_code,
        person_months.period_year,
        substr(
            max(lpad(cast(person_months.month_number as varchar), 2, '0') || household_month_districts.district), 3
        ) as district
    from person_months
    inner join household_month_districts
        on
            person_months.household_id = household_month_districts.household_id
            and person_months.municipality_code = household_month_districts.municipality_code
            and person_months.period_month = household_month_districts.period_month
    group by person_months.person_id, person_months.municipality_code, person_months.period_year

)

select * from final
