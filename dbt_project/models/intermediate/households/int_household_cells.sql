-- A household is counted within its municipality, so counts of municipalities add up to those of areas.
with

household_years as (

    select * from {{ ref('int_household_years') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

definitions as (

    select * from {{ ref('definitions') }}
    where definition_id = 'longterm:within_municipality'

),

by_municipality as (

    select
        household_years.municipality_code,
        household_years.period_year,
        household_years.household_type,
        count(*) as households_count,
        count(case when household_years.months_count >= definitions.min_months then 1 end) as longterm_households_count,
        sum(household_years.months_count) as household_months_count,
        count(household_years.paid_sek) as paid_households_count,
        coalesce(sum(household_years.paid_sek), 0) as paid_sek
    from household_years
    cross join definitions
    group by household_years.municipality_code, household_years.period_year, household_years.household_type

),

final as (

    select
        member_years.geography_id,
        by_municipality.period_year,
        by_municipality.household_type,
        cast(sum(by_municipality.households_count) as bigint) as households_count,
        cast(sum(by_municipality.longterm_households_count) as bigint) as longterm_households_count,
        cast(sum(by_municipality.household_months_count) as bigint) as household_months_count,
        -- money only of municipalities that have told it for the whole year, and the households behind it
        cast(sum(
            case when municipality_years.is_paid_complete_1y then by_municipality.paid_households_count else 0 end
        ) as bigint) as paid_households_count,
        cast(sum(
            case when municipality_years.is_paid_complete_1y then by_municipality.paid_sek else 0 end
        ) as decimal(18, 2)) as paid_sek
    from by_municipality
    inner join municipality_years
        on
            by_municipality.municipality_code = municipality_years.municipality_code
            and by_municipality.period_year = municipality_years.period_year
    inner join member_years
        on
            by_municipality.municipality_code = member_years.municipality_code
            and by_municipality.period_year = member_years.period_year
    where municipality_years.is_complete_1y
    group by member_years.geography_id, by_municipality.period_year, by_municipality.household_type

)

select * from final
