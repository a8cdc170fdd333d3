with

deliveries as (

    select * from {{ ref('delivery_file_counts') }}

),

final as (

    select
        delivery_id,
        kind as delivery_kind,
        file_name,
        file_format,
        state,
        rule_id,
        message,
        received_at,
        rows_read,
        rows_loaded,
        rows_quarantined,
        rows_duplicate,
        ignored_columns,
        is_synthetic
    from deliveries

)

select * from final
