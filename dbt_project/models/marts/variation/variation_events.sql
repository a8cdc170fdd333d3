with

events as (

    select * from {{ ref('stg_events__events') }}

),

final as (

    select
        event_date,
        municipality_code,
        title,
        kind,
        kind_name,
        starts_phase
    from events

)

select * from final
