with

erased_rows as (

    select * from {{ source('vault', 'erased_rows') }}

),

months_in_force as (

    select * from {{ ref('stg_register__months_in_force') }}

),

final as (

    select
        erased_rows.household_id,
        months_in_force.municipality_code,
        erased_rows.period_month,
        months_in_force.period_year,
        months_in_force.month_number,
        erased_rows.role,
        erased_rows.household_type_code,
        erased_rows.forsorjningsstod_sek,
        -- null when neither amount is stated: unknown, and never 0
        case
            when coalesce(erased_rows.forsorjningsstod_sek, erased_rows.ovrigt_bistand_sek) is not null
                then coalesce(erased_rows.forsorjningsstod_sek, 0) + coalesce(erased_rows.ovrigt_bistand_sek, 0)
        end as paid_sek
    from erased_rows
    inner join months_in_force
        on
            erased_rows.delivery_id = months_in_force.delivery_id
            and erased_rows.municipality_code = months_in_force.delivered_code
            and erased_rows.period_month = months_in_force.period_month

)

select * from final
