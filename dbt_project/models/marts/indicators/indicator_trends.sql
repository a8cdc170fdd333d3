-- The class of the last three consecutive years, on the values as they are rounded in print: down when no step rises
-- and the sum falls, up when no step falls and the sum rises, otherwise none.
with

indicator_values as (

    select * from {{ ref('indicator_values') }}
    where
        length(period) = 4
        and value_status = 'published'
        and breakdown in ('total', 'sex=K', 'sex=M')

),

published_values as (

    select * from {{ ref('published_values') }}
    where value is not null and length(period) = 4

),

indicators as (

    select * from {{ ref('dim_indicators') }}

),

series as (

    select
        indicator_values.indicator_id,
        indicator_values.definition_id,
        indicator_values.geography_id,
        indicator_values.breakdown,
        'own' as series_source,
        cast(indicator_values.period as integer) as period_year,
        round(
            case when indicator_values.unit = 'share' then 100 * indicator_values.value else indicator_values.value end,
            indicators.decimals
        ) as rounded_value
    from indicator_values
    inner join indicators
        on
            indicator_values.indicator_id = indicators.indicator_id
            and indicator_values.definition_id = indicators.definition_id
    union all
    select
        indicator_id,
        definition_id,
        geography_id,
        breakdown,
        published_table_id as series_source,
        cast(period as integer) as period_year,
        value as rounded_value
    from published_values

),

stepped as (

    select
        series.*,
        lag(period_year, 2) over series_years as year_two_before,
        lag(rounded_value, 1) over series_years as value_one_before,
        lag(rounded_value, 2) over series_years as value_two_before,
        row_number() over (
            partition by indicator_id, definition_id, geography_id, breakdown, series_source
            order by period_year desc
        ) as years_from_last
    from series
    window series_years as (
        partition by indicator_id, definition_id, geography_id, breakdown, series_source
        order by period_year
    )

),

final as (

    select
        indicator_id,
        definition_id,
        geography_id,
        breakdown,
        series_source,
        case when year_two_before = period_year - 2 then year_two_before end as first_year,
        period_year as last_year,
        case
            when year_two_before is null or year_two_before <> period_year - 2 then 'too_short'
            when
                rounded_value <= value_one_before and value_one_before <= value_two_before
                and rounded_value < value_two_before then 'down'
            when
                rounded_value >= value_one_before and value_one_before >= value_two_before
                and rounded_value > value_two_before then 'up'
            else 'none'
        end as trend_class
    from stepped
    where years_from_last = 1

)

select * from final
