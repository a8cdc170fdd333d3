-- The newest figure of each cell. A cell that SCB leaves empty stays empty: it is not 0.
with

population as (

    select * from {{ source('raw', 'scb_population') }}

),

numbered as (

    select
        population.*,
        row_number() over (
            partition by area_id, year, sex, age_code
            order by snapshot_number desc
        ) as newest_first
    from population

),

final as (

    select
        area_id,
        cast(year as integer) as period_year,
        sex,
        age_code,
        cast(age as integer) as age,
        population_count,
        raw_status,
        snapshot_number
    from numbered
    where newest_first = 1

)

select * from final
