-- A value has a status, and null is never 0; nothing is negative, a share lies between 0 and 1 and its numerator within its
-- denominator; and a figure above zero tells how many it stands on.
select *
from {{ ref('indicator_values') }}
where
    (
        (value is null) <> (value_status <> 'published')
        or value < 0
        or (unit = 'share' and value > 1)
        or (unit = 'share' and numerator > denominator)
        or (value > 0 and disclosure_count is null)
    )
