with

units_in_force as (

    select * from {{ source('vault', 'units_in_force') }}

),

deliveries as (

    select * from {{ source('vault', 'deliveries') }}

),

final as (

    select
        units_in_force.municipality_code,
        units_in_force.period_month,
        cast(extract(year from units_in_force.period_month) as integer) as period_year,
        cast(extract(month from units_in_force.period_month) as integer) as month_number,
        units_in_force.delivery_id,
        cast(deliveries.received_at as date) as received_date,
        deliveries.is_synthetic
    from units_in_force
    inner join deliveries
        on units_in_force.delivery_id = deliveries.delivery_id

)

select * from final
