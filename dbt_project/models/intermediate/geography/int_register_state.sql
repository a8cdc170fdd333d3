with

units as (

    select * from {{ ref('stg_register__units_in_force') }}

),

final as (

    select
        max(received_date) as as_of,
        min(period_month) as first_month,
        max(period_month) as last_month,
        coalesce(bool_or(is_synthetic), false) as is_synthetic,
        case when coalesce(bool_or(is_synthetic), false) then 'register_synthetic' else 'register_delivered' end as source_id
    from units

)

select * from final
