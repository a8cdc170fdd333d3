-- The yearly reason of a person in an area, and what else the year's reasons say of them.
with

reason_months as (

    select * from {{ ref('int_person_area_reason_months') }}

),

registration_reasons as (

    select * from {{ ref('int_person_registration_reasons') }}

),

yearly as (

    {{ yearly_reason('reason_months') }}

),

final as (

    select
        yearly.person_id,
        yearly.geography_id,
        yearly.period_year,
        yearly.reason_most_frequent,
        yearly.reason_latest,
        -- only where it decides the group of reason_most_frequent
        registration_reasons.registration_reason,
        yearly.stated_reasons_count > 0 as is_reason_stated,
        yearly.stated_reasons_count > 1 as is_reason_changed,
        yearly.any_reasons_count = 0 as is_reason_never_stated,
        yearly.is_sick_without_benefit
    from yearly
    left join registration_reasons
        on
            yearly.person_id = registration_reasons.person_id
            and yearly.geography_id = registration_reasons.geography_id
            and yearly.period_year = registration_reasons.period_year
            and yearly.reason_most_frequent = registration_reasons.publication_category

)

select * from final
