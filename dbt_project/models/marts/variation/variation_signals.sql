with

points as (

    select * from {{ ref('variation_points') }}
    where signals is not null

),

runs as (

    select * from {{ ref('int_signal_runs') }}

),

final as (

    select
        points.indicator_id,
        points.definition_id,
        points.geography_id,
        points.geography_name,
        points.breakdown,
        runs.rule_id,
        runs.direction,
        runs.first_period,
        runs.last_period,
        runs.months_count,
        runs.phase
    from points
    inner join runs
        on
            points.indicator_id = runs.indicator_id
            and points.definition_id = runs.definition_id
            and points.geography_id = runs.geography_id
            and points.breakdown = runs.breakdown
            and points.period = runs.first_period

)

select * from final
