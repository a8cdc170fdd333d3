with

hand_counts as (

    select * from {{ source('vault', 'hand_counts') }}

),

months_in_force as (

    select * from {{ ref('stg_register__optional_months_in_force') }}
    where kind = 'hand_counts'

),

final as (

    select
        hand_counts.delivery_id,
        hand_counts.file_row,
        months_in_force.municipality_code,
        hand_counts.period_month,
        hand_counts.measure_name,
        hand_counts.persons_count
    from hand_counts
    inner join months_in_force
        on
            hand_counts.delivery_id = months_in_force.delivery_id
            and hand_counts.municipality_code = months_in_force.delivered_code
            and hand_counts.period_month = months_in_force.period_month

)

select * from final
