with

delivery_units as (

    select * from {{ ref('stg_register__delivery_units') }}

),

renumbered as (

    select * from {{ ref('municipality_code_changes') }}
    where change_kind = 'renumbered'

),

final as (

    select distinct
        coalesce(renumbered.to_code, delivery_units.municipality_code) as municipality_code,
        delivery_units.period_month,
        cast(extract(year from delivery_units.period_month) as integer) as period_year
    from delivery_units
    left join renumbered
        on delivery_units.municipality_code = renumbered.from_code
    where delivery_units.unit_state = 'forgotten'

)

select * from final
