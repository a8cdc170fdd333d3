-- The groups that a municipality is compared with: those it belonged to in the year, and those like it.
with

geography_members as (

    select * from {{ ref('geography_members') }}

),

comparison_groups as (

    select * from {{ ref('comparison_groups') }}

),

references_of as (

    select
        municipality_code,
        geography_id,
        first_year,
        last_year
    from geography_members
    where geography_type in ('country', 'county', 'skr_group')
    union all
    select distinct
        substr(geography_id, 9),
        geography_id,
        cast(null as integer),
        cast(null as integer)
    from geography_members
    where geography_type = 'similar'

),

final as (

    select
        references_of.municipality_code,
        comparison_groups.*
    from references_of
    inner join comparison_groups
        on
            references_of.geography_id = comparison_groups.geography_id
            and cast(comparison_groups.period as integer)
            between coalesce(references_of.first_year, 0) and coalesce(references_of.last_year, 9999)

)

select * from final
