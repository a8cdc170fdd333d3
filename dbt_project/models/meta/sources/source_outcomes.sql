with

outcomes as (

    select * from {{ source('raw', 'source_outcomes') }}

),

final as (

    select
        source_id,
        dataset_id,
        attempt_number,
        attempted_at,
        outcome,
        url,
        http_status,
        message,
        snapshot_id,
        rows_count
    from outcomes

)

select * from final
