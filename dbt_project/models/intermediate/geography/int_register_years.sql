-- A year in which nobody delivered is a hole too, so every year from the first to the last is here; so is one that is
-- forgotten.
with

units as (

    select * from {{ ref('stg_register__months_in_force') }}

),

forgotten_months as (

    select * from {{ ref('stg_register__forgotten_months') }}

),

known_years as (

    select period_year from units
    union
    select period_year from forgotten_months

),

year_range as (

    select
        min(period_year) as first_year,
        max(period_year) as last_year
    from known_years

),

final as (

    select cast(all_years.range_year as integer) as period_year
    from {{ year_series() }} as all_years
    cross join year_range
    where all_years.range_year between year_range.first_year and year_range.last_year

)

select * from final
