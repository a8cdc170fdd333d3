select * from {{ ref('stg_register__numbered_months') }}
where is_in_force and not is_optional
