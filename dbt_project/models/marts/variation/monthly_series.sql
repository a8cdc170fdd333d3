-- Every measure that has months, in all, and adults with each reason for need. A month that is not delivered keeps its
-- row, so that it breaks what is drawn through it.
with

indicator_values as (

    select * from {{ ref('indicator_values') }}
    where period_kind = 'month' and breakdown = 'total'

),

reason_month_counts as (

    select * from {{ ref('reason_month_counts') }}

),

-- a reason is known in the months that recipients are
coverage as (

    select * from {{ ref('int_figure_coverage') }}
    where indicator_id = 'recipients' and definition_id = 'default'

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
        value_status,
        municipalities_included,
        municipalities_total
    from indicator_values
    union all
    select
        'adults_with_reason' as indicator_id,
        'default' as definition_id,
        counts.geography_id,
        counts.period,
        'reason=' || counts.reason as breakdown,
        case when counts.is_reported then cast(counts.adults_count as double) end as value,
        'persons' as unit,
        case
            when not counts.is_reported then 'not_reported'
            when counts.adults_count is null then 'suppressed'
            else 'published'
        end as value_status,
        coverage.municipalities_included,
        coverage.municipalities_total
    from reason_month_counts as counts
    left join coverage
        on
            counts.geography_id = coverage.geography_id
            and counts.period = coverage.period

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
        series.municipalities_included,
        series.municipalities_total
    from series
    inner join geographies
        on series.geography_id = geographies.geography_id

)

select * from final
