with

delivery_states as (

    select * from {{ source('vault', 'delivery_states') }}({{ known_before() }})

),

final as (

    select
        delivery_id,
        kind as delivery_kind,
        file_name,
        file_format,
        state as delivery_state,
        rule_id,
        message,
        received_at,
        rows_read,
        rows_loaded,
        rows_quarantined,
        rows_duplicate,
        ignored_columns,
        is_synthetic
    from delivery_states

)

select * from final
