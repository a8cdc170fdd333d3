{% set by_reason = {
    'id': 'reason_share',
    'is_reported': 'is_reported_1y',
    'breakdown': "concat_ws(';', nullif(breakdown, 'total'), 'reason=' || reason)",
} %}
{% set by_person = {'is_reported': 'is_reported_1y', 'where': "reason = 'uppgift_saknas'"} %}
{% set rows = [
    dict(by_reason, definition='reason:any', numerator='any_adults_count', denominator='adults_count'),
    dict(by_reason, definition='reason:months', numerator='person_months_count',
        denominator='all_person_months_count',
        people='month_adults_count'),
    dict(by_person, id='sick_without_benefit_share', definition='reason:any',
        numerator='sick_without_benefit_adults_count', denominator='adults_count'),
    dict(by_person, id='several_reasons_share', numerator='changed_adults_count', denominator='stated_adults_count'),
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

final as (

    {{ indicator_rows('reason_variants', rows) }}
    union all
    {{ indicator_rows('grouped', [{
        'id': 'reason_share',
        'definition': 'reason:most_frequent',
        'numerator': 'adults_count',
        'denominator': 'all_adults_count',
        'is_reported': 'is_reported_1y',
        'breakdown': "concat_ws(';', nullif(breakdown, 'total'), reason_group)",
    }]) }}

)

select * from final
