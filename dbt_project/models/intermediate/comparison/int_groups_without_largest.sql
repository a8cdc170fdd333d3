-- A group less its largest member, the one with most recipients: shown when both are.
with

group_values as (

    select * from {{ ref('int_group_values') }}

),

member_values as (

    select * from {{ ref('int_group_member_values') }}

),

group_counts as (

    select * from {{ ref('group_counts') }}

),

overlap_counts as (

    select * from {{ ref('overlap_counts') }}

),

final as (

    select
        group_values.geography_id,
        group_values.indicator_id,
        group_values.definition_id,
        group_values.period,
        group_values.breakdown,
        largest.municipality_name as largest_member_name,
        group_values.numerator - largest.numerator + coalesce(numerators.overlap_count, 0) as rest_numerator,
        group_values.denominator - largest.denominator + coalesce(denominators.overlap_count, 0) as rest_denominator,
        case
            when group_values.value_status <> 'published' then group_values.value_status
            when group_counts.indicator_id is null or group_values.members_included < 2 or largest.value is null
                then 'not_applicable'
            else 'published'
        end as rest_status
    from group_values
    left join member_values as largest
        on
            group_values.geography_id = largest.geography_id
            and group_values.largest_member_id = largest.municipality_code
            and group_values.indicator_id = largest.indicator_id
            and group_values.definition_id = largest.definition_id
            and group_values.period = largest.period and group_values.breakdown = largest.breakdown
    left join group_counts
        on
            group_values.indicator_id = group_counts.indicator_id
            and group_values.definition_id = group_counts.definition_id
    left join overlap_counts as numerators
        on
            group_values.geography_id = numerators.geography_id
            and group_values.largest_member_id = numerators.municipality_code
            and group_values.period = numerators.period and group_values.breakdown = numerators.breakdown
            and group_counts.numerator_overlap = numerators.measure
    left join overlap_counts as denominators
        on
            group_values.geography_id = denominators.geography_id
            and group_values.largest_member_id = denominators.municipality_code
            and group_values.period = denominators.period and group_values.breakdown = denominators.breakdown
            and group_counts.denominator_overlap = denominators.measure

)

select * from final
