with

municipality_values as (

    select * from {{ ref('int_municipality_positions') }}

),

compared_groups as (

    select * from {{ ref('int_compared_groups') }}

),

final as (

    select
        own.indicator_id,
        own.definition_id,
        own.geography_id,
        own.geography_name,
        own.period,
        own.breakdown,
        own.unit,
        own.value,
        own.numerator,
        own.denominator,
        own.value_status,
        country.unweighted_mean,
        country.p10,
        country.p25,
        country.median,
        country.p75,
        country.p90,
        own.position_pct,
        country.members_shown as municipalities_shown,
        country.value as country_value,
        country.value_status as country_status,
        country.members_included as country_members_included,
        country.members_total as country_members_total,
        country.without_largest_value as country_without_largest_value,
        country.without_largest_status as country_without_largest_status,
        county.geography_id as county_id,
        county.geography_name as county_name,
        county.value as county_value,
        county.value_status as county_status,
        county.members_included as county_members_included,
        county.members_total as county_members_total,
        county.missing_members as county_missing_members,
        county.without_largest_value as county_without_largest_value,
        county.without_largest_status as county_without_largest_status,
        skr_group.geography_id as skr_group_id,
        skr_group.geography_name as skr_group_name,
        skr_group.value as skr_group_value,
        skr_group.value_status as skr_group_status,
        skr_group.members_included as skr_group_members_included,
        skr_group.members_total as skr_group_members_total,
        skr_group.missing_members as skr_group_missing_members,
        skr_group.without_largest_value as skr_group_without_largest_value,
        skr_group.without_largest_status as skr_group_without_largest_status,
        alike.geography_id as similar_id,
        alike.geography_name as similar_name,
        alike.value as similar_value,
        alike.value_status as similar_status,
        alike.members_included as similar_members_included,
        alike.members_total as similar_members_total,
        alike.missing_members as similar_missing_members,
        alike.without_largest_value as similar_without_largest_value,
        alike.without_largest_status as similar_without_largest_status
    from municipality_values as own
    left join compared_groups as country
        on
            own.geography_id = country.municipality_code and country.geography_type = 'country'
            and own.indicator_id = country.indicator_id and own.definition_id = country.definition_id
            and own.period = country.period and own.breakdown = country.breakdown
    left join compared_groups as county
        on
            own.geography_id = county.municipality_code and county.geography_type = 'county'
            and own.indicator_id = county.indicator_id and own.definition_id = county.definition_id
            and own.period = county.period and own.breakdown = county.breakdown
    left join compared_groups as skr_group
        on
            own.geography_id = skr_group.municipality_code and skr_group.geography_type = 'skr_group'
            and own.indicator_id = skr_group.indicator_id and own.definition_id = skr_group.definition_id
            and own.period = skr_group.period and own.breakdown = skr_group.breakdown
    left join compared_groups as alike
        on
            own.geography_id = alike.municipality_code and alike.geography_type = 'similar'
            and own.indicator_id = alike.indicator_id and own.definition_id = alike.definition_id
            and own.period = alike.period and own.breakdown = alike.breakdown

)

select * from final
