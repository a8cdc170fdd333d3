-- Limits of each phase: mean and mean moving range of its months, and the median. A range is between two months that
-- follow each other in the phase, so a missing month takes part in none. A phase with a month in the band has no limits:
-- the months that are shown are its high ones.
with

series_phases as (

    select * from {{ ref('int_series_phases') }}

),

rules as (

    select * from {{ constants(['limit_factor'], 'double') }} as rule_values

),

least_points as (

    select * from {{ constants(['limit_points']) }} as rule_values

),

ranges as (

    select
        *,
        abs(value - lag(value) over (
            partition by series_number, phase
            order by month_index
        )) as moving_range
    from series_phases
    where is_basis

),

computed as (

    select
        series_number,
        phase,
        count(value) as points_count,
        count(case when value_status = 'suppressed' then 1 end) as suppressed_count,
        round(avg(value), 9) as centre,
        round(avg(moving_range), 9) as mean_moving_range,
        round(median(value), 9) as median
    from ranges
    group by series_number, phase

),

final as (

    select
        computed.series_number,
        computed.phase,
        computed.centre,
        computed.median,
        round(computed.centre - rules.limit_factor * computed.mean_moving_range, 9) as lower_limit,
        round(computed.centre + rules.limit_factor * computed.mean_moving_range, 9) as upper_limit
    from computed
    cross join rules
    cross join least_points
    where
        computed.points_count >= least_points.limit_points
        and computed.suppressed_count = 0
        and computed.mean_moving_range is not null

)

select * from final
