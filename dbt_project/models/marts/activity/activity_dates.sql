with

final as (

    select
        date_id,
        event_date,
        date_name,
        source,
        date_status
    from {{ ref('activity_law_dates') }}
    where is_shown

)

select * from final
