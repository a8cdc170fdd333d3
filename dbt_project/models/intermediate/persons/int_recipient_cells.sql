{% set measures = person_measures() %}

with

person_area_years as (

    select * from {{ ref('int_person_area_years') }}

),

counts as (

    select
        geography_id,
        period_year,
        sex,
        age_band,
        origin,
        is_additive,
    {% for measure, counted in measures.items() %}
        count(case when {{ counted }} then 1 end) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from person_area_years
    where is_recipient_1y or is_recipient_3y
    group by geography_id, period_year, sex, age_band, origin, is_additive

),

final as (

    {{ summed_upwards('counts', ['period_year', 'sex', 'age_band', 'origin'], measures | list) }}

)

select * from final
