with

reason_breakdowns as (

    select * from {{ ref('int_reason_breakdowns') }}

),

adults_with_reason as (

    select
        'adults_with_reason' as indicator_id,
        'default' as definition_id,
        geography_id,
        cast(period_year as varchar) as period,
        period_year,
        breakdown,
        cast(all_adults_count as double) as numerator,
        cast(null as double) as denominator,
        false as is_ratio,
        'persons' as unit,
        is_reported_1y as is_reported,
        all_adults_count as disclosure_count
    from reason_breakdowns
    where definition_id = 'reason:most_frequent' and reason = 'uppgift_saknas'

),

reason_share as (

    select
        'reason_share' as indicator_id,
        definition_id,
        geography_id,
        cast(period_year as varchar) as period,
        period_year,
        case when breakdown = 'total' then 'reason=' || reason else breakdown || ';reason=' || reason end as breakdown,
        cast(adults_count as double) as numerator,
        cast(all_adults_count as double) as denominator,
        true as is_ratio,
        'share' as unit,
        is_reported_1y as is_reported,
        least(nullif(adults_count, 0), nullif(all_adults_count, 0)) as disclosure_count
    from reason_breakdowns

),

final as (

    select * from adults_with_reason
    union all
    select * from reason_share

)

select * from final
