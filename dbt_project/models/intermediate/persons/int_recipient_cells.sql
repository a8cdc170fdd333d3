{% set measures = [
    'recipients_1y', 'recipients_3y', 'longterm_person_wide', 'longterm_within_municipality',
    'municipality_method_differs', 'very_longterm_interior', 'very_longterm_window', 'break_rule_differs',
    'very_longterm_not_longterm',
] %}

with

person_area_years as (

    select * from {{ ref('int_person_area_years') }}

),

counts as (

    select
        geography_id,
        period_year,
        sex,
        age_band,
        origin,
        is_additive,
        count(case when is_recipient_1y then 1 end) as recipients_1y,
        count(case when is_recipient_3y then 1 end) as recipients_3y,
        count(case when is_longterm_person_wide then 1 end) as longterm_person_wide,
        count(case when is_longterm_within_municipality then 1 end) as longterm_within_municipality,
        count(case when is_longterm_person_wide <> is_longterm_within_municipality then 1 end)
            as municipality_method_differs,
        count(case when is_very_longterm_interior then 1 end) as very_longterm_interior,
        count(case when is_very_longterm_window then 1 end) as very_longterm_window,
        count(case when is_very_longterm_interior <> is_very_longterm_window then 1 end) as break_rule_differs,
        count(case when is_very_longterm_interior and not is_longterm_person_wide then 1 end)
            as very_longterm_not_longterm
    from person_area_years
    where is_recipient_1y or is_recipient_3y
    group by geography_id, period_year, sex, age_band, origin, is_additive

),

final as (

    {{ summed_upwards('counts', ['period_year', 'sex', 'age_band', 'origin'], measures) }}

)

select * from final
