with

reductions as (

    select * from {{ source('vault', 'reductions') }}

),

months_in_force as (

    select * from {{ ref('stg_register__optional_months_in_force') }}
    where kind = 'reductions'

),

final as (

    select
        reductions.delivery_id,
        reductions.file_row,
        reductions.person_id,
        months_in_force.municipality_code,
        reductions.period_month,
        reductions.decision_date,
        reductions.support_month,
        reductions.outcome,
        reductions.ground,
        reductions.amount_sek
    from reductions
    inner join months_in_force
        on
            reductions.delivery_id = months_in_force.delivery_id
            and reductions.municipality_code = months_in_force.delivered_code
            and reductions.period_month = months_in_force.period_month

)

select * from final
