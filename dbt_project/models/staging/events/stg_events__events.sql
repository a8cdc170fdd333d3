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
        cast(extract(year from event_date) * 12 + extract(month from event_date) as integer) as month_index
    from events

)

select * from final
