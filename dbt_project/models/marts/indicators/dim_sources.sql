with

sources as (

    select * from {{ source('raw', 'sources') }}

),

snapshots as (

    select * from {{ source('raw', 'source_snapshots') }}

),

retrieved as (

    select
        source_id,
        max(retrieved_at) as retrieved_at
    from snapshots
    group by source_id

),

final as (

    select
        sources.*,
        retrieved.retrieved_at
    from sources
    left join retrieved
        on sources.source_id = retrieved.source_id

)

select * from final
