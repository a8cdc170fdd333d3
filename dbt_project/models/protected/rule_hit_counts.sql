with

rule_hits as (

    select * from {{ source('vault', 'rule_hits') }}

),

deliveries as (

    select * from {{ ref('stg_register__deliveries') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

final as (

    select
        rule_hits.delivery_id,
        rule_hits.municipality_code,
        rule_hits.period_month,
        rule_hits.rule_id,
        rule_hits.severity,
        cast({{ protected_count('rule_hits.rows_count') }} as bigint) as rows_count
    from rule_hits
    inner join deliveries
        on rule_hits.delivery_id = deliveries.delivery_id
    cross join rules

)

select * from final
