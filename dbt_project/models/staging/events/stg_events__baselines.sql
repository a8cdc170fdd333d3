with

baselines as (

    select * from {{ source('raw', 'baselines') }}

),

final as (

    select distinct
        municipality_code,
        indicator_id,
        {{ month_index_of('first_month') }} as first_month_index,
        {{ month_index_of('last_month') }} as last_month_index
    from baselines

)

select * from final
