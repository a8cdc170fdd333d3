-- Amounts are per household and month and stand on one adult; an amount on another row is added to the household. Rows
-- of persons who were erased still count for their household.
with

person_months as (

    select * from {{ ref('stg_register__person_months') }}

),

erased_rows as (

    select * from {{ ref('stg_register__erased_rows') }}

),

household_rows as (

    select
        household_id,
        municipality_code,
        period_month,
        period_year,
        month_number,
        role,
        household_type_code,
        paid_sek
    from person_months
    union all
    select
        household_id,
        municipality_code,
        period_month,
        period_year,
        month_number,
        role,
        household_type_code,
        paid_sek
    from erased_rows

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
    from household_rows
    group by household_id, municipality_code, period_month, period_year, month_number

)

select * from final
