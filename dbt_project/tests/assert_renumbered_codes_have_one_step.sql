-- A code is followed to the code of today in one step, which ends the year before the new one begins.
select
    changes.from_code,
    changes.to_code
from {{ ref('municipality_code_changes') }} as changes
left join {{ ref('municipalities') }} as before
    on changes.from_code = before.municipality_code
left join {{ ref('municipalities') }} as after
    on changes.to_code = after.municipality_code
left join {{ ref('municipality_code_changes') }} as onwards
    on
        changes.to_code = onwards.from_code
        and onwards.change_kind = 'renumbered'
where
    changes.change_kind = 'renumbered'
    and (
        onwards.from_code is not null
        or before.last_year is distinct from changes.first_year - 1
        or after.first_year is distinct from changes.first_year
    )
