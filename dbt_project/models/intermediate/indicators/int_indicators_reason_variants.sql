{#- indicator, definition, numerator, denominator, persons behind the numerator -#}
{% set by_reason = [
    ('reason_share', 'reason:any', 'any_adults_count', 'adults_count', 'any_adults_count'),
    ('reason_share', 'reason:months', 'person_months_count', 'all_person_months_count', 'month_adults_count'),
] %}
{% set by_person = [
    ('sick_without_benefit_share', 'reason:any', 'sick_without_benefit_adults_count', 'adults_count'),
    ('several_reasons_share', 'default', 'changed_adults_count', 'stated_adults_count'),
] %}

with

reason_variants as (

    select * from {{ ref('int_reason_variants') }}

),

reason_cells as (

    select * from {{ ref('int_reason_cells') }}

),

reason_groupings as (

    select * from {{ ref('int_reason_groupings') }}

),

reason_groups as (

    select distinct
        grouping_id,
        reason_group
    from reason_groupings

),

by_registration_reason as (

    select
        geography_id,
        period_year,
        coalesce('sex=' || sex, 'total') as breakdown,
        reason_most_frequent,
        registration_reason,
        sum(adults_count) as adults_count
    from reason_cells
    group by grouping sets (
        (geography_id, period_year, reason_most_frequent, registration_reason),
        (geography_id, period_year, reason_most_frequent, registration_reason, sex)
    )

),

by_group as (

    select
        by_registration_reason.geography_id,
        by_registration_reason.period_year,
        by_registration_reason.breakdown,
        reason_groupings.grouping_id,
        reason_groupings.reason_group,
        cast(sum(by_registration_reason.adults_count) as bigint) as adults_count
    from by_registration_reason
    inner join reason_groupings
        on
            by_registration_reason.reason_most_frequent = reason_groupings.publication_category
            and by_registration_reason.registration_reason is not distinct from reason_groupings.registration_reason
    group by
        by_registration_reason.geography_id, by_registration_reason.period_year, by_registration_reason.breakdown,
        reason_groupings.grouping_id, reason_groupings.reason_group

),

-- a group that nobody is in is 0
grouped as (

    select
        reason_variants.geography_id,
        reason_variants.period_year,
        reason_variants.is_reported_1y,
        reason_variants.breakdown,
        reason_groups.grouping_id || '=' || reason_groups.reason_group as reason_group,
        coalesce(by_group.adults_count, 0) as adults_count,
        reason_variants.adults_count as all_adults_count
    from reason_variants
    cross join reason_groups
    left join by_group
        on
            reason_variants.geography_id = by_group.geography_id
            and reason_variants.period_year = by_group.period_year
            and reason_variants.breakdown = by_group.breakdown
            and reason_groups.grouping_id = by_group.grouping_id
            and reason_groups.reason_group = by_group.reason_group
    where reason_variants.reason = 'uppgift_saknas'

),

counted as (

    {% for indicator_id, definition_id, numerator, denominator, persons in by_reason %}
        select
            '{{ indicator_id }}' as indicator_id,
            '{{ definition_id }}' as definition_id,
            geography_id,
            period_year,
            is_reported_1y,
            breakdown,
            'reason=' || reason as reason_part,
            {{ numerator }} as numerator,
            {{ denominator }} as denominator,
            {{ persons }} as persons_count
        from reason_variants
        union all
    {% endfor %}
    {% for indicator_id, definition_id, numerator, denominator in by_person %}
        select
            '{{ indicator_id }}' as indicator_id,
            '{{ definition_id }}' as definition_id,
            geography_id,
            period_year,
            is_reported_1y,
            breakdown,
            null as reason_part,
            {{ numerator }} as numerator,
            {{ denominator }} as denominator,
            {{ numerator }} as persons_count
        from reason_variants
        where reason = 'uppgift_saknas'
        union all
    {% endfor %}
    select
        'reason_share' as indicator_id,
        'reason:most_frequent' as definition_id,
        geography_id,
        period_year,
        is_reported_1y,
        breakdown,
        reason_group as reason_part,
        adults_count as numerator,
        all_adults_count as denominator,
        adults_count as persons_count
    from grouped

),

final as (

    select
        indicator_id,
        definition_id,
        geography_id,
        cast(period_year as varchar) as period,
        period_year,
        case
            when reason_part is null then breakdown
            when breakdown = 'total' then reason_part
            else breakdown || ';' || reason_part
        end as breakdown,
        cast(numerator as double) as numerator,
        cast(denominator as double) as denominator,
        true as is_ratio,
        'share' as unit,
        is_reported_1y as is_reported,
        least(nullif(persons_count, 0), nullif(denominator, 0)) as disclosure_count
    from counted

)

select * from final
