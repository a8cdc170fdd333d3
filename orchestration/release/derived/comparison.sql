with municipality_values as (
    select
        indicator_values.*, geographies.geography_name,
        rank() over figure_by_value - 1 as lower_count,
        count(indicator_values.value) over (
            partition by indicator_id, definition_id, period, breakdown, indicator_values.value
        ) as equal_count,
        count(indicator_values.value) over (partition by indicator_id, definition_id, period, breakdown) as shown_count
    from protected.indicator_values as indicator_values
    inner join protected.dim_geographies as geographies
        on
            indicator_values.geography_id = geographies.geography_id
            and geographies.geography_type = 'municipality'
    where
        (indicator_id, definition_id, period, breakdown) in (
            select (indicator_id, definition_id, period, breakdown) from protected.comparison_groups
        )
    window figure_by_value as (
        partition by indicator_id, definition_id, period, breakdown order by indicator_values.value nulls last
    )
),

comparison_groups as (
    select * from protected.comparison_groups
),

-- the groups that each municipality is compared with: those it belongs to in the year, and those like it
references_of as (
    select
        geography_members.municipality_code as geography_id, geography_members.geography_id as group_id,
        geography_members.geography_type, geography_members.first_year, geography_members.last_year
    from protected.geography_members as geography_members
    where geography_members.geography_type in ('country', 'county', 'skr_group')
    union all
    select distinct substr(geography_id, 9), geography_id, geography_type, null, null
    from protected.geography_members
    where geography_type = 'similar'
),

referred as (
    select references_of.geography_id as municipality_code, comparison_groups.*
    from references_of
    inner join comparison_groups
        on
            references_of.group_id = comparison_groups.geography_id
            and cast(comparison_groups.period as integer)
            between coalesce(references_of.first_year, 0) and coalesce(references_of.last_year, 9999)
)

select
    own.indicator_id, own.definition_id, own.geography_id, own.geography_name, own.period, own.breakdown, own.unit,
    own.value, own.numerator, own.denominator, own.value_status,
    country.unweighted_mean, country.p10, country.p25, country.median, country.p75, country.p90,
    case
        when own.value is not null and own.shown_count > 1
            then 100 * (own.lower_count + 0.5 * (own.equal_count - 1)) / (own.shown_count - 1)
    end as position_pct,
    country.members_shown as municipalities_shown,
    country.value as country_value, country.value_status as country_status,
    country.members_included as country_members_included, country.members_total as country_members_total,
    country.without_largest_value as country_without_largest_value,
    country.without_largest_status as country_without_largest_status,
    county.geography_id as county_id, county.geography_name as county_name,
    county.value as county_value, county.value_status as county_status,
    county.members_included as county_members_included,
    county.members_total as county_members_total,
    county.missing_members as county_missing_members,
    county.without_largest_value as county_without_largest_value,
    county.without_largest_status as county_without_largest_status,
    skr_group.geography_id as skr_group_id, skr_group.geography_name as skr_group_name,
    skr_group.value as skr_group_value, skr_group.value_status as skr_group_status,
    skr_group.members_included as skr_group_members_included,
    skr_group.members_total as skr_group_members_total,
    skr_group.missing_members as skr_group_missing_members,
    skr_group.without_largest_value as skr_group_without_largest_value,
    skr_group.without_largest_status as skr_group_without_largest_status,
    alike.geography_id as similar_id, alike.geography_name as similar_name,
    alike.value as similar_value, alike.value_status as similar_status,
    alike.members_included as similar_members_included,
    alike.members_total as similar_members_total,
    alike.missing_members as similar_missing_members,
    alike.without_largest_value as similar_without_largest_value,
    alike.without_largest_status as similar_without_largest_status
from municipality_values as own
left join referred as country
    on
        own.geography_id = country.municipality_code and country.geography_type = 'country'
        and own.indicator_id = country.indicator_id and own.definition_id = country.definition_id
        and own.period = country.period and own.breakdown = country.breakdown
left join referred as county
    on
        own.geography_id = county.municipality_code and county.geography_type = 'county'
        and own.indicator_id = county.indicator_id and own.definition_id = county.definition_id
        and own.period = county.period and own.breakdown = county.breakdown
left join referred as skr_group
    on
        own.geography_id = skr_group.municipality_code and skr_group.geography_type = 'skr_group'
        and own.indicator_id = skr_group.indicator_id and own.definition_id = skr_group.definition_id
        and own.period = skr_group.period and own.breakdown = skr_group.breakdown
left join referred as alike
    on
        own.geography_id = alike.municipality_code and alike.geography_type = 'similar'
        and own.indicator_id = alike.indicator_id and own.definition_id = alike.definition_id
        and own.period = alike.period and own.breakdown = alike.breakdown
