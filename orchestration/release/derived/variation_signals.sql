-- only runs whose signals are shown: a hidden series has none
select
    points.indicator_id, points.definition_id, points.geography_id, points.geography_name, points.breakdown,
    runs.rule_id, runs.direction, runs.first_period, runs.last_period, runs.months_count, runs.phase
from protected.variation_points as points
inner join warehouse.intermediate.int_signal_runs as runs
    on points.indicator_id = runs.indicator_id and points.definition_id = runs.definition_id
    and points.geography_id = runs.geography_id and points.breakdown = runs.breakdown
    and points.period = runs.first_period
where points.signals is not null
