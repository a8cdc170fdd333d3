with

unit_states as (

    select * from {{ source('vault', 'unit_states') }}({{ known_before() }})

),

final as (

    select
        delivery_id,
        municipality_code,
        period_month,
        state as unit_state,
        is_in_force,
        rule_id,
        kind as delivery_kind,
        received_at,
        is_synthetic,
        rows_read,
        rows_loaded,
        rows_quarantined,
        rows_duplicate,
        rows_warned,
        households_count,
        persons_count
    from unit_states

)

select * from final
