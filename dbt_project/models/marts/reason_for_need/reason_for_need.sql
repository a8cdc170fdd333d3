{% set durations = [
    ('all', 'adults_count', 'adults_with_reason_count'),
    ('longterm', 'longterm_adults_count', 'longterm_adults_with_reason_count'),
    ('not_longterm', 'adults_count - longterm_adults_count',
        'adults_with_reason_count - longterm_adults_with_reason_count'),
] %}

with

reason_breakdowns as (

    select * from {{ ref('int_reason_breakdowns') }}
    where origin is null

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

-- the grouping of a publication category, where its registration categories agree
groupings as (

    select
        publication_category,
        case when count(distinct national_group) = 1 then min(national_group) else 'delad' end as national_group,
        case when count(distinct gr_group) = 1 then min(gr_group) else 'delad' end as gr_group
    from {{ ref('reason_categories') }}
    group by publication_category

),

by_duration as (

    {% for duration, adults, adults_with_reason in durations %}
        select
            geography_id,
            period_year,
            is_reported_1y,
            definition_id,
            reason,
            sex,
            age_band,
            '{{ duration }}' as duration,
            {{ adults }} as adults_count,
            {{ adults_with_reason }} as adults_with_reason_count
        from reason_breakdowns
        {{ "union all" if not loop.last }}
    {% endfor %}

),

final as (

    select
        by_duration.geography_id,
        geographies.geography_name,
        by_duration.period_year,
        by_duration.definition_id,
        by_duration.reason,
        publication_categories.publication_category_name as reason_name,
        coalesce(groupings.national_group, by_duration.reason) as national_group,
        coalesce(groupings.gr_group, by_duration.reason) as gr_group,
        coalesce(by_duration.sex, 'all') as sex,
        coalesce(by_duration.age_band, 'all') as age_band,
        by_duration.duration,
        case
            when not by_duration.is_reported_1y then 'not_reported'
            when by_duration.adults_with_reason_count = 0 then 'not_applicable'
            else 'published'
        end as value_status,
        case when by_duration.is_reported_1y then cast(by_duration.adults_count as bigint) end as adults_count,
        case when by_duration.is_reported_1y then cast(by_duration.adults_with_reason_count as bigint) end
            as adults_with_reason_count,
        case
            when by_duration.is_reported_1y
                then by_duration.adults_count / nullif(by_duration.adults_with_reason_count, 0)
        end as reason_share,
        publication_categories.sort_order
    from by_duration
    inner join geographies
        on by_duration.geography_id = geographies.geography_id
    inner join publication_categories
        on by_duration.reason = publication_categories.publication_category
    left join groupings
        on by_duration.reason = groupings.publication_category

)

select * from final
