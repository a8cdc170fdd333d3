-- An adult lives with children in a year when one of the households they stood in as applicant is of a type with
-- children; a household whose type is not known says nothing.
with

-- first without the months: a join from all of them would keep them in memory
person_households as (

    select distinct
        person_id,
        household_id,
        municipality_code,
        period_year
    from {{ ref('stg_register__person_months') }}
    where role in ('RL', 'MS')

),

household_years as (

    select * from {{ ref('int_household_years') }}
    where has_children is not null

),

final as (

    select
        person_households.person_id,
        person_households.period_year,
        bool_or(household_years.has_children) as has_children
    from person_households
    inner join household_years
        on
            person_households.household_id = household_years.household_id
            and person_households.municipality_code = household_years.municipality_code
            and person_households.period_year = household_years.period_year
    group by person_households.person_id, person_households.period_year

)

select * from final
