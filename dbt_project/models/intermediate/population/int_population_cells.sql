-- The population of the municipalities that stand behind the figure, so that numerator and denominator cover the same.
with

population as (

    select * from {{ ref('stg_population__by_age') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}
    where is_finest

),

by_municipality as (

    select
        population.municipality_code,
        population.period_year,
        population.sex,
        age_bands.age_band,
        {% for measure, counted in population_measures().items() %}
            sum(case when {{ counted }} then population.population_count else 0 end) as {{ measure }},
        {% endfor %}
        bool_or(population.source_id = 'population_synthetic') as is_synthetic
    from population
    inner join age_bands
        on population.age between age_bands.age_from and age_bands.age_to
    group by population.municipality_code, population.period_year, population.sex, age_bands.age_band

),

complete_years as (

    select
        municipality_code,
        period_year
    from municipality_years
    where is_complete_1y

),

-- an area with one municipality's population missing has no denominator at all
covered as (

    select
        member_years.geography_id,
        complete_years.period_year,
        count(distinct complete_years.municipality_code) = count(distinct by_municipality.municipality_code) as is_covered
    from complete_years
    inner join member_years
        on
            complete_years.municipality_code = member_years.municipality_code
            and complete_years.period_year = member_years.period_year
    left join by_municipality
        on
            complete_years.municipality_code = by_municipality.municipality_code
            and complete_years.period_year = by_municipality.period_year
    group by member_years.geography_id, complete_years.period_year

),

final as (

    select
        member_years.geography_id,
        by_municipality.period_year,
        by_municipality.sex,
        by_municipality.age_band,
        {% for measure in population_measures() %}
            cast(sum(by_municipality.{{ measure }}) as bigint) as {{ measure }},
        {% endfor %}
        bool_or(by_municipality.is_synthetic) as is_synthetic
    from by_municipality
    inner join complete_years
        on
            by_municipality.municipality_code = complete_years.municipality_code
            and by_municipality.period_year = complete_years.period_year
    inner join member_years
        on
            by_municipality.municipality_code = member_years.municipality_code
            and by_municipality.period_year = member_years.period_year
    inner join covered
        on
            member_years.geography_id = covered.geography_id
            and by_municipality.period_year = covered.period_year
    where covered.is_covered
    group by
        member_years.geography_id,
        by_municipality.period_year,
        by_municipality.sex,
        by_municipality.age_band

)

select * from final
