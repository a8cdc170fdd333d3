with

counts as (

    select * from {{ ref('person_year_counts') }}
    where is_adult

),

municipalities as (

    select * from {{ ref('dim_geographies') }}
    where geography_type = 'municipality'

),

final as (

    select
        counts.municipality_code,
        municipalities.geography_name as municipality_name,
        counts.period_year,
        counts.sex,
        counts.age_band,
        counts.origin,
        counts.children,
        counts.household_type,
        counts.district,
        counts.months_count,
        counts.months_everywhere_count,
        counts.municipalities_count,
        counts.is_longterm_person_wide,
        counts.is_longterm_within_municipality,
        counts.is_very_longterm_interior,
        counts.is_very_longterm_window,
        counts.reason_most_frequent,
        counts.reason_latest,
        counts.registered_reason,
        counts.second_reason,
        counts.is_reason_changed,
        counts.is_sick_without_benefit,
        counts.has_entered,
        counts.has_ended,
        counts.persons_count as adults_count,
        cast(counts.paid_sek as double) as paid_sek,
        cast(counts.forsorjningsstod_sek as double) as forsorjningsstod_sek
    from counts
    inner join municipalities
        on counts.municipality_code = municipalities.geography_id

)

select * from final
