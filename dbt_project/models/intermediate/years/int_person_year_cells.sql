-- Persons of a municipality and year whose months are all delivered, by everything that is known of their year. A person
-- is in one row of each municipality where they had aid: within a municipality any cross is a plain sum, over
-- municipalities it is not.
{% set traits = [
    'sex', 'age_band', 'origin', 'children', 'household_type', 'district', 'months_count', 'months_everywhere_count',
    'municipalities_count', 'is_longterm_person_wide', 'is_longterm_within_municipality', 'is_very_longterm_interior',
    'is_very_longterm_window', 'reason_most_frequent', 'reason_latest', 'registered_reason', 'second_reason',
    'is_reason_changed', 'is_sick_without_benefit', 'has_entered', 'has_ended',
] %}
with

person_area_years as (

    select * from {{ ref('int_person_area_years') }}
    where is_recipient_1y

),

person_years as (

    select * from {{ ref('int_person_years') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

year_traits as (

    select * from {{ ref('int_person_year_traits') }}

),

children as (

    select * from {{ ref('int_person_children') }}

),

districts as (

    select * from {{ ref('int_person_districts') }}

),

reasons as (

    select * from {{ ref('int_person_area_reasons') }}

),

registrations as (

    select * from {{ ref('int_person_year_registrations') }}

),

flow_periods as (

    select * from {{ ref('int_flow_periods') }}
    where length(period) = 4

),

edges as (

    select
        person_id,
        municipality_code,
        period_year,
        bool_or(is_entry) as has_entered,
        bool_or(is_exit) as has_ended
    from {{ ref('int_spell_edges') }}
    group by person_id, municipality_code, period_year

),

persons as (

    select
        person_area_years.geography_id as municipality_code,
        person_area_years.period_year,
        person_area_years.is_adult,
        person_area_years.sex,
        person_area_years.age_band,
        person_area_years.origin,
        case
            when children.has_children then 'med_barn'
            when not children.has_children then 'utan_barn'
            else 'uppgift_saknas'
        end as children,
        year_traits.household_type,
        districts.district,
        {{ months_in('person_area_years.month_bits') }} as months_count,
        person_area_years.months_count as months_everywhere_count,
        person_years.municipalities_count,
        person_area_years.is_longterm_person_wide,
        person_area_years.is_longterm_within_municipality,
        case when municipality_years.is_complete_3y then person_area_years.is_very_longterm_interior end
            as is_very_longterm_interior,
        case when municipality_years.is_complete_3y then person_area_years.is_very_longterm_window end
            as is_very_longterm_window,
        reasons.reason_most_frequent,
        reasons.reason_latest,
        registrations.registered_reason,
        registrations.second_reason,
        reasons.is_reason_changed,
        reasons.is_sick_without_benefit,
        case when flow_periods.is_entry_reported then coalesce(edges.has_entered, false) end as has_entered,
        case when flow_periods.is_exit_reported then coalesce(edges.has_ended, false) end as has_ended,
        -- an amount that is not stated is unknown and never 0
        case when municipality_years.is_paid_complete_1y then coalesce(year_traits.paid_sek, 0) end as paid_sek,
        case when municipality_years.is_paid_complete_1y then coalesce(year_traits.forsorjningsstod_sek, 0) end
            as forsorjningsstod_sek
    from person_area_years
    inner join municipality_years
        on
            person_area_years.geography_id = municipality_years.municipality_code
            and person_area_years.period_year = municipality_years.period_year
    inner join person_years
        on
            person_area_years.person_id = person_years.person_id
            and person_area_years.period_year = person_years.period_year
    left join flow_periods
        on
            person_area_years.geography_id = flow_periods.municipality_code
            and person_area_years.period_year = flow_periods.period_year
    left join year_traits
        on
            person_area_years.person_id = year_traits.person_id
            and person_area_years.geography_id = year_traits.municipality_code
            and person_area_years.period_year = year_traits.period_year
    left join children
        on
            person_area_years.person_id = children.person_id
            and person_area_years.period_year = children.period_year
    left join districts
        on
            person_area_years.person_id = districts.person_id
            and person_area_years.geography_id = districts.municipality_code
            and person_area_years.period_year = districts.period_year
    left join reasons
        on
            person_area_years.person_id = reasons.person_id
            and person_area_years.geography_id = reasons.geography_id
            and person_area_years.period_year = reasons.period_year
    left join registrations
        on
            person_area_years.person_id = registrations.person_id
            and person_area_years.geography_id = registrations.municipality_code
            and person_area_years.period_year = registrations.period_year
    left join edges
        on
            person_area_years.person_id = edges.person_id
            and person_area_years.geography_id = edges.municipality_code
            and person_area_years.period_year = edges.period_year

),

final as (

    select
        municipality_code,
        period_year,
        is_adult,
        {{ traits | join(',\n        ') }},
        count(*) as persons_count,
        cast(sum(paid_sek) as decimal(18, 2)) as paid_sek,
        cast(sum(forsorjningsstod_sek) as decimal(18, 2)) as forsorjningsstod_sek
    from persons
    group by
        municipality_code,
        period_year,
        is_adult,
        {{ traits | join(',\n        ') }}

)

select * from final
