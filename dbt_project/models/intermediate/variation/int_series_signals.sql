-- The signals of a point: outside the limits, in a long run on one side of the mean (a point on it ends the run) or of
-- the median (a point on it is passed over), or in a long rise or fall (a step of nothing ends it). A month without a
-- value, and a new phase, end every run.
with

series_phases as (

    select * from {{ ref('int_series_phases') }}

),

phase_limits as (

    select * from {{ ref('int_phase_limits') }}

),

rules as (

    select * from {{ constants(['shift_mean_points', 'shift_median_points', 'trend_points']) }} as rule_values

),

points as (

    select
        series_phases.*,
        phase_limits.centre,
        phase_limits.median,
        phase_limits.lower_limit,
        phase_limits.upper_limit,
        sign(series_phases.value - phase_limits.centre) as mean_side,
        sign(series_phases.value - phase_limits.median) as median_side,
        case
            when series_phases.value > phase_limits.upper_limit then 1
            when series_phases.value < phase_limits.lower_limit then -1
            else 0
        end as outside_side,
        lag(series_phases.period) over phase_months as previous_period,
        sign(series_phases.value - lag(series_phases.value) over phase_months) as step_sign,
        sum(case when series_phases.value is null then 1 else 0 end) over (
            partition by series_phases.series_number
            order by series_phases.month_index
            rows between unbounded preceding and current row
        ) as holes_before
    from series_phases
    left join phase_limits
        on
            series_phases.series_number = phase_limits.series_number
            and series_phases.phase = phase_limits.phase
    window phase_months as (
        partition by series_phases.series_number, series_phases.phase
        order by series_phases.month_index
    )

),

-- runs: what lies in one unbroken piece has the same difference between its place in all and its place among its like
placed as (

    select
        *,
        row_number() over (partition by series_number, phase, holes_before order by month_index)
        - row_number() over (partition by series_number, phase, holes_before, mean_side order by month_index) as mean_run,
        row_number() over (partition by series_number, phase, holes_before order by month_index)
        - row_number() over (partition by series_number, phase, holes_before, step_sign order by month_index) as step_run,
        row_number() over (partition by series_number, phase, holes_before order by month_index)
        - row_number() over (partition by series_number, phase, holes_before, outside_side order by month_index)
            as outside_run,
        row_number() over off_median - row_number() over on_one_side as median_run
    from points
    window
        off_median as (
            partition by series_number, phase, holes_before, coalesce(median_side, 0) = 0
            order by month_index
        ),
        on_one_side as (partition by series_number, phase, holes_before, median_side order by month_index)

),

counted as (

    select
        *,
        count(value) over (partition by series_number, phase, holes_before, mean_side, mean_run) as mean_run_points,
        count(value) over (partition by series_number, phase, holes_before, median_side, median_run) as median_run_points,
        count(value) over (partition by series_number, phase, holes_before, step_sign, step_run) as step_run_points
    from placed

),

flagged as (

    select
        counted.*,
        counted.outside_side <> 0 as is_outside,
        counted.mean_side <> 0 and counted.mean_run_points >= rules.shift_mean_points as is_mean_shift,
        counted.median_side <> 0 and counted.median_run_points >= rules.shift_median_points as is_median_shift,
        -- six points are five steps
        counted.step_sign <> 0 and counted.step_run_points >= rules.trend_points - 1 as is_trend_step
    from counted
    cross join rules

),

final as (

    select
        *,
        -- the point that a rise or fall sets out from belongs to it
        is_trend_step or coalesce(lead(is_trend_step) over (
            partition by series_number, phase, holes_before
            order by month_index
        ), false) as is_trend
    from flagged

)

select * from final
