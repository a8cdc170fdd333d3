-- From the quarter in which the duty to report began to that of the register's last month. A quarter is told when its three
-- months are delivered; a kind of file, when the municipality has begun to deliver it: before that it says nothing, never 0.
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
        min(case when kind = 'activities' then period_month end) as activities_begin,
        min(case when kind = 'reductions' then period_month end) as reductions_begin
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

dated as (

    select
        *,
        cast(period_year as varchar) || '-Q' || cast(quarter_number as varchar) as period,
        make_date(period_year, quarter_number * 3 - 2, 1) as first_date,
        make_date(period_year, quarter_number * 3, 1) as last_month
    from counted

),

judged as (

    select
        dated.*,
        dated.delivered_months_count = 3
        and coalesce(kinds.activities_begin <= dated.last_month, false) as is_directed_reported,
        dated.delivered_months_count = 3
        and coalesce(kinds.reductions_begin <= dated.last_month, false) as is_reduced_reported
    from dated
    left join kinds
        on dated.municipality_code = kinds.municipality_code

),

final as (

    select
        municipality_code,
        period_year,
        quarter_number,
        period,
        first_date,
        last_month,
        delivered_months_count,
        is_directed_reported,
        is_reduced_reported,
        is_directed_reported and is_possible_reported as is_share_reported
    from judged

)

select * from final
