{{ config(materialized='table') }}

{% set measures = person_measures() | list %}
{% set populations = population_measures() | list %}

with

recipient_cells as (

    select * from {{ ref('int_recipient_cells') }}

),

population_cells as (

    select * from {{ ref('int_population_cells') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

breakdowns as (

    select * from {{ ref('int_breakdowns') }}

),

counted as (

    {{ by_breakdown('recipient_cells', measures) }}

),

populated as (

    {{ by_breakdown('population_cells', populations, also_by=[]) }}

),

final as (

    select
        geography_years.geography_id,
        geography_years.geography_type,
        geography_years.period_year,
        geography_years.is_reported_1y,
        geography_years.is_reported_3y,
        breakdowns.breakdown,
        breakdowns.sex,
        breakdowns.age_band,
        breakdowns.age_from,
        breakdowns.origin,
        {% for measure in measures %}
            coalesce(counted.{{ measure }}, 0) as {{ measure }},
        {% endfor %}
    {% for measure in populations %}
        populated.{{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from geography_years
    cross join breakdowns
    left join counted
        on
            geography_years.geography_id = counted.geography_id
            and geography_years.period_year = counted.period_year
            and breakdowns.breakdown = counted.breakdown
    left join populated
        on
            geography_years.geography_id = populated.geography_id
            and geography_years.period_year = populated.period_year
            and breakdowns.breakdown = populated.breakdown

)

select * from final
