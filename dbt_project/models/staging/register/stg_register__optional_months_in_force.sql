select
    municipality_code,
    delivered_code,
    period_month,
    period_year,
    month_number,
    delivery_id,
    kind
from {{ ref('stg_register__numbered_months') }}
where is_in_force and is_optional
