-- Distinct persons by breakdown. One with several reasons in a month stands in each of them, so reasons may add up to
-- more than all.
with

months as (

    select
        target_group_months.*,
        target_group_months.municipality_code as geography_id,
        bands.age_band,
        month_bands.age_band as month_band
    from {{ ref('int_target_group_months') }} as target_group_months
    inner join {{ target_group_bands() }} as bands
        on
            target_group_months.period_year - target_group_months.birth_year
            between bands.age_from and bands.age_to
    inner join {{ target_group_bands() }} as month_bands
        on target_group_months.age between month_bands.age_from and month_bands.age_to

),

reasons as (

    select
        *,
        municipality_code as geography_id
    from {{ ref('int_target_group_reasons') }}

),

months_in_areas as (

    select
        person_id,
        geography_id,
        period_year,
        month_number,
        sex,
        age_band,
        month_band,
        is_exempt,
        has_young_child,
        is_six_months,
        is_additive
    from months
    union all
    {{ in_larger_areas('months', ['month_number', 'sex', 'age_band', 'month_band'], {
        'is_exempt': 'bool_and(is_exempt)',
        'has_young_child': 'bool_or(has_young_child)',
        'is_six_months': 'bool_or(is_six_months)',
    }) }}

),

reasons_in_areas as (

    select
        person_id,
        geography_id,
        period_year,
        month_number,
        publication_category,
        is_exempt,
        is_additive
    from reasons
    union all
    {{ in_larger_areas('reasons', ['month_number', 'publication_category'], {'is_exempt': 'bool_and(is_exempt)'}) }}

),

by_trait as (

    select
        geography_id,
        period_year,
        month_number,
        is_additive,
        coalesce(
            'sex=' || sex, 'age=' || age_band, 'age_month=' || month_band,
            'young_child=' || case when has_young_child then 'ja' when not has_young_child then 'nej' end, 'total'
        ) as breakdown,
        count(*) as three_months_count,
        count(case when is_exempt then 1 end) as exempt_count,
        count(case when is_six_months then 1 end) as six_months_count
    from months_in_areas
    group by grouping sets (
        (geography_id, period_year, month_number, is_additive),
        (geography_id, period_year, month_number, is_additive, sex),
        (geography_id, period_year, month_number, is_additive, age_band),
        (geography_id, period_year, month_number, is_additive, month_band),
        (geography_id, period_year, month_number, is_additive, has_young_child)
    )

),

placed as (

    select * from by_trait
    union all
    select
        geography_id,
        period_year,
        month_number,
        is_additive,
        'reason=' || publication_category as breakdown,
        count(*) as three_months_count,
        count(case when is_exempt then 1 end) as exempt_count,
        0 as six_months_count
    from reasons_in_areas
    group by geography_id, period_year, month_number, is_additive, publication_category

),

final as (

    {{ summed_upwards(
        'placed',
        ['period_year', 'month_number', 'breakdown'],
        ['three_months_count', 'exempt_count', 'six_months_count']
    ) }}

)

select * from final
