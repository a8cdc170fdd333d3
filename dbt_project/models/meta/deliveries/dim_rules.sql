select
    rule_id,
    scope,
    severity,
    title,
    action
from {{ source('raw', 'delivery_rules') }}
