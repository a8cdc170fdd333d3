with

conditions as (

    select * from {{ source('raw', 'conditions') }}

),

kinds as (

    select * from {{ source('raw', 'condition_kinds') }}

),

final as (

    select
        conditions.municipality_code,
        conditions.condition_id,
        kinds.condition_name,
        kinds.unit,
        kinds.is_internal,
        conditions.period,
        conditions.value,
        conditions.choice,
        conditions.response_share,
        conditions.comment
    from conditions
    inner join kinds
        on conditions.condition_id = kinds.condition_id

)

select * from final
