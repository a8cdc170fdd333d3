with

exit_reasons as (

    select * from {{ source('vault', 'exit_reasons') }}

),

units as (

    select * from {{ source('vault', 'exit_unit_states') }}({{ known_before() }})

),

units_in_force as (

    select
        delivery_id,
        municipality_code,
        period_month
    from units
    where is_in_force

),

renumbered as (

    select * from {{ ref('municipality_code_changes') }}
    where change_kind = 'renumbered'

),

final as (

    select
        exit_reasons.person_id,
        exit_reasons.household_id,
        coalesce(renumbered.to_code, exit_reasons.municipality_code) as municipality_code,
        exit_reasons.period_month,
        case
            when exit_reasons.exit_reason_code is not null then exit_reasons.exit_reason_code
            when exit_reasons.exit_reason_text is not null then 'okand_kod'
            else 'uppgift_saknas'
        end as exit_reason_code,
        exit_reasons.exit_reason_text
    from exit_reasons
    inner join units_in_force
        on
            exit_reasons.delivery_id = units_in_force.delivery_id
            and exit_reasons.municipality_code = units_in_force.municipality_code
            and exit_reasons.period_month = units_in_force.period_month
    left join renumbered
        on exit_reasons.municipality_code = renumbered.from_code

)

select * from final
