-- Persons do not add up over municipalities: one who had aid in two counts once in their county, group and country.
-- Those with a single municipality do add up (is_additive) and are summed upwards as counts later; only the few with
-- several are written for each larger area. A figure stands on the municipalities whose window is wholly delivered.
with

person_municipality_years as (

    select * from {{ ref('int_person_municipality_years') }}

),

person_years as (

    select * from {{ ref('int_person_years') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

definitions as (

    select * from {{ ref('definitions') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}
    where is_finest

),

within_municipality as (

    select min_months from definitions
    where definition_id = 'longterm:within_municipality'

),

in_municipality as (

    select
        person_municipality_years.person_id,
        person_municipality_years.municipality_code as geography_id,
        person_municipality_years.period_year,
        person_years.sex,
        age_bands.age_band,
        person_years.age >= 18 as is_adult,
        case
            when person_years.is_foreign_born then 'utrikes_fodda'
            when not person_years.is_foreign_born then 'inrikes_fodda'
            else 'uppgift_saknas'
        end as origin,
        person_years.months_count,
        person_municipality_years.month_bits,
        cast({{ whole_quarters('person_municipality_years.month_bits', 'municipality_years.delivered_bits') }} as bigint)
            as quarter_bits,
        person_municipality_years.is_applicant,
        municipality_years.is_complete_1y as is_recipient_1y,
        municipality_years.is_complete_3y as is_recipient_3y,
        municipality_years.is_complete_1y
        and person_years.is_longterm
        and person_years.last_municipality_code = person_municipality_years.municipality_code as is_longterm_person_wide,
        municipality_years.is_complete_1y
        and person_municipality_years.months_count >= within_municipality.min_months as is_longterm_within_municipality,
        municipality_years.is_complete_3y
        and person_years.is_very_longterm_interior
        and person_years.last_municipality_code = person_municipality_years.municipality_code
            as is_very_longterm_interior,
        municipality_years.is_complete_3y
        and person_years.is_very_longterm_window
        and person_years.last_municipality_code = person_municipality_years.municipality_code as is_very_longterm_window,
        person_years.municipalities_count = 1 as is_additive
    from person_municipality_years
    inner join person_years
        on
            person_municipality_years.person_id = person_years.person_id
            and person_municipality_years.period_year = person_years.period_year
    inner join municipality_years
        on
            person_municipality_years.municipality_code = municipality_years.municipality_code
            and person_municipality_years.period_year = municipality_years.period_year
    inner join age_bands
        on person_years.age between age_bands.age_from and age_bands.age_to
    cross join within_municipality

),

in_larger_area as (

    {{ in_larger_areas(
        'in_municipality',
        ['sex', 'age_band', 'is_adult', 'origin', 'months_count'],
        {
            'month_bits': 'bit_or(month_bits)',
            'quarter_bits': 'bit_or(quarter_bits)',
            'is_applicant': 'bool_or(is_applicant and is_recipient_1y)',
            'is_recipient_1y': 'bool_or(is_recipient_1y)',
            'is_recipient_3y': 'bool_or(is_recipient_3y)',
            'is_longterm_person_wide': 'bool_or(is_longterm_person_wide)',
            'is_longterm_within_municipality': 'bool_or(is_longterm_within_municipality)',
            'is_very_longterm_interior': 'bool_or(is_very_longterm_interior)',
            'is_very_longterm_window': 'bool_or(is_very_longterm_window)',
        }
    ) }}

),

final as (

    select * from in_municipality
    union all
    select * from in_larger_area

)

select * from final
