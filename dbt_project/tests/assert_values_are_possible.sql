-- A value has a status, and null is never 0; nothing is negative, and a share lies between 0 and 1. Before anything is
-- rounded, the numerator of a share lies within its denominator, and an amount above zero tells how many it stands on.
select
    indicator_id,
    geography_id,
    period,
    breakdown
from {{ ref('indicator_values') }}
where
    (value is null) <> (value_status <> 'published')
    or value < 0
    or (unit = 'share' and value > 1)
union all
select
    indicator_id,
    geography_id,
    period,
    breakdown
from {{ ref('int_indicator_counts') }}
where
    is_reported
    and (
        (unit = 'share' and numerator > denominator)
        or (unit not in ('share', 'persons', 'households') and numerator > 0 and numerator_people is null)
    )
