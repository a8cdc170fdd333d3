-- The yearly reason of a person in an area, and what else the year's reasons say of them.
{{ config(materialized='incremental') }}

with

reason_months as (

    select * from {{ ref('int_person_area_reason_months') }}
    where {{ in_reached_years() }}

),

yearly as (

    {{ yearly_reason('reason_months') }}

),

final as (

    select
        person_id,
        geography_id,
        period_year,
        reason_most_frequent,
        reason_latest,
        stated_reasons_count > 0 as is_reason_stated,
        stated_reasons_count > 1 as is_reason_changed,
        any_reasons_count = 0 as is_reason_never_stated,
        is_sick_without_benefit
    from yearly

)

select * from final
