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

reason_breakdowns as (

    select * from {{ ref('int_reason_breakdowns') }}
    where definition_id = 'reason:most_frequent' and is_by_sex_only

),

reason_groupings as (

    select * from {{ ref('int_reason_groupings') }}

),

grouped as (

    select
        reason_breakdowns.geography_id,
        reason_breakdowns.period_year,
        reason_breakdowns.is_reported_1y,
        reason_breakdowns.breakdown,
        reason_groupings.grouping_id || '=' || reason_groupings.reason_group as reason_group,
        cast(sum(reason_breakdowns.adults_count) as bigint) as adults_count,
        max(reason_breakdowns.all_adults_count) as all_adults_count
    from reason_breakdowns
    inner join reason_groupings
        on reason_breakdowns.reason = reason_groupings.publication_category
    group by
        reason_breakdowns.geography_id,
        reason_breakdowns.period_year,
        reason_breakdowns.is_reported_1y,
        reason_breakdowns.breakdown,
        reason_groupings.grouping_id,
        reason_groupings.reason_group

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
