with

person_area_reasons as (

    select * from {{ ref('int_person_area_reasons') }}

),

person_area_years as (

    select * from {{ ref('int_person_area_years') }}

),

persons as (

    select
        person_area_reasons.geography_id,
        person_area_reasons.period_year,
        person_area_years.sex,
        person_area_years.age_band,
        person_area_years.origin,
        person_area_years.is_longterm_person_wide,
        person_area_years.is_additive,
        person_area_reasons.reason_most_frequent,
        person_area_reasons.reason_latest
    from person_area_reasons
    inner join person_area_years
        on
            person_area_reasons.person_id = person_area_years.person_id
            and person_area_reasons.geography_id = person_area_years.geography_id
            and person_area_reasons.period_year = person_area_years.period_year

),

counts as (

    select
        geography_id,
        period_year,
        sex,
        age_band,
        origin,
        is_longterm_person_wide,
        reason_most_frequent,
        reason_latest,
        is_additive,
        count(*) as adults_count
    from persons
    group by
        geography_id, period_year, sex, age_band, origin, is_longterm_person_wide,
        reason_most_frequent, reason_latest, is_additive

),

final as (

    {{ summed_upwards(
        'counts',
        ['period_year', 'sex', 'age_band', 'origin', 'is_longterm_person_wide', 'reason_most_frequent', 'reason_latest'],
        ['adults_count']
    ) }}

)

select * from final
