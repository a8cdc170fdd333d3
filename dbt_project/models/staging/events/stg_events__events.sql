with

events as (

    select * from {{ source('raw', 'events') }}

),

final as (

    select
        event_date,
        municipality_code,
        title,
        kind,
        kind_name,
        starts_phase,
        {{ month_index_of('event_date') }} as month_index
    from events

)

select * from final
