-- A file in landing/population goes before SCB's figures for that municipality and year: a person has put it there. Of
-- SCB's only whole municipalities are used, with both sexes in every year of age.
with

delivered as (

    select
        municipality_code,
        year as period_year,
        sex,
        age,
        population_count,
        source_id
    from {{ source('raw', 'population') }}

),

scb_population as (

    select
        area_id as municipality_code,
        period_year,
        sex,
        age,
        population_count,
        'scb' as source_id
    from {{ ref('stg_scb__population') }}
    where length(area_id) = 4 and sex in ('K', 'M') and age is not null

),

delivered_years as (

    select distinct
        municipality_code,
        period_year
    from delivered

),

whole_years as (

    select
        municipality_code,
        period_year
    from scb_population
    group by municipality_code, period_year
    having min(age) = 0 and max(age) >= 100 and count(population_count) = 2 * (max(age) + 1)

),

fetched as (

    select scb_population.*
    from scb_population
    inner join whole_years
        on
            scb_population.municipality_code = whole_years.municipality_code
            and scb_population.period_year = whole_years.period_year
    left join delivered_years
        on
            scb_population.municipality_code = delivered_years.municipality_code
            and scb_population.period_year = delivered_years.period_year
    where delivered_years.municipality_code is null

),

final as (

    select * from delivered
    union all
    select * from fetched

)

select * from final
