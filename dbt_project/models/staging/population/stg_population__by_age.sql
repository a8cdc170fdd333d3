with

population as (

    select * from {{ source('raw', 'population') }}

),

final as (

    select
        municipality_code,
        year as period_year,
        sex,
        age,
        population_count,
        source_id
    from population

)

select * from final
