-- Every adult with a reason has exactly one yearly reason under each rule, and every person-month one category; only
-- `any` counts a person more than once.
select
    shares.definition_id,
    shares.geography_id,
    shares.period
from {{ ref('int_indicator_counts') }} as shares
where
    shares.indicator_id = 'reason_share'
    and shares.definition_id <> 'reason:any'
    and shares.breakdown like 'reason=%'
    and shares.is_reported
group by shares.definition_id, shares.geography_id, shares.period
having sum(shares.numerator) <> max(shares.denominator)
