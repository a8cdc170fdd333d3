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

sided as (

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
        end as outside_side
    from series_phases
    left join phase_limits
        on
            series_phases.series_number = phase_limits.series_number
            and series_phases.phase = phase_limits.phase

),

-- all goes along the months of a phase, so that one sort serves every rule
compared as (

    select
        *,
        row_number() over months as place,
        count(nullif(median_side, 0)) over months as off_median_place,
        lag(period) over months as previous_period,
        lag(outside_side) over months as outside_before,
        lag(mean_side) over months as mean_before,
        -- a month without a value is on neither side (2), and not passed over
        last_value(nullif(coalesce(median_side, 2), 0) ignore nulls) over months_before as median_before,
        sign(value - lag(value) over months) as step_sign,
        sign(lag(value) over months - lag(value, 2) over months) as step_before,
        sign(lead(value) over months - value) as next_step_sign
    from sided
    window
        months as (partition by series_number, phase order by month_index),
        months_before as (
            partition by series_number, phase
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
        coalesce(lead(step_start, 2 ignore nulls) over months, max(place) over whole + 1) as next_step_run_end,
    {% for rule, side, place in rules %}
        max({{ rule }}_start) over months as {{ rule }}_run,
        coalesce(lead({{ rule }}_start ignore nulls) over months, max({{ place }}) over whole + 1) as {{ rule }}_run_end
        {{- "," if not loop.last }}
    {% endfor %}
    from started
    window
        months as (partition by series_number, phase order by month_index),
        whole as (
            partition by series_number, phase
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
        ) as is_trend_step,
        coalesce(
            placed.next_step_sign <> 0
            and placed.step_run_end = placed.place + 1
            and placed.next_step_run_end - placed.step_run_end >= rules.trend_points - 1,
            false
        ) as is_before_trend_step
    from placed
    cross join rules

),

final as (

    select
        series_number,
        indicator_id,
        definition_id,
        geography_id,
        breakdown,
        period,
        previous_period,
        value,
        value_status,
        phase,
        has_baseline,
        is_basis,
        centre,
        median,
        lower_limit,
        upper_limit,
        outside_side,
        mean_side,
        median_side,
        step_sign,
        outside_run,
        mean_run,
        median_run,
        step_run,
        is_outside,
        is_mean_shift,
        is_median_shift,
        is_trend_step,
        -- the point that a rise or fall sets out from belongs to it
        is_trend_step or is_before_trend_step as is_trend
    from flagged

)

select * from final
