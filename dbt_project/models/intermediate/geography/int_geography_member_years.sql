-- The memberships that figures are counted for, year by year, so that a municipality that changed county counts in one
-- of them at a time. Similar municipalities overlap and are many: their figures are worked out in the comparison only.
with

memberships as (

    select * from {{ ref('int_geography_memberships') }}
    where geography_type <> 'similar'

),

register_years as (

    select * from {{ ref('int_register_years') }}

),

final as (

    select
        memberships.municipality_code,
        register_years.period_year,
        memberships.geography_id,
        memberships.geography_type
    from memberships
    inner join register_years
        on
            register_years.period_year >= coalesce(memberships.first_year, register_years.period_year)
            and register_years.period_year <= coalesce(memberships.last_year, register_years.period_year)

)

select * from final
