-- The district that the rows of a household state in a month, those of erased persons too; two names in one month: the
-- last by name.
with

person_months as (

    select * from {{ ref('stg_register__person_months') }}
    where trim(district) <> ''

),

erased_rows as (

    select * from {{ ref('stg_register__erased_rows') }}
    where trim(district) <> ''

),

stated as (

    select
        household_id,
        municipality_code,
        period_month,
        period_year,
        month_number,
        district
    from person_months
    union all
    select
        household_id,
        municipality_code,
        period_month,
        period_year,
        month_number,
        district
    from erased_rows

),

final as (

    select
        household_id,
        municipality_code,
        period_month,
        period_year,
        month_number,
        -- the marks of a breakdown may not stand in a name
        max(replace(replace(trim(district), ';', ','), '=', '-')) as district
    from stated
    group by household_id, municipality_code, period_month, period_year, month_number

)

select * from final
