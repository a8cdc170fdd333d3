with

targets as (

    select * from {{ source('raw', 'targets') }}

),

final as (

    select
        municipality_code,
        indicator_id,
        period,
        target_value,
        comment
    from targets

)

select * from final
