-- The newest snapshot of each dataset whole: a forecast is made anew every year, and an older one would tell of other years.
with

figures as (

    select * from {{ source('raw', 'scb_figures') }}

),

numbered as (

    select
        figures.*,
        max(snapshot_number) over (partition by dataset_id) as newest_number
    from figures

),

final as (

    select
        dataset_id,
        area_id,
        cast(year as integer) as period_year,
        sex,
        cast(age as integer) as age,
        group_code,
        group_name,
        part_code,
        content_code,
        content_name,
        value,
        raw_status
    from numbered
    where snapshot_number = newest_number

)

select * from final
