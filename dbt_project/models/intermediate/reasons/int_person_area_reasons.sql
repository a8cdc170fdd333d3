-- The same shape as int_person_area_years: every person in each municipality, and in larger areas those with several.
with

person_reason_months as (

    select * from {{ ref('int_person_reason_months') }}

),

person_years as (

    select * from {{ ref('int_person_years') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

in_municipality as (

    select
        person_reason_months.person_id,
        person_reason_months.municipality_code as geography_id,
        person_reason_months.period_year,
        person_reason_months.publication_category,
        person_reason_months.month_bits
    from person_reason_months
    inner join municipality_years
        on
            person_reason_months.municipality_code = municipality_years.municipality_code
            and person_reason_months.period_year = municipality_years.period_year
    where municipality_years.is_complete_1y

),

in_larger_area as (

    select
        in_municipality.person_id,
        member_years.geography_id,
        in_municipality.period_year,
        in_municipality.publication_category,
        bit_or(in_municipality.month_bits) as month_bits
    from in_municipality
    inner join person_years
        on
            in_municipality.person_id = person_years.person_id
            and in_municipality.period_year = person_years.period_year
    inner join member_years
        on
            in_municipality.geography_id = member_years.municipality_code
            and in_municipality.period_year = member_years.period_year
            and member_years.geography_type <> 'municipality'
    where person_years.municipalities_count > 1
    group by
        in_municipality.person_id,
        member_years.geography_id,
        in_municipality.period_year,
        in_municipality.publication_category

),

reason_months as (

    select * from in_municipality
    union all
    select * from in_larger_area

),

final as (

    {{ yearly_reason('reason_months') }}

)

select * from final
