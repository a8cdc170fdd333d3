select indicator_id
from {{ ref('dim_indicators') }}
group by indicator_id
having count(case when is_official then 1 end) <> 1
