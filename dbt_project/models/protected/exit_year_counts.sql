-- As person_year_counts, of ends of aid.
select cells.*
from {{ ref('int_exit_year_cells') }} as cells
cross join {{ ref('release_profile') }} as rules
where rules.rounding_base is null
