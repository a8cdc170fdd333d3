-- The same shape as int_person_area_years: every person in each municipality, and in larger areas those with several.
with

person_reason_months as (

    select * from {{ ref('int_person_reason_months') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

in_municipality as (

    select
        person_reason_months.person_id,
        person_reason_months.municipality_code as geography_id,
        person_reason_months.period_year,
        person_reason_months.publication_category,
        person_reason_months.sex,
        person_reason_months.month_bits,
        person_reason_months.any_month_bits,
        person_reason_months.is_sick_without_benefit,
        person_reason_months.is_additive
    from person_reason_months
    inner join municipality_years
        on
            person_reason_months.municipality_code = municipality_years.municipality_code
            and person_reason_months.period_year = municipality_years.period_year
    where municipality_years.is_complete_1y

),

in_larger_area as (

    {{ in_larger_areas(
        'in_municipality',
        ['publication_category', 'sex'],
        {
            'month_bits': 'bit_or(month_bits)',
            'any_month_bits': 'bit_or(any_month_bits)',
            'is_sick_without_benefit': 'bool_or(is_sick_without_benefit)',
        }
    ) }}

),

larger_without_blanks as (

    select
        person_id,
        geography_id,
        period_year,
        publication_category,
        sex,
        {{ stated_before_blank('geography_id') }} as month_bits,
        any_month_bits,
        is_sick_without_benefit,
        is_additive
    from in_larger_area

),

final as (

    select * from in_municipality
    union all
    select * from larger_without_blanks
    where publication_category <> 'uppgift_saknas' or month_bits <> 0

)

select * from final
