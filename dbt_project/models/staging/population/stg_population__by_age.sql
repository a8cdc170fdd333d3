with

population as (

    select * from {{ source('raw', 'population') }}

),

renumbered as (

    select * from {{ ref('municipality_code_changes') }}
    where change_kind = 'renumbered'

),

final as (

    select
        coalesce(renumbered.to_code, population.municipality_code) as municipality_code,
        population.year as period_year,
        population.sex,
        population.age,
        population.population_count,
        population.source_id
    from population
    left join renumbered
        on population.municipality_code = renumbered.from_code

)

select * from final
