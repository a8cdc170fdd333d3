-- The intake asks this very query before dbt has run (orchestration/vault/states.py).
with

deliveries as (

    select * from {{ source('vault', 'deliveries') }}

),

delivery_months as (

    select * from {{ ref('stg_register__delivery_months') }}

),

months as (

    select
        delivery_id,
        count(*) as months_count,
        count(*) filter (where state = 'held') as held_count,
        count(*) filter (where state = 'rejected') as rejected_count,
        count(*) filter (where state = 'forgotten') as forgotten_count,
        count(*) filter (where state = 'accepted') as in_force_count
    from delivery_months
    group by delivery_id

),

final as (

    select
        deliveries.delivery_id,
        deliveries.kind,
        deliveries.file_name,
        deliveries.file_sha256,
        deliveries.file_bytes,
        deliveries.file_format,
        deliveries.received_at,
        deliveries.loaded_at,
        deliveries.rule_id,
        deliveries.message,
        deliveries.rows_read,
        deliveries.rows_loaded,
        deliveries.rows_quarantined,
        deliveries.rows_duplicate,
        deliveries.ignored_columns,
        deliveries.is_synthetic,
        deliveries.mapping_name,
        deliveries.rows_in_file,
        deliveries.rows_filtered,
        deliveries.lines_skipped,
        deliveries.replays_delivery_id,
        deliveries.state as verdict,
        case
            when months.delivery_id is null then deliveries.state
            when months.forgotten_count = months.months_count then 'forgotten'
            when months.held_count > 0 then 'held'
            when months.rejected_count = months.months_count - months.forgotten_count then 'rejected'
            when months.in_force_count = 0 then 'superseded'
            when months.rejected_count > 0 then 'partly_rejected'
            else 'accepted'
        end as state
    from deliveries
    left join months on deliveries.delivery_id = months.delivery_id
    where
        {{ known_before() }} is null
        or case when deliveries.replays_delivery_id is null then deliveries.received_at else deliveries.loaded_at end
        < {{ known_before() }}

)

select * from final
