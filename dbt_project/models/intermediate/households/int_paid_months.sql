-- Aid paid needs no household, so months are summed straight from the rows.
with

household_rows as (

    select * from {{ ref('int_household_rows') }}

),

final as (

    select
        municipality_code,
        period_year,
        month_number,
        cast(coalesce(sum(paid_sek), 0) as decimal(18, 2)) as paid_sek
    from household_rows
    group by municipality_code, period_year, month_number

)

select * from final
