-- The results of the gates and of dbt's own tests are put into the raw table when the release is made, after them all. What
-- was observed can hold a count of persons or a sender's words.
select
    results.gate,
    results.suite,
    results.expectation,
    results.table_name,
    results.column_name,
    results.severity,
    results.is_passed,
    case when rules.shows_sender_text then results.observed end as observed,
    cast({{ protected_count('results.checked_rows') }} as bigint) as checked_rows
from {{ source('raw', 'quality_results') }} as results
cross join {{ ref('release_profile') }} as rules
