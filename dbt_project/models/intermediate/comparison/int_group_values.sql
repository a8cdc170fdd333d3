-- Every group of municipalities has counts of its own, protected as those of a municipality are.
with

spread as (

    select * from {{ ref('int_group_spread') }}

),

indicator_counts as (

    select * from {{ ref('indicator_counts') }}

),

final as (

    select
        spread.geography_id,
        spread.geography_name,
        spread.geography_type,
        spread.indicator_id,
        spread.definition_id,
        spread.period,
        spread.breakdown,
        spread.unit,
        case
            when counts.geography_id is not null then counts.value_status
            -- a figure that cannot be summed over similar municipalities
            when spread.geography_type = 'similar' and spread.members_included > 0 then 'not_applicable'
            else 'not_reported'
        end as value_status,
        case when counts.value_status = 'published' then counts.numerator end as numerator,
        case when counts.value_status = 'published' then counts.denominator end as denominator,
        counts.is_ratio,
        spread.members_total,
        spread.members_included,
        spread.members_shown,
        spread.missing_members,
        spread.unweighted_mean,
        spread.p10,
        spread.p25,
        spread.median,
        spread.p75,
        spread.p90,
        spread.largest_member_id
    from spread
    left join indicator_counts as counts
        on
            spread.geography_id = counts.geography_id
            and spread.indicator_id = counts.indicator_id and spread.definition_id = counts.definition_id
            and spread.period = counts.period and spread.breakdown = counts.breakdown

)

select * from final
