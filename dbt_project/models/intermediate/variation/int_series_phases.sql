-- Which phase each month of a series is in, and whether it is among those that the limits are computed from. A phase
-- begins at a marked change. A saved baseline begins one too, and keeps its limits: changes after it do not move them.
with

monthly_series as (

    select * from {{ ref('monthly_series') }}

),

events as (

    select * from {{ ref('stg_events__events') }}
    where starts_phase

),

baselines as (

    select * from {{ ref('stg_events__baselines') }}

),

months as (

    select
        *,
        cast(left(period, 4) as integer) * 12 + cast(right(period, 2) as integer) as month_index
    from monthly_series

),

series as (

    select distinct
        indicator_id,
        definition_id,
        geography_id,
        breakdown
    from months

),

series_baselines as (

    select
        series.indicator_id,
        series.definition_id,
        series.geography_id,
        series.breakdown,
        baselines.first_index,
        max(baselines.last_index) as last_index
    from series
    inner join baselines
        on
            series.indicator_id = baselines.indicator_id
            and series.geography_id = coalesce(baselines.municipality_code, series.geography_id)
    group by
        series.indicator_id, series.definition_id, series.geography_id, series.breakdown, baselines.first_index

),

first_baselines as (

    select
        indicator_id,
        definition_id,
        geography_id,
        breakdown,
        min(first_index) as first_index
    from series_baselines
    group by indicator_id, definition_id, geography_id, breakdown

),

starts as (

    select
        indicator_id,
        definition_id,
        geography_id,
        breakdown,
        first_index as start_index,
        last_index
    from series_baselines
    union all
    select distinct
        series.indicator_id,
        series.definition_id,
        series.geography_id,
        series.breakdown,
        events.month_index as start_index,
        cast(null as integer) as last_index
    from series
    inner join events
        on series.geography_id = coalesce(events.municipality_code, series.geography_id)
    left join first_baselines
        on
            series.indicator_id = first_baselines.indicator_id
            and series.definition_id = first_baselines.definition_id
            and series.geography_id = first_baselines.geography_id
            and series.breakdown = first_baselines.breakdown
    where events.month_index < coalesce(first_baselines.first_index, events.month_index + 1)

),

phases as (

    select
        months.indicator_id,
        months.definition_id,
        months.geography_id,
        months.breakdown,
        months.period,
        months.month_index,
        months.value,
        months.value_status,
        months.disclosure_count,
        cast(count(starts.start_index) + 1 as integer) as phase,
        max(starts.start_index) as start_index
    from months
    left join starts
        on
            months.indicator_id = starts.indicator_id
            and months.definition_id = starts.definition_id
            and months.geography_id = starts.geography_id
            and months.breakdown = starts.breakdown
            and months.month_index >= starts.start_index
    group by
        months.indicator_id, months.definition_id, months.geography_id, months.breakdown, months.period,
        months.month_index, months.value, months.value_status, months.disclosure_count

),

final as (

    select
        phases.*,
        series_baselines.last_index is not null as has_baseline,
        phases.month_index <= coalesce(series_baselines.last_index, phases.month_index) as is_basis
    from phases
    left join series_baselines
        on
            phases.indicator_id = series_baselines.indicator_id
            and phases.definition_id = series_baselines.definition_id
            and phases.geography_id = series_baselines.geography_id
            and phases.breakdown = series_baselines.breakdown
            and phases.start_index = series_baselines.first_index

)

select * from final
