-- The twelve months up to and including each month of the register, per municipality: whether all were delivered.
with

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

register_state as (

    select * from {{ ref('int_register_state') }}

),

-- 24 bits: January of the year before is bit 0, December of the year bit 23
two_years as (

    select
        this_year.municipality_code,
        this_year.period_year,
        coalesce(year_before.delivered_bits, 0) | {{ shift_months('this_year.delivered_bits', 12) }} as delivered_bits
    from municipality_years as this_year
    left join municipality_years as year_before
        on
            this_year.municipality_code = year_before.municipality_code
            and this_year.period_year = year_before.period_year + 1

),

final as (

    select
        two_years.municipality_code,
        two_years.period_year,
        month_numbers.month_number,
        {{ months_in(rolling_window('two_years.delivered_bits', 'month_numbers.month_number')) }} = 12 as is_complete
    from two_years
    cross join {{ month_numbers() }} as month_numbers
    cross join register_state
    where
        {{ month_index('two_years.period_year', 'month_numbers.month_number') }}
        between {{ month_index_of('register_state.first_month') }} and {{ month_index_of('register_state.last_month') }}

)

select * from final
