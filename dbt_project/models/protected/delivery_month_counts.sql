with

delivery_months as (

    select * from {{ ref('stg_register__delivery_months') }}
    where not is_optional

),

rules as (

    select * from {{ ref('release_profile') }}

),

final as (

    select
        months.delivery_id,
        months.municipality_code,
        months.period_month,
        months.state,
        months.rule_id,
        months.kind,
        months.received_at,
        cast({{ protected_count('months.rows_read') }} as bigint) as rows_read,
        cast({{ protected_count('months.rows_loaded') }} as bigint) as rows_loaded,
        cast({{ protected_count('months.rows_quarantined') }} as bigint) as rows_quarantined,
        cast({{ protected_count('months.rows_duplicate') }} as bigint) as rows_duplicate,
        cast({{ protected_count('months.rows_warned') }} as bigint) as rows_warned,
        cast({{ protected_count('months.households_count') }} as bigint) as households_count,
        cast({{ protected_count('months.persons_count') }} as bigint) as persons_count
    from delivery_months as months
    cross join rules

)

select * from final
