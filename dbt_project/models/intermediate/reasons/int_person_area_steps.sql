-- The same shape as int_person_area_reasons: every person in each wholly delivered municipality, and in larger areas
-- those with several.
with

person_reason_steps as (

    select * from {{ ref('int_person_reason_steps') }}

),

person_years as (

    select * from {{ ref('int_person_years') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

in_municipality as (

    select
        person_reason_steps.person_id,
        person_reason_steps.municipality_code as geography_id,
        person_reason_steps.period_year,
        person_reason_steps.from_reason,
        person_reason_steps.to_reason,
        person_reason_steps.shortest_break_months,
        person_years.municipalities_count = 1 as is_additive
    from person_reason_steps
    inner join municipality_years
        on
            person_reason_steps.municipality_code = municipality_years.municipality_code
            and person_reason_steps.period_year = municipality_years.period_year
            and municipality_years.is_complete_1y
    inner join person_years
        on
            person_reason_steps.person_id = person_years.person_id
            and person_reason_steps.period_year = person_years.period_year

),

in_larger_area as (

    {{ in_larger_areas(
        'in_municipality',
        ['from_reason', 'to_reason'],
        {'shortest_break_months': 'min(shortest_break_months)'}
    ) }}

),

final as (

    select * from in_municipality
    union all
    select * from in_larger_area

)

select * from final
