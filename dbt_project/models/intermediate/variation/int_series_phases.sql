-- Which phase each month of a series is in, and whether it is among those that the limits are computed from. A phase
-- begins at a marked change. A saved baseline begins one too, and keeps its limits: changes after it do not move them.
-- A series has a number here, since all that follows goes series by series and a number is quicker than four names.
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

names as (

    select distinct
        indicator_id,
        definition_id,
        geography_id,
        breakdown
    from monthly_series

),

series as (

    select
        *,
        row_number() over (order by indicator_id, definition_id, geography_id, breakdown) as series_number
    from names

),

series_baselines as (

    select
        series.series_number,
        baselines.first_month_index,
        max(baselines.last_month_index) as last_month_index
    from series
    inner join baselines
        on
            series.indicator_id = baselines.indicator_id
            and series.geography_id = coalesce(baselines.municipality_code, series.geography_id)
    group by series.series_number, baselines.first_month_index

),

first_baselines as (

    select
        series_number,
        min(first_month_index) as first_month_index
    from series_baselines
    group by series_number

),

starts as (

    select
        series_number,
        first_month_index as start_month_index
    from series_baselines
    union all
    select distinct
        series.series_number,
        events.month_index as start_month_index
    from series
    inner join events
        on series.geography_id = coalesce(events.municipality_code, series.geography_id)
    left join first_baselines
        on series.series_number = first_baselines.series_number
    where events.month_index < coalesce(first_baselines.first_month_index, events.month_index + 1)

),

-- from each start to the month before the next one
phases as (

    select
        series_number,
        start_month_index,
        lead(start_month_index) over (partition by series_number order by start_month_index) as next_start_month_index,
        cast(row_number() over (partition by series_number order by start_month_index) + 1 as integer) as phase
    from starts

),

months as (

    select
        series.series_number,
        monthly_series.*,
        {{ month_index(
            'cast(left(monthly_series.period, 4) as integer)', 'cast(right(monthly_series.period, 2) as integer)'
        ) }} as month_index
    from monthly_series
    inner join series
        on
            monthly_series.indicator_id = series.indicator_id
            and monthly_series.definition_id = series.definition_id
            and monthly_series.geography_id = series.geography_id
            and monthly_series.breakdown = series.breakdown

),

final as (

    select
        months.series_number,
        months.indicator_id,
        months.definition_id,
        months.geography_id,
        months.breakdown,
        months.period,
        months.month_index,
        months.value,
        months.value_status,
        coalesce(phases.phase, 1) as phase,
        series_baselines.last_month_index is not null as has_baseline,
        months.month_index <= coalesce(series_baselines.last_month_index, months.month_index) as is_basis
    from months
    left join phases
        on
            months.series_number = phases.series_number
            and months.month_index >= phases.start_month_index
            and months.month_index < coalesce(phases.next_start_month_index, months.month_index + 1)
    left join series_baselines
        on
            phases.series_number = series_baselines.series_number
            and phases.start_month_index = series_baselines.first_month_index

)

select * from final
