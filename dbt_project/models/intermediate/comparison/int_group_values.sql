-- An area has a row of its own in indicator_values. A group of similar municipalities has none: its counts are the members'
-- sum less those counted in several of them. One hidden member hides it, for the group less the others would give it back.
with

spread as (

    select * from {{ ref('int_group_spread') }}

),

indicator_values as (

    select * from {{ source('protected', 'indicator_values') }}

),

group_counts as (

    select * from {{ ref('group_counts') }}

),

overlap_counts as (

    select * from {{ ref('int_group_overlaps') }}
    where municipality_code is null

),

summed as (

    select
        spread.*,
        spread.members_numerator - coalesce(numerators.overlap_count, 0) as group_numerator,
        spread.members_denominator - coalesce(denominators.overlap_count, 0) as group_denominator,
        case
            when spread.geography_type <> 'similar' or spread.members_included = 0 then 'not_reported'
            when group_counts.indicator_id is null then 'not_applicable'
            when spread.has_hidden then 'suppressed'
            when spread.has_missing then 'missing'
            when spread.members_shown = 0 then 'not_applicable'
            else 'published'
        end as group_status
    from spread
    left join group_counts
        on spread.indicator_id = group_counts.indicator_id and spread.definition_id = group_counts.definition_id
    left join overlap_counts as numerators
        on
            spread.geography_id = numerators.geography_id
            and spread.period = numerators.period and spread.breakdown = numerators.breakdown
            and group_counts.numerator_overlap = numerators.measure
    left join overlap_counts as denominators
        on
            spread.geography_id = denominators.geography_id
            and spread.period = denominators.period and spread.breakdown = denominators.breakdown
            and group_counts.denominator_overlap = denominators.measure

),

final as (

    select
        summed.geography_id,
        summed.geography_name,
        summed.geography_type,
        summed.indicator_id,
        summed.definition_id,
        summed.period,
        summed.breakdown,
        summed.unit,
        coalesce(own.value_status, summed.group_status) as value_status,
        case
            when own.geography_id is not null then own.numerator
            when summed.geography_type = 'similar' then summed.group_numerator
        end as numerator,
        case
            when own.geography_id is not null then own.denominator
            when summed.geography_type = 'similar' then summed.group_denominator
        end as denominator,
        summed.members_total,
        summed.members_included,
        summed.members_shown,
        summed.missing_members,
        summed.unweighted_mean,
        summed.p10,
        summed.p25,
        summed.median,
        summed.p75,
        summed.p90,
        summed.largest_member_id
    from summed
    left join indicator_values as own
        on
            summed.geography_id = own.geography_id
            and summed.indicator_id = own.indicator_id and summed.definition_id = own.definition_id
            and summed.period = own.period and summed.breakdown = own.breakdown

)

select * from final
