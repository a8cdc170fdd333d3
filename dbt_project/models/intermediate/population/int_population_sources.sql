-- Where the population of the municipalities behind a figure comes from.
with

population as (

    select * from {{ ref('stg_population__by_age') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}
    where is_complete_1y

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

sources as (

    select distinct
        member_years.geography_id,
        population.period_year,
        population.source_id
    from population
    inner join municipality_years
        on
            population.municipality_code = municipality_years.municipality_code
            and population.period_year = municipality_years.period_year
    inner join member_years
        on
            population.municipality_code = member_years.municipality_code
            and population.period_year = member_years.period_year

),

final as (

    select
        geography_id,
        period_year,
        string_agg(source_id, ', ' order by source_id) as population_source,
        bool_or(source_id = 'population_synthetic') as is_synthetic
    from sources
    group by geography_id, period_year

)

select * from final
