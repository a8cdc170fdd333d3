-- Monthly, from the first month of the target group (activity_law_dates); a group with nobody in it is 0 and not absent.
{{ config(materialized='view') }}

{% set three = {'is_reported': 'is_three_reported', 'period': 'period'} %}
{% set total = {'period': 'period', 'where': "breakdown = 'total'"} %}
{% set after_base = dict(
    total,
    is_reported='is_base_reported',
    where="breakdown = 'total' and month_index > " ~ activity_month('job_premium_base_last')
) %}
{% set rows = [
    dict(three, id='three_months_adults', numerator='three_months_count'),
    dict(three, id='three_months_exempt_seen', numerator='exempt_count'),
    dict(three, id='three_months_possible', numerator='possible_count'),
    dict(total, id='six_months_adults', numerator='six_months_count', is_reported='is_six_reported'),
    dict(after_base, id='jobpremium_base', numerator='base_count'),
    dict(after_base, id='jobpremium_left', numerator='left_count'),
    dict(
        total, id='households_over_three_children', numerator='large_households_count',
        unit='households', is_reported='is_delivered',
    ),
] %}

with

windows as (

    select * from {{ ref('int_activity_windows') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

target_group_counts as (

    select * from {{ ref('int_target_group_counts') }}

),

job_premium_counts as (

    select * from {{ ref('int_job_premium_counts') }}

),

large_household_counts as (

    select * from {{ ref('int_large_household_counts') }}

),

breakdowns as (

    select 'total' as breakdown
    union all
    select dimension_id || '=' || value_code from {{ ref('trait_values') }}
    where dimension_id in ('sex', 'young_child')
    union all
    select 'age=' || age_band from {{ target_group_bands() }} as bands
    union all
    select 'age_month=' || age_band from {{ target_group_bands() }} as month_bands
    union all
    select 'reason=' || publication_category from {{ ref('publication_categories') }}

),

area_windows as (

    select
        member_years.geography_id,
        windows.period_year,
        windows.month_number,
        windows.month_index,
        bool_or(windows.is_delivered) as is_delivered,
        bool_or(windows.is_three_reported) as is_three_reported,
        bool_or(windows.is_six_reported) as is_six_reported,
        bool_or(windows.is_base_reported) as is_base_reported
    from windows
    inner join member_years
        on
            windows.municipality_code = member_years.municipality_code
            and windows.period_year = member_years.period_year
    group by member_years.geography_id, windows.period_year, windows.month_number, windows.month_index

),

grid as (

    select
        area_windows.*,
        {{ month_period('area_windows.period_year', 'area_windows.month_number') }} as period,
        breakdowns.breakdown,
        coalesce(counts.three_months_count, 0) as three_months_count,
        coalesce(counts.exempt_count, 0) as exempt_count,
        coalesce(counts.three_months_count - counts.exempt_count, 0) as possible_count,
        coalesce(counts.six_months_count, 0) as six_months_count,
        coalesce(job_premium_counts.base_count, 0) as base_count,
        coalesce(job_premium_counts.left_count, 0) as left_count,
        coalesce(large_household_counts.households_count, 0) as large_households_count
    from area_windows
    cross join breakdowns
    left join target_group_counts as counts
        on
            area_windows.geography_id = counts.geography_id
            and area_windows.period_year = counts.period_year
            and area_windows.month_number = counts.month_number
            and breakdowns.breakdown = counts.breakdown
    left join job_premium_counts
        on
            area_windows.geography_id = job_premium_counts.geography_id
            and area_windows.period_year = job_premium_counts.period_year
            and area_windows.month_number = job_premium_counts.month_number
    left join large_household_counts
        on
            area_windows.geography_id = large_household_counts.geography_id
            and area_windows.period_year = large_household_counts.period_year
            and area_windows.month_number = large_household_counts.month_number

),

final as (

    {{ indicator_rows('grid', rows) }}

)

select * from final
