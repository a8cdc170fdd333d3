-- Amounts are per household and month and stand on one adult; an amount on another row is added to the household.
with

person_months as (

    select * from {{ ref('stg_register__person_months') }}

),

final as (

    select
        household_id,
        municipality_code,
        period_month,
        period_year,
        month_number,
        cast(sum(paid_sek) as decimal(14, 2)) as paid_sek,
        max(case when role = 'RL' then household_type_code end) as household_type_code
    from person_months
    group by household_id, municipality_code, period_month, period_year, month_number

)

select * from final
