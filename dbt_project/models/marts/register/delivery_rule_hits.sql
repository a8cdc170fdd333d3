with

rule_hits as (

    select * from {{ source('vault', 'rule_hits') }}

),

deliveries as (

    select * from {{ ref('stg_register__deliveries') }}

),

final as (

    select
        rule_hits.delivery_id,
        rule_hits.municipality_code,
        substr(cast(rule_hits.period_month as varchar), 1, 7) as period,
        rule_hits.rule_id,
        rule_hits.severity,
        rule_hits.rows_count
    from rule_hits
    inner join deliveries
        on rule_hits.delivery_id = deliveries.delivery_id

)

select * from final
