-- An adult lives with children in a year when one of the households they stood in as applicant is of a type with
-- children; a household whose type is not known says nothing.
{{ config(materialized='incremental') }}

with

person_months as (

    select * from {{ ref('stg_register__person_months') }}
    where role in ('RL', 'MS') and {{ in_months_of_reached_years() }}

),

household_years as (

    select * from {{ ref('int_household_years') }}
    where has_children is not null and {{ in_reached_years() }}

),

final as (

    select
        person_months.person_id,
        person_months.period_year,
        bool_or(household_years.has_children) as has_children
    from person_months
    inner join household_years
        on
            person_months.household_id = household_years.household_id
            and person_months.municipality_code = household_years.municipality_code
            and person_months.period_year = household_years.period_year
    group by person_months.person_id, person_months.period_year

)

select * from final
