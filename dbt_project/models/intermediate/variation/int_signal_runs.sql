-- Each run of months that a rule marks, once. A rise or fall begins in the month it sets out from.
{% set rules = [
    ('outside', 'is_outside', 'outside_side', 'outside_run'),
    ('shift_mean', 'is_mean_shift', 'mean_side', 'mean_run'),
    ('shift_median', 'is_median_shift', 'median_side', 'median_run'),
    ('trend', 'is_trend_step', 'step_sign', 'step_run'),
] %}

with

series_signals as (

    select * from {{ ref('int_series_signals') }}
    where value is not null and centre is not null

),

runs as (

    {% for rule_id, flag, side, run in rules %}
        select
            indicator_id,
            definition_id,
            geography_id,
            breakdown,
            phase,
            '{{ rule_id }}' as rule_id,
            case when {{ side }} > 0 then 'up' else 'down' end as direction,
            min({{ 'previous_period' if rule_id == 'trend' else 'period' }}) as first_period,
            max(period) as last_period,
            count(value){{ ' + 1' if rule_id == 'trend' }} as months_count
        from series_signals
        where {{ flag }}
        group by
            series_number, indicator_id, definition_id, geography_id, breakdown, phase, {{ side }}, {{ run }}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

final as (

    select
        indicator_id,
        definition_id,
        geography_id,
        breakdown,
        phase,
        rule_id,
        direction,
        first_period,
        last_period,
        cast(months_count as integer) as months_count
    from runs

)

select * from final
