-- As person_year_counts, of households.
select cells.*
from {{ ref('int_household_year_cells') }} as cells
cross join {{ ref('release_profile') }} as rules
where rules.rounding_base is null
