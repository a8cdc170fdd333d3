-- Every municipality that has ever delivered, every year of the register: also the years without a delivery, and those
-- whose rows are forgotten, which are no more delivered than the months that never came.
with

units as (

    select * from {{ ref('stg_register__units_in_force') }}

),

delivery_units as (

    select * from {{ ref('stg_register__delivery_units') }}

),

known_units as (

    select
        municipality_code,
        cast(extract(year from period_month) as integer) as period_year
    from delivery_units
    where is_in_force or unit_state = 'forgotten'

),

years as (

    select distinct period_year from known_units

),

municipalities as (

    select distinct municipality_code from known_units

),

year_range as (

    select
        min(period_year) as first_year,
        max(period_year) as last_year
    from years

),

-- a year in which nobody delivered is a hole too
calendar as (

    select cast(all_years.range_year as integer) as period_year
    from {{ year_series() }} as all_years
    cross join year_range
    where all_years.range_year between year_range.first_year and year_range.last_year

),

delivered as (

    select
        municipality_code,
        period_year,
        bit_or({{ month_bit('month_number') }}) as delivered_bits
    from units
    group by municipality_code, period_year

),

grid as (

    select
        municipalities.municipality_code,
        calendar.period_year,
        coalesce(delivered.delivered_bits, 0) as delivered_bits
    from municipalities
    cross join calendar
    left join delivered
        on
            municipalities.municipality_code = delivered.municipality_code
            and calendar.period_year = delivered.period_year

),

counted as (

    select
        municipality_code,
        period_year,
        delivered_bits,
        {{ months_in('delivered_bits') }} as delivered_months
    from grid

),

final as (

    select
        municipality_code,
        period_year,
        delivered_bits,
        delivered_months,
        delivered_months = 12 as is_complete_1y,
        sum(delivered_months) over (
            partition by municipality_code
            order by period_year
            rows between 2 preceding and current row
        ) = 36 as is_complete_3y
    from counted

)

select * from final
