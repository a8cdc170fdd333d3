-- The district of a household in a year: the one of the latest month that states one.
with

household_month_districts as (

    select * from {{ ref('int_household_month_districts') }}

),

final as (

    select
        household_id,
        municipality_code,
        period_year,
        substr(max(lpad(cast(month_number as varchar), 2, '0') || district), 3) as district
    from household_month_districts
    group by household_id, municipality_code, period_year

)

select * from final
