-- A value has a status; null is never 0.
select *
from {{ ref('indicator_values') }}
where (value is null) <> (value_status <> 'published')
