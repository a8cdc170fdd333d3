-- A code that was renumbered is the same municipality, so its months lie under the code of today.
with

delivery_months as (

    select * from {{ ref('stg_register__delivery_months') }}

),

renumbered as (

    select * from {{ ref('municipality_code_changes') }}
    where change_kind = 'renumbered'

),

final as (

    select
        coalesce(renumbered.to_code, delivery_months.municipality_code) as municipality_code,
        delivery_months.municipality_code as delivered_code,
        delivery_months.period_month,
        cast(extract(year from delivery_months.period_month) as integer) as period_year,
        cast(extract(month from delivery_months.period_month) as integer) as month_number,
        delivery_months.delivery_id,
        delivery_months.kind,
        delivery_months.is_optional,
        delivery_months.state,
        delivery_months.is_in_force,
        cast(delivery_months.received_at as date) as received_date,
        delivery_months.is_synthetic
    from delivery_months
    left join renumbered
        on delivery_months.municipality_code = renumbered.from_code

)

select * from final
