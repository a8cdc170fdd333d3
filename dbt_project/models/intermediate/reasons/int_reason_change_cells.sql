{% set keys = ['period_year', 'definition_id', 'sex', 'age_band'] %}

with

person_area_steps as (

    select * from {{ ref('int_person_area_steps') }}

),

person_area_years as (

    select * from {{ ref('int_person_area_years') }}

),

spell_definitions as (

    select
        definition_id,
        max_break_months
    from {{ ref('definitions') }}
    where definition_id like 'spell:%'

),

persons as (

    select
        person_area_steps.person_id,
        person_area_steps.geography_id,
        person_area_steps.period_year,
        spell_definitions.definition_id,
        bool_or(person_area_steps.from_reason <> person_area_steps.to_reason) as has_changed
    from person_area_steps
    inner join spell_definitions
        on person_area_steps.shortest_break_months <= spell_definitions.max_break_months
    group by
        person_area_steps.person_id, person_area_steps.geography_id, person_area_steps.period_year,
        spell_definitions.definition_id

),

counts as (

    select
        persons.geography_id,
        persons.period_year,
        persons.definition_id,
        person_area_years.sex,
        person_area_years.age_band,
        person_area_years.is_additive,
        count(*) as followed_adults,
        count(case when persons.has_changed then 1 end) as changed_adults
    from persons
    inner join person_area_years
        on
            persons.person_id = person_area_years.person_id
            and persons.geography_id = person_area_years.geography_id
            and persons.period_year = person_area_years.period_year
    group by
        persons.geography_id, persons.period_year, persons.definition_id, person_area_years.sex,
        person_area_years.age_band, person_area_years.is_additive

),

final as (

    {{ summed_upwards('counts', keys, ['followed_adults', 'changed_adults']) }}

)

select * from final
