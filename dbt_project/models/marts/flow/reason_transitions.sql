with

transition_counts as (

    select * from {{ ref('transition_counts') }}

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

judged as (

    select
        transition_counts.*,
        case
            when not transition_counts.is_reported_1y then 'not_reported'
            when transition_counts.from_adults_count = 0 then 'not_applicable'
            when transition_counts.adults_count is null then 'suppressed'
            when not {{ is_denominator_shown('transition_counts.from_adults_count') }} then 'suppressed'
            else 'published'
        end as value_status
    from transition_counts
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
        judged.from_reason,
        judged.to_reason,
        judged.value_status,
        case when judged.is_reported_1y then judged.adults_count end as adults_count,
        case when judged.is_reported_1y then judged.from_adults_count end as from_adults_count,
        case
            when judged.value_status = 'published'
                then {{ protected_share('judged.adults_count', 'judged.from_adults_count') }}
        end as transition_share,
        judged.from_sort_order,
        judged.to_sort_order
    from judged
    inner join geographies
        on judged.geography_id = geographies.geography_id
    left join geography_years
        on
            judged.geography_id = geography_years.geography_id
            and judged.period_year = geography_years.period_year

)

select * from final
