-- A household lies in one municipality, so households add up. A child who lives with two parents counts whole here: the
-- register does not say so.
with

household_children as (

    select * from {{ ref('int_household_children') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

rules as (

    select * from {{ constants(['cap_children']) }} as rule_values

),

final as (

    select
        member_years.geography_id,
        household_children.period_year,
        household_children.month_number,
        count(*) as households_count
    from household_children
    cross join rules
    inner join member_years
        on
            household_children.municipality_code = member_years.municipality_code
            and household_children.period_year = member_years.period_year
    where household_children.children_count > rules.cap_children
    group by member_years.geography_id, household_children.period_year, household_children.month_number

)

select * from final
