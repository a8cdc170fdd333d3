{% set rolling = {
    'definition': 'longterm_rolling12:default',
    'numerator': 'longterm_adults_count',
    'is_reported': 'is_reported',
    'period': 'period',
} %}
{% set rows = [
    dict(rolling, id='longterm_adults'),
    dict(rolling, id='longterm_adults_share_recipients', denominator='adults_count'),
] %}

with

rolling_windows as (

    select * from {{ ref('int_rolling_windows') }}

),

rolling_counts as (

    select * from {{ ref('int_rolling_counts') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

area_windows as (

    select
        member_years.geography_id,
        rolling_windows.period_year,
        rolling_windows.month_number,
        bool_or(rolling_windows.is_complete) as is_reported
    from rolling_windows
    inner join member_years
        on
            rolling_windows.municipality_code = member_years.municipality_code
            and rolling_windows.period_year = member_years.period_year
    group by member_years.geography_id, rolling_windows.period_year, rolling_windows.month_number

),

sexes as (

    select 'total' as breakdown
    union all
    select 'sex=K' as breakdown
    union all
    select 'sex=M' as breakdown

),

by_sex as (

    select
        geography_id,
        period_year,
        month_number,
        coalesce('sex=' || sex, 'total') as breakdown,
        sum(adults_count) as adults_count,
        sum(longterm_adults_count) as longterm_adults_count
    from rolling_counts
    group by grouping sets (
        (geography_id, period_year, month_number),
        (geography_id, period_year, month_number, sex)
    )

),

grid as (

    select
        area_windows.geography_id,
        area_windows.period_year,
        {{ month_period('area_windows.period_year', 'area_windows.month_number') }} as period,
        area_windows.is_reported,
        sexes.breakdown,
        cast(coalesce(by_sex.adults_count, 0) as bigint) as adults_count,
        cast(coalesce(by_sex.longterm_adults_count, 0) as bigint) as longterm_adults_count
    from area_windows
    cross join sexes
    left join by_sex
        on
            area_windows.geography_id = by_sex.geography_id
            and area_windows.period_year = by_sex.period_year
            and area_windows.month_number = by_sex.month_number
            and sexes.breakdown = by_sex.breakdown

),

final as (

    {{ indicator_rows('grid', rows) }}

)

select * from final
