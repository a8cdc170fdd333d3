-- Only runs whose signals are shown: a hidden series has none.
with

shown_points as (

    select * from {{ source('protected', 'variation_points') }}
    where signals is not null

),

runs as (

    select * from {{ ref('int_signal_runs') }}

),

final as (

    select
        shown_points.indicator_id,
        shown_points.definition_id,
        shown_points.geography_id,
        shown_points.geography_name,
        shown_points.breakdown,
        runs.rule_id,
        runs.direction,
        runs.first_period,
        runs.last_period,
        runs.months_count,
        runs.phase
    from shown_points
    inner join runs
        on
            shown_points.indicator_id = runs.indicator_id
            and shown_points.definition_id = runs.definition_id
            and shown_points.geography_id = runs.geography_id
            and shown_points.breakdown = runs.breakdown
            and shown_points.period = runs.first_period

)

select * from final
