with

group_values as (

    select * from {{ ref('int_group_values') }}

),

without_largest as (

    select * from {{ ref('int_groups_without_largest') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

-- what is left without the largest member can be small though both are shown
judged as (

    select
        group_values.*,
        without_largest.largest_member_name,
        without_largest.rest_numerator,
        without_largest.rest_denominator,
        case
            when without_largest.rest_status <> 'published' then without_largest.rest_status
            when
                group_values.unit <> 'sek' and without_largest.rest_numerator <= rules.band_to
                or without_largest.rest_denominator < rules.least_denominator
                then 'suppressed'
            when without_largest.rest_denominator = 0 then 'not_applicable'
            else 'published'
        end as without_largest_status
    from group_values
    inner join without_largest
        on
            group_values.geography_id = without_largest.geography_id
            and group_values.indicator_id = without_largest.indicator_id
            and group_values.definition_id = without_largest.definition_id
            and group_values.period = without_largest.period
            and group_values.breakdown = without_largest.breakdown
    cross join rules

),

final as (

    select
        geography_id,
        geography_name,
        geography_type,
        indicator_id,
        definition_id,
        period,
        breakdown,
        unit,
        case when value_status = 'published' then coalesce(numerator / nullif(denominator, 0), numerator) end as value,
        case when value_status = 'published' then numerator end as numerator,
        case when value_status = 'published' then denominator end as denominator,
        value_status,
        members_total,
        members_included,
        members_shown,
        missing_members,
        unweighted_mean,
        p10,
        p25,
        median,
        p75,
        p90,
        largest_member_id,
        largest_member_name,
        case
            when without_largest_status = 'published'
                then coalesce(rest_numerator / nullif(rest_denominator, 0), rest_numerator)
        end as without_largest_value,
        without_largest_status
    from judged

)

select * from final
