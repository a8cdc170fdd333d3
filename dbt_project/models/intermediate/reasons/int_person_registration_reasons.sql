-- The registration reason of the most months of the year (the latest of those, then the first by code), of each adult in
-- each area and publication category whose registration reasons belong to different groups. Few rows.
with

person_months as (

    select * from {{ ref('stg_register__person_months') }}
    where role in ('RL', 'MS')

),

split_reasons as (

    select distinct
        registration_reason as reason_code,
        publication_category
    from {{ ref('int_reason_groupings') }}
    where registration_reason is not null

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}
    where is_complete_1y

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

in_municipality as (

    select
        person_months.person_id,
        person_months.municipality_code,
        person_months.period_year,
        split_reasons.publication_category,
        person_months.reason_code,
        bit_or({{ month_bit('person_months.month_number') }}) as month_bits
    from person_months
    inner join split_reasons
        on person_months.reason_code = split_reasons.reason_code
    group by
        person_months.person_id, person_months.municipality_code, person_months.period_year,
        split_reasons.publication_category, person_months.reason_code

),

in_area as (

    select
        in_municipality.person_id,
        member_years.geography_id,
        in_municipality.period_year,
        in_municipality.publication_category,
        in_municipality.reason_code,
        bit_or(in_municipality.month_bits) as month_bits
    from in_municipality
    inner join municipality_years
        on
            in_municipality.municipality_code = municipality_years.municipality_code
            and in_municipality.period_year = municipality_years.period_year
    inner join member_years
        on
            in_municipality.municipality_code = member_years.municipality_code
            and in_municipality.period_year = member_years.period_year
    group by
        in_municipality.person_id, member_years.geography_id, in_municipality.period_year,
        in_municipality.publication_category, in_municipality.reason_code

),

ranked as (

    select
        *,
        row_number() over (
            partition by person_id, geography_id, period_year, publication_category
            order by {{ months_in('month_bits') }} desc, {{ highest_month('month_bits') }} desc, reason_code asc
        ) as place
    from in_area

),

final as (

    select
        person_id,
        geography_id,
        period_year,
        publication_category,
        reason_code as registration_reason
    from ranked
    where place = 1

)

select * from final
