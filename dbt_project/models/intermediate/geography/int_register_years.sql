-- A year in which nobody delivered is a hole too, so every year from the first to the last is here.
with

units as (

    select * from {{ ref('stg_register__units_in_force') }}

),

year_range as (

    select
        min(period_year) as first_year,
        max(period_year) as last_year
    from units

),

final as (

    select cast(all_years.range_year as integer) as period_year
    from {{ year_series() }} as all_years
    cross join year_range
    where all_years.range_year between year_range.first_year and year_range.last_year

)

select * from final
