with

rule_hits as (

    select * from {{ ref('rule_hit_counts') }}

),

final as (

    select
        delivery_id,
        municipality_code,
        substr(cast(period_month as varchar), 1, 7) as period,
        rule_id,
        severity,
        rows_count
    from rule_hits

)

select * from final
