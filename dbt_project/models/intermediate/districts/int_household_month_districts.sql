-- The district that the rows of a household state in a month; two names in one month: the last by name.
with

person_months as (

    select * from {{ ref('stg_register__person_months') }}
    where trim(district) <> ''

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
    from person_months
    group by household_id, municipality_code, period_month, period_year, month_number

)

select * from final
