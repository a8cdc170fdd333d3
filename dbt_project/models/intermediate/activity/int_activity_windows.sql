-- Which months a municipality can answer for: the window is delivered, and its money known in every month of it.
with

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

register_state as (

    select * from {{ ref('int_register_state') }}

),

rules as (

    select * from {{ constants(['activity_months', 'six_months']) }} as rule_values

),

months as (

    select
        municipality_years.municipality_code,
        municipality_years.period_year,
        month_numbers.month_number,
        {{ month_index('municipality_years.period_year', 'month_numbers.month_number') }} as month_index,
        {{ has_month('municipality_years.delivered_bits', 'month_numbers.month_number') }} = 1 as is_delivered,
        {{ has_month('municipality_years.paid_bits', 'month_numbers.month_number') }} = 1 as is_known
    from municipality_years
    cross join {{ month_numbers() }} as month_numbers

),

runs as (

    select
        *,
        sum(case when is_known then 0 else 1 end) over (
            partition by municipality_code
            order by month_index
            rows between unbounded preceding and current row
        ) as holes_before
    from months

),

counted as (

    select
        *,
        case when is_known then cast(row_number() over from_first as integer) else 0 end as known_in_row
    from runs
    window from_first as (partition by municipality_code, holes_before, is_known order by month_index)

),

base as (

    select
        counted.municipality_code,
        counted.known_in_row >= rules.six_months as is_base_reported
    from counted
    cross join rules
    where counted.month_index = {{ activity_month('job_premium_base_last') }}

),

final as (

    select
        counted.municipality_code,
        counted.period_year,
        counted.month_number,
        counted.month_index,
        counted.is_delivered,
        counted.known_in_row >= rules.activity_months as is_three_reported,
        counted.known_in_row >= rules.six_months as is_six_reported,
        counted.is_delivered and coalesce(base.is_base_reported, false) as is_base_reported
    from counted
    cross join rules
    cross join register_state
    left join base
        on counted.municipality_code = base.municipality_code
    where
        counted.month_index >= {{ activity_month('target_group_from') }}
        and counted.month_index >= {{ month_index_of('register_state.first_known_month') }}
        and counted.month_index <= {{ month_index_of('register_state.last_month') }}

)

select * from final
