with

delivery_units as (

    select * from {{ ref('stg_register__delivery_units') }}

),

final as (

    select
        municipality_code,
        period_month,
        cast(extract(year from period_month) as integer) as period_year,
        cast(extract(month from period_month) as integer) as month_number,
        delivery_id,
        cast(received_at as date) as received_date,
        is_synthetic
    from delivery_units
    where is_in_force

)

select * from final
