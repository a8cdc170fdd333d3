select distinct
    municipality_code,
    period_month,
    period_year
from {{ ref('stg_register__numbered_months') }}
where state = 'forgotten' and not is_optional
