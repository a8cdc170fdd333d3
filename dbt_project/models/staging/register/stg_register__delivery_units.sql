with

delivery_units as (

    select * from {{ source('vault', 'delivery_units') }}

),

deliveries as (

    select * from {{ source('vault', 'deliveries') }}

),

units_in_force as (

    select * from {{ source('vault', 'units_in_force') }}

),

final as (

    select
        delivery_units.delivery_id,
        delivery_units.municipality_code,
        delivery_units.period_month,
        case
            when delivery_units.state <> 'accepted' then delivery_units.state
            when units_in_force.delivery_id is null then 'superseded'
            else 'accepted'
        end as unit_state,
        delivery_units.rule_id,
        deliveries.kind as delivery_kind,
        deliveries.received_at,
        delivery_units.rows_read,
        delivery_units.rows_loaded,
        delivery_units.rows_quarantined,
        delivery_units.rows_duplicate,
        delivery_units.rows_warned,
        delivery_units.households_count,
        delivery_units.persons_count
    from delivery_units
    inner join deliveries
        on delivery_units.delivery_id = deliveries.delivery_id
    left join units_in_force
        on
            delivery_units.delivery_id = units_in_force.delivery_id
            and delivery_units.municipality_code = units_in_force.municipality_code
            and delivery_units.period_month = units_in_force.period_month

)

select * from final
