-- Recipients by age as shares of all recipients, and adults by months with aid in the year (over all municipalities).
with

recipient_breakdowns as (

    select * from {{ ref('int_recipient_breakdowns') }}

),

person_area_years as (

    select * from {{ ref('int_person_area_years') }}
    where is_recipient_1y and is_adult

),

duration_bands as (

    select * from {{ ref('duration_bands') }}

),

age_share as (

    select
        by_age.geography_id,
        by_age.period_year,
        by_age.is_reported_1y,
        by_age.breakdown,
        by_age.recipients,
        of_all_ages.recipients as all_recipients
    from recipient_breakdowns as by_age
    inner join recipient_breakdowns as of_all_ages
        on
            by_age.geography_id = of_all_ages.geography_id
            and by_age.period_year = of_all_ages.period_year
            and coalesce('sex=' || by_age.sex, 'total') = of_all_ages.breakdown
    where by_age.age_band is not null

),

month_counts as (

    select
        geography_id,
        period_year,
        sex,
        months_count,
        is_additive,
        count(*) as adults_count
    from person_area_years
    group by geography_id, period_year, sex, months_count, is_additive

),

months_by_area as (

    {{ summed_upwards('month_counts', ['period_year', 'sex', 'months_count'], ['adults_count']) }}

),

by_duration as (

    select
        months_by_area.geography_id,
        months_by_area.period_year,
        duration_bands.duration_band,
        coalesce('sex=' || months_by_area.sex, 'total') as sex_part,
        sum(months_by_area.adults_count) as adults_count
    from months_by_area
    inner join duration_bands
        on months_by_area.months_count between duration_bands.months_from and duration_bands.months_to
    group by grouping sets (
        (months_by_area.geography_id, months_by_area.period_year, duration_bands.duration_band),
        (months_by_area.geography_id, months_by_area.period_year, duration_bands.duration_band, months_by_area.sex)
    )

),

duration as (

    select
        recipient_breakdowns.geography_id,
        recipient_breakdowns.period_year,
        recipient_breakdowns.is_reported_1y,
        case when recipient_breakdowns.sex is null then '' else recipient_breakdowns.breakdown || ';' end
        || 'duration=' || duration_bands.duration_band as breakdown,
        cast(coalesce(by_duration.adults_count, 0) as bigint) as adults_count,
        recipient_breakdowns.adult_recipients as all_adults_count
    from recipient_breakdowns
    cross join duration_bands
    left join by_duration
        on
            recipient_breakdowns.geography_id = by_duration.geography_id
            and recipient_breakdowns.period_year = by_duration.period_year
            and recipient_breakdowns.breakdown = by_duration.sex_part
            and duration_bands.duration_band = by_duration.duration_band
    where recipient_breakdowns.age_band is null and recipient_breakdowns.origin is null

),

final as (

    {{ indicator_rows('age_share', [
        {'id': 'age_share', 'numerator': 'recipients', 'denominator': 'all_recipients', 'is_reported': 'is_reported_1y'},
    ]) }}
    union all
    {{ indicator_rows('duration', [
        {'id': 'adult_recipients', 'numerator': 'adults_count', 'is_reported': 'is_reported_1y'},
        {
            'id': 'duration_share',
            'numerator': 'adults_count',
            'denominator': 'all_adults_count',
            'is_reported': 'is_reported_1y',
        },
    ]) }}

)

select * from final
