-- Every measure that has months, in all, and adults with each reason for need. A month that is not delivered keeps its
-- row, so that it breaks what is drawn through it.
with

indicator_values as (

    select * from {{ ref('indicator_values') }}
    where length(period) = 7 and period not like '%Q%' and breakdown = 'total'

),

reason_month_counts as (

    select * from {{ ref('reason_month_counts') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

series as (

    select
        indicator_id,
        definition_id,
        geography_id,
        period,
        breakdown,
        value,
        unit,
        value_status
    from indicator_values
    union all
    select
        'adults_with_reason' as indicator_id,
        'default' as definition_id,
        geography_id,
        period,
        'reason=' || reason as breakdown,
        case when is_reported then cast(adults_count as double) end as value,
        'persons' as unit,
        case
            when not is_reported then 'not_reported'
            when adults_count is null then 'suppressed'
            else 'published'
        end as value_status
    from reason_month_counts

),

final as (

    select
        series.indicator_id,
        series.definition_id,
        series.geography_id,
        geographies.geography_name,
        series.period,
        series.breakdown,
        series.value,
        series.unit,
        series.value_status
    from series
    inner join geographies
        on series.geography_id = geographies.geography_id

)

select * from final
