with

exit_reasons as (

    select * from {{ source('vault', 'exit_reasons') }}

),

months_in_force as (

    select * from {{ ref('stg_register__exit_months_in_force') }}

),

final as (

    select
        exit_reasons.person_id,
        exit_reasons.household_id,
        months_in_force.municipality_code,
        exit_reasons.period_month,
        months_in_force.period_year,
        months_in_force.month_number,
        case
            when exit_reasons.exit_reason_code is not null then exit_reasons.exit_reason_code
            when exit_reasons.exit_reason_text is not null then 'okand_kod'
            else 'uppgift_saknas'
        end as exit_reason_code,
        exit_reasons.exit_reason_text
    from exit_reasons
    inner join months_in_force
        on
            exit_reasons.delivery_id = months_in_force.delivery_id
            and exit_reasons.municipality_code = months_in_force.delivered_code
            and exit_reasons.period_month = months_in_force.period_month

)

select * from final
