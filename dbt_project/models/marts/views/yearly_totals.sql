-- What is asked for most: each year, everybody, by the official definition.
select
    indicator_id,
    indicator_name,
    geography_id,
    geography_name,
    geography_type,
    municipalities_included,
    municipalities_total,
    period_year,
    value,
    unit,
    value_status,
    numerator,
    denominator,
    is_preliminary,
    is_rounded
from {{ ref('figures').include(database=false) }}
where period_kind = 'year' and breakdown = 'total' and is_official
