-- From the first whole month after an event, the months in a row that are known; those before are the same a year earlier,
-- so twelve is the most that both can hold.
with

events as (

    select * from {{ ref('stg_events__events') }}

),

change_months as (

    select * from {{ ref('int_change_months') }}

),

rules as (

    select * from {{ constants(['change_months']) }} as rule_values

),

series as (

    select distinct
        geography_id,
        indicator_id,
        definition_id
    from change_months

),

-- what is told twice of a day is one change
changes as (

    select
        series.geography_id,
        series.indicator_id,
        series.definition_id,
        events.event_date,
        events.title,
        min(events.kind_name) as kind_name,
        bool_or(events.starts_phase) as starts_phase,
        {{ month_index_of("(events.event_date - interval 1 day)") }} + 1 as first_month_index
    from series
    inner join events
        on series.geography_id = coalesce(events.municipality_code, series.geography_id)
    group by series.geography_id, series.indicator_id, series.definition_id, events.event_date, events.title

),

final as (

    select
        changes.geography_id,
        changes.indicator_id,
        changes.definition_id,
        changes.event_date,
        changes.title,
        changes.kind_name,
        changes.starts_phase,
        changes.first_month_index,
        cast(coalesce(
            min(case when not coalesce(change_months.is_known, false) then numbers.number end) - 1, max(numbers.number)
        ) as integer) as months_count
    from changes
    cross join rules
    inner join {{ number_series(1, 12) }} as numbers
        on rules.change_months >= numbers.number
    left join change_months
        on
            changes.geography_id = change_months.geography_id
            and changes.indicator_id = change_months.indicator_id
            and changes.definition_id = change_months.definition_id
            and change_months.month_index = changes.first_month_index + numbers.number - 1
    group by
        changes.geography_id, changes.indicator_id, changes.definition_id, changes.event_date, changes.title,
        changes.kind_name, changes.starts_phase, changes.first_month_index

)

select * from final
