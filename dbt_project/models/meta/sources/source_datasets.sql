with

datasets as (

    select * from {{ source('raw', 'source_datasets') }}

),

snapshots as (

    select * from {{ source('raw', 'source_snapshots') }}

),

outcomes as (

    select * from {{ ref('source_outcomes') }}

),

newest_snapshots as (

    select
        snapshots.*,
        row_number() over (partition by source_id, dataset_id order by snapshot_number desc) as newest_first,
        count(*) over (partition by source_id, dataset_id) as snapshots_count
    from snapshots

),

newest_outcomes as (

    select
        outcomes.*,
        row_number() over (partition by source_id, dataset_id order by attempt_number desc) as newest_first
    from outcomes

),

final as (

    select
        datasets.source_id,
        datasets.dataset_id,
        datasets.dataset_name,
        datasets.citation,
        datasets.cadence,
        datasets.fresh_days,
        newest_snapshots.retrieved_at,
        newest_snapshots.snapshot_id,
        newest_snapshots.origin,
        newest_snapshots.url,
        newest_snapshots.rows_count,
        cast(coalesce(newest_snapshots.snapshots_count, 0) as integer) as snapshots_count,
        newest_outcomes.attempted_at as last_attempted_at,
        newest_outcomes.outcome as last_outcome,
        newest_outcomes.message as last_message,
        datasets.sort_order
    from datasets
    left join newest_snapshots
        on
            datasets.source_id = newest_snapshots.source_id
            and datasets.dataset_id = newest_snapshots.dataset_id
            and newest_snapshots.newest_first = 1
    left join newest_outcomes
        on
            datasets.source_id = newest_outcomes.source_id
            and datasets.dataset_id = newest_outcomes.dataset_id
            and newest_outcomes.newest_first = 1

)

select * from final
