with

units as (

    select * from {{ source('vault', 'exit_unit_states') }}({{ known_before() }})

),

renumbered as (

    select * from {{ ref('municipality_code_changes') }}
    where change_kind = 'renumbered'

),

final as (

    select
        coalesce(renumbered.to_code, units.municipality_code) as municipality_code,
        units.municipality_code as delivered_code,
        units.period_month,
        cast(extract(year from units.period_month) as integer) as period_year,
        cast(extract(month from units.period_month) as integer) as month_number,
        units.delivery_id
    from units
    left join renumbered
        on units.municipality_code = renumbered.from_code
    where units.is_in_force

)

select * from final
