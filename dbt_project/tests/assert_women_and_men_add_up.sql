-- kvinnor + män = totalt, for every count of persons by sex, before anything is rounded.
select
    indicator_id,
    definition_id,
    geography_id,
    period,
    sum(case when breakdown = 'total' then numerator end) as total,
    sum(case when breakdown in ('sex=K', 'sex=M') then numerator end) as by_sex
from {{ ref('int_indicator_counts') }}
where
    unit = 'persons'
    and is_reported
    and length(period) = 4
group by indicator_id, definition_id, geography_id, period
having
    sum(case when breakdown = 'total' then numerator end)
    <> sum(case when breakdown in ('sex=K', 'sex=M') then numerator end)
