with

reason_counts as (

    select * from {{ ref('reason_counts') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

reason_groupings as (

    select * from {{ ref('int_reason_groupings') }}
    where is_main

),

judged as (

    select
        reason_counts.*,
        case
            when not reason_counts.is_reported_1y then 'not_reported'
            when reason_counts.adults_with_reason_count = 0 then 'not_applicable'
            when reason_counts.adults_count is null then 'suppressed'
            when not {{ is_denominator_shown('reason_counts.adults_with_reason_count') }} then 'suppressed'
            else 'published'
        end as value_status
    from reason_counts
    cross join rules

),

final as (

    select
        judged.geography_id,
        geographies.geography_name,
        geography_years.municipalities_included_1y as municipalities_included,
        geography_years.municipalities_total,
        judged.period_year,
        judged.definition_id,
        judged.reason,
        publication_categories.publication_category_name as reason_name,
        national_groups.reason_group as national_group,
        gr_groups.reason_group as gr_group,
        coalesce(judged.sex, 'all') as sex,
        coalesce(judged.age_band, 'all') as age_band,
        coalesce(judged.origin, 'all') as origin,
        coalesce(judged.children, 'all') as children,
        judged.duration,
        judged.value_status,
        case when judged.is_reported_1y then judged.adults_count end as adults_count,
        case when judged.is_reported_1y then judged.adults_with_reason_count end as adults_with_reason_count,
        case
            when judged.value_status = 'published'
                then {{ protected_share('judged.adults_count', 'judged.adults_with_reason_count') }}
        end as reason_share,
        publication_categories.sort_order
    from judged
    inner join geographies
        on judged.geography_id = geographies.geography_id
    left join geography_years
        on
            judged.geography_id = geography_years.geography_id
            and judged.period_year = geography_years.period_year
    inner join publication_categories
        on judged.reason = publication_categories.publication_category
    inner join reason_groupings as national_groups
        on
            judged.reason = national_groups.publication_category
            and national_groups.grouping_id = 'national_group'
    inner join reason_groupings as gr_groups
        on judged.reason = gr_groups.publication_category and gr_groups.grouping_id = 'gr_group'

)

select * from final
