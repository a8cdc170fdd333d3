with

units as (

    select * from {{ ref('stg_register__months_in_force') }}

),

-- reasons for exit have months of their own
deliveries as (

    select max(received_date) as as_of from {{ ref('stg_register__numbered_months') }}
    where is_in_force

),

forgotten as (

    select min(period_month) as first_month from {{ ref('stg_register__forgotten_months') }}

),

final as (

    select
        min(deliveries.as_of) as as_of,
        min(units.period_month) as first_month,
        -- forgotten months come before all others: a month border is drawn for every municipality
        coalesce(min(forgotten.first_month), min(units.period_month)) as first_known_month,
        max(units.period_month) as last_month,
        coalesce(bool_or(units.is_synthetic), false) as is_synthetic,
        case
            when coalesce(bool_or(units.is_synthetic), false) then 'register_synthetic'
            else 'register_delivered'
        end as source_id
    from units
    cross join forgotten
    cross join deliveries

)

select * from final
