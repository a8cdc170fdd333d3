with

memberships as (

    select * from {{ ref('int_geography_memberships') }}
    where geography_type <> 'municipality'

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

final as (

    select
        memberships.geography_id,
        areas.geography_name,
        memberships.geography_type,
        memberships.municipality_code,
        municipalities.geography_name as municipality_name,
        memberships.first_year,
        memberships.last_year
    from memberships
    inner join geographies as areas
        on memberships.geography_id = areas.geography_id
    inner join geographies as municipalities
        on memberships.municipality_code = municipalities.geography_id

)

select * from final
