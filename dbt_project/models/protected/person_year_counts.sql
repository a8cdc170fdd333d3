-- Counts of a few people each, which no rounding would leave anything of: as they are where the profile rounds nothing,
-- else none.
select cells.*
from {{ ref('int_person_year_cells') }} as cells
cross join {{ ref('release_profile') }} as rules
where rules.rounding_base is null
