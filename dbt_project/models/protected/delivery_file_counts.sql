-- What a sender has written (a file's name, the headings of its columns, a sentence about them) can tell of a person.
with

deliveries as (

    select * from {{ ref('stg_register__deliveries') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

final as (

    select
        deliveries.delivery_id,
        deliveries.kind,
        case when rules.shows_sender_text then deliveries.file_name end as file_name,
        deliveries.file_format,
        deliveries.state,
        deliveries.rule_id,
        case when rules.shows_sender_text then deliveries.message end as message,
        deliveries.received_at,
        cast({{ protected_count('deliveries.rows_read') }} as bigint) as rows_read,
        cast({{ protected_count('deliveries.rows_loaded') }} as bigint) as rows_loaded,
        cast({{ protected_count('deliveries.rows_quarantined') }} as bigint) as rows_quarantined,
        cast({{ protected_count('deliveries.rows_duplicate') }} as bigint) as rows_duplicate,
        case when rules.shows_sender_text then deliveries.ignored_columns end as ignored_columns,
        deliveries.is_synthetic
    from deliveries
    cross join rules

)

select * from final
