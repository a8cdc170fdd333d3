-- vuxna + barn = biståndsmottagare.
select
    geography_id,
    period
from {{ ref('indicator_values') }}
where
    indicator_id in ('recipients', 'adult_recipients', 'child_recipients')
    and breakdown = 'total'
    and value_status = 'published'
    and length(period) = 4
group by geography_id, period
having
    sum(case when indicator_id = 'recipients' then value else -value end) <> 0
