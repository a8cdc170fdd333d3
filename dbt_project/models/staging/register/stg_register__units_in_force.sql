-- A code that was renumbered is the same municipality, so its months lie under the code of today.
with

delivery_units as (

    select * from {{ ref('stg_register__delivery_units') }}

),

renumbered as (

    select * from {{ ref('municipality_code_changes') }}
    where change_kind = 'renumbered'

),

final as (

    select
        coalesce(renumbered.to_code, delivery_units.municipality_code) as municipality_code,
        delivery_units.municipality_code as delivered_code,
        delivery_units.period_month,
        cast(extract(year from delivery_units.period_month) as integer) as period_year,
        cast(extract(month from delivery_units.period_month) as integer) as month_number,
        delivery_units.delivery_id,
        cast(delivery_units.received_at as date) as received_date,
        delivery_units.is_synthetic
    from delivery_units
    left join renumbered
        on delivery_units.municipality_code = renumbered.from_code
    where delivery_units.is_in_force

)

select * from final
