-- vuxna + barn = biståndsmottagare, before anything is rounded.
select
    geography_id,
    period
from {{ ref('int_indicator_counts') }}
where
    indicator_id in ('recipients', 'adult_recipients', 'child_recipients')
    and breakdown = 'total'
    and is_reported
    and length(period) = 4
group by geography_id, period
having
    sum(case when indicator_id = 'recipients' then numerator else -numerator end) <> 0
