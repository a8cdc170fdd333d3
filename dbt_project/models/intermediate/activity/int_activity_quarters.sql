-- From the quarter in which the duty to report began to that of the register's last month. A quarter is told when its three
-- months are delivered; a kind of file, when the municipality delivers it at all: one without any says nothing, never 0.
with

windows as (

    select * from {{ ref('int_activity_windows') }}

),

optional_months as (

    select * from {{ ref('stg_register__optional_months_in_force') }}

),

quarters as (

    select
        municipality_code,
        period_year,
        cast(floor((month_number + 2) / 3) as integer) as quarter_number,
        is_delivered,
        is_three_reported,
        month_number
    from windows
    where month_index >= {{ activity_month('activity_law') }}

),

kinds as (

    select
        municipality_code,
        bool_or(kind = 'activities') as has_activities,
        bool_or(kind = 'reductions') as has_reductions
    from optional_months
    group by municipality_code

),

counted as (

    select
        municipality_code,
        period_year,
        quarter_number,
        cast(count(case when is_delivered then 1 end) as integer) as delivered_months_count,
        bool_or(is_three_reported and month_number % 3 = 0) as is_possible_reported
    from quarters
    group by municipality_code, period_year, quarter_number

),

final as (

    select
        counted.municipality_code,
        counted.period_year,
        counted.quarter_number,
        cast(counted.period_year as varchar) || '-Q' || cast(counted.quarter_number as varchar) as period,
        make_date(counted.period_year, counted.quarter_number * 3 - 2, 1) as first_date,
        make_date(counted.period_year, counted.quarter_number * 3, 1) as last_month,
        counted.delivered_months_count,
        counted.delivered_months_count = 3 and coalesce(kinds.has_activities, false) as is_directed_reported,
        counted.delivered_months_count = 3 and coalesce(kinds.has_reductions, false) as is_reduced_reported,
        counted.delivered_months_count = 3 and coalesce(kinds.has_activities, false)
        and counted.is_possible_reported as is_share_reported
    from counted
    left join kinds
        on counted.municipality_code = kinds.municipality_code

)

select * from final
