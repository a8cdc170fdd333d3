-- The signals of a point: outside the limits, in a long run on one side of the mean (a point on it ends the run) or of
-- the median (a point on it is passed over), or in a long rise or fall (a step of nothing ends it). A month without a
-- value, and a new phase, end every run.
{% set rules = [
    ('outside', 'outside_side', 'place'),
    ('mean', 'mean_side', 'place'),
    ('median', 'median_side', 'off_median_place'),
    ('step', 'step_sign', 'place'),
] %}

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

-- all that follows goes along the months of one unbroken piece of a series, so that one sort serves every rule
compared as (

    select
        *,
        row_number() over piece as place,
        count(nullif(median_side, 0)) over piece as off_median_place,
        lag(outside_side) over piece as outside_before,
        lag(mean_side) over piece as mean_before,
        lag(step_sign) over piece as step_before,
        last_value(nullif(median_side, 0) ignore nulls) over months_before as median_before
    from points
    window
        piece as (partition by series_number, phase, holes_before order by month_index),
        months_before as (
            partition by series_number, phase, holes_before
            order by month_index
            rows between unbounded preceding and 1 preceding
        )

),

started as (

    select
        *,
    {% for rule, side, place in rules %}
        case
            when ({{ side }} is distinct from {{ rule }}_before){{ " and median_side <> 0" if rule == 'median' }}
                then {{ place }}
        end as {{ rule }}_start{{ "," if not loop.last }}
    {% endfor %}
    from compared

),

-- a run is known by the place where it starts, and ends where the next one starts
placed as (

    select
        *,
    {% for rule, side, place in rules %}
        max({{ rule }}_start) over piece as {{ rule }}_run,
        coalesce(min({{ rule }}_start) over months_after, max({{ place }}) over whole_piece + 1) as {{ rule }}_run_end
        {{- "," if not loop.last }}
    {% endfor %}
    from started
    window
        piece as (partition by series_number, phase, holes_before order by month_index),
        months_after as (
            partition by series_number, phase, holes_before
            order by month_index
            rows between 1 following and unbounded following
        ),
        whole_piece as (
            partition by series_number, phase, holes_before
            order by month_index
            rows between unbounded preceding and unbounded following
        )

),

flagged as (

    select
        placed.*,
        placed.outside_side <> 0 as is_outside,
        coalesce(
            placed.mean_side <> 0 and placed.mean_run_end - placed.mean_run >= rules.shift_mean_points, false
        ) as is_mean_shift,
        coalesce(
            placed.median_side <> 0 and placed.median_run_end - placed.median_run >= rules.shift_median_points, false
        ) as is_median_shift,
        -- six points are five steps
        coalesce(
            placed.step_sign <> 0 and placed.step_run_end - placed.step_run >= rules.trend_points - 1, false
        ) as is_trend_step
    from placed
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
