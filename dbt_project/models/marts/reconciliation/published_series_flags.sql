-- Years of a published count that rule D05 would have held as a delivery: below half, or above double, of the median of
-- the years beside it. Partial dropout is published as a normal figure. A missing year is missing and not flagged, nor
-- is a series that steadily falls or rises, with no step as great as the limits.
{% set limits = [
    'hold_fall_below', 'hold_rise_above', 'hold_households_from', 'series_years_each_side', 'series_years_min',
] %}

with

published_values as (

    select * from {{ ref('published_values') }}
    where
        value is not null
        and length(period) = 4
        and unit in ('persons', 'households', 'sek')
        and area_type = 'municipality'

),

limits as (

    select
    {% for limit in limits %}
            max(case when limit_id = '{{ limit }}' then limit_value end) as {{ limit }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ source('raw', 'delivery_limits') }}

),

series as (

    select
        published_table_id,
        indicator_id,
        definition_id,
        geography_id,
        area_name,
        breakdown,
        unit,
        cast(period as integer) as period_year,
        value
    from published_values

),

steps as (

    select
        *,
        lag(period_year) over series_years as previous_year,
        lag(value) over series_years as previous_value
    from series
    window series_years as (
        partition by published_table_id, indicator_id, definition_id, geography_id, breakdown
        order by period_year
    )

),

-- a step counts when both of its years lie in the neighbourhood
beside as (

    select
        steps.published_table_id,
        steps.indicator_id,
        steps.definition_id,
        steps.geography_id,
        steps.area_name,
        steps.breakdown,
        steps.unit,
        steps.period_year,
        steps.value,
        case when others.period_year <> steps.period_year then others.value end as value_beside,
        case
            when others.previous_year >= steps.period_year - limits.series_years_each_side
                then others.value / nullif(others.previous_value, 0)
        end as step,
        limits.hold_fall_below,
        limits.hold_rise_above,
        limits.hold_households_from,
        limits.series_years_min
    from steps
    cross join limits
    inner join steps as others
        on
            steps.published_table_id = others.published_table_id
            and steps.indicator_id = others.indicator_id
            and steps.definition_id = others.definition_id
            and steps.geography_id = others.geography_id
            and steps.breakdown = others.breakdown
            and others.period_year
            between steps.period_year - limits.series_years_each_side
            and steps.period_year + limits.series_years_each_side

),

judged as (

    select
        published_table_id,
        indicator_id,
        definition_id,
        geography_id,
        area_name,
        breakdown,
        unit,
        period_year,
        value,
        hold_fall_below,
        hold_rise_above,
        hold_households_from,
        series_years_min,
        median(value_beside) as median_beside,
        count(value_beside) as years_beside,
        coalesce(bool_and(step <= 1 and step >= hold_fall_below), false) as is_steady_fall,
        coalesce(bool_and(step >= 1 and step <= hold_rise_above), false) as is_steady_rise
    from beside
    group by
        published_table_id, indicator_id, definition_id, geography_id, area_name, breakdown, unit, period_year, value,
        hold_fall_below, hold_rise_above, hold_households_from, series_years_min

),

final as (

    select
        published_table_id,
        indicator_id,
        definition_id,
        geography_id,
        area_name,
        cast(period_year as varchar) as period,
        breakdown,
        unit,
        value,
        cast(median_beside as double) as median_beside,
        cast(years_beside as integer) as years_beside,
        case when value < median_beside then 'fall' else 'rise' end as flag_kind
    from judged
    where
        years_beside >= series_years_min
        and median_beside >= hold_households_from
        and (value < hold_fall_below * median_beside or value > hold_rise_above * median_beside)
        and not is_steady_fall
        and not is_steady_rise

)

select * from final
