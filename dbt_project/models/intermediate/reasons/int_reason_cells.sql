{% set measures = [
    'adults_count', 'longterm_adults_count', 'stated_adults_count', 'changed_adults_count', 'never_stated_adults_count',
    'sick_without_benefit_adults_count',
] %}

with

person_area_reasons as (

    select * from {{ ref('int_person_area_reasons') }}

),

person_area_years as (

    select * from {{ ref('int_person_area_years') }}

),

person_children as (

    select * from {{ ref('int_person_children') }}

),

duration_bands as (

    select * from {{ ref('duration_bands') }}

),

persons as (

    select
        person_area_reasons.geography_id,
        person_area_reasons.period_year,
        person_area_years.sex,
        person_area_years.age_band,
        person_area_years.origin,
        case
            when person_children.has_children then 'med_barn'
            when not person_children.has_children then 'utan_barn'
            else 'uppgift_saknas'
        end as children,
        person_area_years.is_longterm_person_wide,
        duration_bands.duration_band,
        person_area_years.is_additive,
        person_area_reasons.reason_most_frequent,
        person_area_reasons.reason_latest,
        person_area_reasons.registration_reason,
        person_area_reasons.is_reason_stated,
        person_area_reasons.is_reason_changed,
        person_area_reasons.is_reason_never_stated,
        person_area_reasons.is_sick_without_benefit
    from person_area_reasons
    inner join person_area_years
        on
            person_area_reasons.person_id = person_area_years.person_id
            and person_area_reasons.geography_id = person_area_years.geography_id
            and person_area_reasons.period_year = person_area_years.period_year
    inner join duration_bands
        on person_area_years.months_count between duration_bands.months_from and duration_bands.months_to
    left join person_children
        on
            person_area_reasons.person_id = person_children.person_id
            and person_area_reasons.period_year = person_children.period_year

),

counts as (

    select
        geography_id,
        period_year,
        sex,
        age_band,
        origin,
        children,
        duration_band,
        reason_most_frequent,
        reason_latest,
        registration_reason,
        is_additive,
        count(*) as adults_count,
        count(case when is_longterm_person_wide then 1 end) as longterm_adults_count,
        count(case when is_reason_stated then 1 end) as stated_adults_count,
        count(case when is_reason_changed then 1 end) as changed_adults_count,
        count(case when is_reason_never_stated then 1 end) as never_stated_adults_count,
        count(case when is_sick_without_benefit then 1 end) as sick_without_benefit_adults_count
    from persons
    group by
        geography_id, period_year, sex, age_band, origin, children, duration_band, reason_most_frequent, reason_latest,
        registration_reason, is_additive

),

final as (

    {{ summed_upwards(
        'counts',
        [
            'period_year', 'sex', 'age_band', 'origin', 'children', 'duration_band', 'reason_most_frequent',
            'reason_latest', 'registration_reason'
        ],
        measures
    ) }}

)

select * from final
