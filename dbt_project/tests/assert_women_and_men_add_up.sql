-- kvinnor + män = totalt, for every count of persons by sex.
select
    indicator_id,
    definition_id,
    geography_id,
    period,
    sum(case when breakdown = 'total' then value end) as total,
    sum(case when breakdown in ('sex=K', 'sex=M') then value end) as by_sex
from {{ ref('indicator_values') }}
where
    unit = 'persons'
    and value_status = 'published'
    and length(period) = 4
group by indicator_id, definition_id, geography_id, period
having
    sum(case when breakdown = 'total' then value end)
    <> sum(case when breakdown in ('sex=K', 'sex=M') then value end)
