-- Which municipalities stand behind a figure of flow: a month needs its own window, a year that of its twelve months.
-- Return looks back at the ends of the first half of the year before.
with

municipality_months as (

    select * from {{ ref('int_municipality_months') }}

),

register_state as (

    select * from {{ ref('int_register_state') }}

),

rules as (

    select * from {{ constants(['return_last_exit_month']) }} as rule_values

),

months as (

    select
        municipality_months.municipality_code,
        municipality_months.period_year,
        {{ month_period('municipality_months.period_year', 'municipality_months.month_number') }} as period,
        municipality_months.is_entry_reported,
        municipality_months.is_exit_reported,
        municipality_months.is_month10_reported,
        cast(null as boolean) as is_return_reported
    from municipality_months
    cross join register_state
    where
        municipality_months.month_index
        between {{ month_index_of('register_state.first_month') }} and {{ month_index_of('register_state.last_month') }}

),

-- a quarter is told like a month: it has begun and ended within the register
quarters as (

    select
        municipality_months.municipality_code,
        municipality_months.period_year,
        cast(floor((municipality_months.month_number + 2) / 3) as integer) as quarter_number,
        bool_and(municipality_months.is_entry_reported) as is_entry_reported,
        bool_and(municipality_months.is_exit_reported) as is_exit_reported,
        bool_and(municipality_months.is_month10_reported) as is_month10_reported
    from municipality_months
    cross join register_state
    where
        municipality_months.month_index
        between {{ month_index_of('register_state.first_month') }} and {{ month_index_of('register_state.last_month') }}
    group by
        municipality_months.municipality_code, municipality_months.period_year,
        cast(floor((municipality_months.month_number + 2) / 3) as integer)
    having count(*) = 3

),

half_years as (

    select
        municipality_months.municipality_code,
        municipality_months.period_year,
        bool_and(municipality_months.is_return_reported) as is_return_reported
    from municipality_months
    cross join rules
    where municipality_months.month_number <= rules.return_last_exit_month
    group by municipality_months.municipality_code, municipality_months.period_year

),

whole_years as (

    select
        municipality_code,
        period_year,
        bool_and(is_entry_reported) as is_entry_reported,
        bool_and(is_exit_reported) as is_exit_reported,
        bool_and(is_month10_reported) as is_month10_reported
    from municipality_months
    group by municipality_code, period_year

),

final as (

    select * from months
    union all
    select
        municipality_code,
        period_year,
        {{ quarter_period('period_year', 'quarter_number') }} as period,
        is_entry_reported,
        is_exit_reported,
        is_month10_reported,
        cast(null as boolean) as is_return_reported
    from quarters
    union all
    select
        whole_years.municipality_code,
        whole_years.period_year,
        cast(whole_years.period_year as varchar) as period,
        whole_years.is_entry_reported,
        whole_years.is_exit_reported,
        whole_years.is_month10_reported,
        coalesce(half_years.is_return_reported, false) as is_return_reported
    from whole_years
    left join half_years
        on
            whole_years.municipality_code = half_years.municipality_code
            and whole_years.period_year = half_years.period_year + 1

)

select * from final
