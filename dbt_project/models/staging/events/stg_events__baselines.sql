with

baselines as (

    select * from {{ source('raw', 'baselines') }}

),

final as (

    select distinct
        municipality_code,
        indicator_id,
        cast(extract(year from first_month) * 12 + extract(month from first_month) as integer) as first_index,
        cast(extract(year from last_month) * 12 + extract(month from last_month) as integer) as last_index
    from baselines

)

select * from final
