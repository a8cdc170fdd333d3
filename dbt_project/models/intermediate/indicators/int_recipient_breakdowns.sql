{{ config(materialized='table') }}

{% set measures = [
    'recipients', 'adult_recipients', 'child_recipients', 'adult_recipients_3y',
    'longterm_adults_person_wide', 'longterm_adults_within_municipality', 'municipality_method_differs',
    'longterm_children_person_wide', 'longterm_children_within_municipality',
    'very_longterm_interior', 'very_longterm_window', 'break_rule_differs', 'very_longterm_not_longterm',
] %}

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

cells as (

    select
        geography_id,
        period_year,
        sex,
        age_band,
        origin,
        recipients_1y as recipients,
        case when age_band <> '0-17' then recipients_1y else 0 end as adult_recipients,
        case when age_band = '0-17' then recipients_1y else 0 end as child_recipients,
        case when age_band <> '0-17' then recipients_3y else 0 end as adult_recipients_3y,
        case when age_band <> '0-17' then longterm_person_wide else 0 end as longterm_adults_person_wide,
        case when age_band <> '0-17' then longterm_within_municipality else 0 end as longterm_adults_within_municipality,
        case when age_band <> '0-17' then municipality_method_differs else 0 end as municipality_method_differs,
        case when age_band = '0-17' then longterm_person_wide else 0 end as longterm_children_person_wide,
        case when age_band = '0-17' then longterm_within_municipality else 0 end as longterm_children_within_municipality,
        case when age_band <> '0-17' then very_longterm_interior else 0 end as very_longterm_interior,
        case when age_band <> '0-17' then very_longterm_window else 0 end as very_longterm_window,
        case when age_band <> '0-17' then break_rule_differs else 0 end as break_rule_differs,
        case when age_band <> '0-17' then very_longterm_not_longterm else 0 end as very_longterm_not_longterm
    from recipient_cells

),

people as (

    select
        geography_id,
        period_year,
        sex,
        age_band,
        population_count as population,
        case when age_band <> '0-17' then population_count else 0 end as adult_population,
        case when age_band = '0-17' then population_count else 0 end as child_population
    from population_cells

),

counted as (

    {{ by_breakdown('cells', measures) }}

),

populated as (

    {{ by_breakdown('people', ['population', 'adult_population', 'child_population'], also_by=[]) }}

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
        populated.population,
        populated.adult_population,
        populated.child_population
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
