-- Persons and households of the municipalities that state a district in the year, each in one district; those without
-- one stand under uppgift_saknas, so that the districts add up to the municipality.
with

person_area_years as (

    select * from {{ ref('int_person_area_years') }}
    where is_recipient_1y

),

household_years as (

    select * from {{ ref('int_household_years') }}

),

person_districts as (

    select * from {{ ref('int_person_districts') }}

),

household_districts as (

    select * from {{ ref('int_household_districts') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

districts as (

    select
        municipality_code,
        period_year,
        district
    from person_districts
    union
    select
        municipality_code,
        period_year,
        district
    from household_districts
    union
    select
        municipality_code,
        period_year,
        'uppgift_saknas' as district
    from household_districts

),

with_districts as (

    select distinct
        districts.municipality_code,
        districts.period_year,
        municipality_years.is_complete_1y,
        municipality_years.is_paid_complete_1y
    from districts
    inner join municipality_years
        on
            districts.municipality_code = municipality_years.municipality_code
            and districts.period_year = municipality_years.period_year

),

persons as (

    select
        person_area_years.geography_id as municipality_code,
        person_area_years.period_year,
        coalesce(person_districts.district, 'uppgift_saknas') as district,
        count(*) as recipients,
        count(case when person_area_years.is_adult then 1 end) as adult_recipients,
        count(case when not person_area_years.is_adult then 1 end) as child_recipients,
        count(case when person_area_years.is_adult and person_area_years.is_longterm_person_wide then 1 end)
            as longterm_adults
    from person_area_years
    inner join with_districts
        on
            person_area_years.geography_id = with_districts.municipality_code
            and person_area_years.period_year = with_districts.period_year
    left join person_districts
        on
            person_area_years.person_id = person_districts.person_id
            and person_area_years.geography_id = person_districts.municipality_code
            and person_area_years.period_year = person_districts.period_year
    group by
        person_area_years.geography_id, person_area_years.period_year,
        coalesce(person_districts.district, 'uppgift_saknas')

),

households as (

    select
        household_years.municipality_code,
        household_years.period_year,
        coalesce(household_districts.district, 'uppgift_saknas') as district,
        count(*) as households,
        sum(household_years.paid_sek) as paid_sek
    from household_years
    inner join with_districts
        on
            household_years.municipality_code = with_districts.municipality_code
            and household_years.period_year = with_districts.period_year
            and with_districts.is_complete_1y
    left join household_districts
        on
            household_years.household_id = household_districts.household_id
            and household_years.municipality_code = household_districts.municipality_code
            and household_years.period_year = household_districts.period_year
    group by
        household_years.municipality_code, household_years.period_year,
        coalesce(household_districts.district, 'uppgift_saknas')

),

final as (

    select
        districts.municipality_code as geography_id,
        districts.period_year,
        districts.district,
        with_districts.is_complete_1y as is_reported_1y,
        with_districts.is_paid_complete_1y as is_paid_reported_1y,
        cast(coalesce(persons.recipients, 0) as bigint) as recipients,
        cast(coalesce(persons.adult_recipients, 0) as bigint) as adult_recipients,
        cast(coalesce(persons.child_recipients, 0) as bigint) as child_recipients,
        cast(coalesce(persons.longterm_adults, 0) as bigint) as longterm_adults,
        cast(coalesce(households.households, 0) as bigint) as households,
        cast(coalesce(households.paid_sek, 0) as decimal(18, 2)) as paid_sek
    from districts
    inner join with_districts
        on
            districts.municipality_code = with_districts.municipality_code
            and districts.period_year = with_districts.period_year
    left join persons
        on
            districts.municipality_code = persons.municipality_code
            and districts.period_year = persons.period_year
            and districts.district = persons.district
    left join households
        on
            districts.municipality_code = households.municipality_code
            and districts.period_year = households.period_year
            and districts.district = households.district

)

select * from final
