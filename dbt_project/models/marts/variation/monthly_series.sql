-- Every measure that has months, in all, and adults with each reason for need. A month that is not delivered keeps its
-- row, so that it breaks what is drawn through it.
with

indicator_values as (

    select * from {{ ref('indicator_values') }}
    where length(period) = 7 and breakdown = 'total'

),

reason_month_counts as (

    select * from {{ ref('int_reason_month_counts') }}

),

reasons as (

    select * from {{ ref('publication_categories') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

-- the months of the register, from a measure that needs only the month itself
months as (

    select
        geography_id,
        period,
        value_status
    from indicator_values
    where indicator_id = 'recipients'

),

by_reason as (

    select
        'adults_with_reason' as indicator_id,
        'default' as definition_id,
        months.geography_id,
        months.period,
        'reason=' || reasons.publication_category as breakdown,
        case
            when months.value_status = 'published' then cast(coalesce(reason_month_counts.adults_count, 0) as double)
        end as value,
        'persons' as unit,
        months.value_status,
        case when months.value_status = 'published' then coalesce(reason_month_counts.adults_count, 0) end
            as disclosure_count
    from months
    cross join reasons
    left join reason_month_counts
        on
            months.geography_id = reason_month_counts.geography_id
            and cast(left(months.period, 4) as integer) = reason_month_counts.period_year
            and cast(right(months.period, 2) as integer) = reason_month_counts.month_number
            and reasons.publication_category = reason_month_counts.publication_category

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
        value_status,
        disclosure_count
    from indicator_values
    union all
    select * from by_reason

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
        series.value_status,
        cast(series.disclosure_count as bigint) as disclosure_count
    from series
    inner join geographies
        on series.geography_id = geographies.geography_id

)

select * from final
