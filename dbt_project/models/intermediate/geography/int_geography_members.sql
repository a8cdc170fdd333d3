-- A municipality is a member of itself, its county, its SKR group and the country. The group of today is used for
-- all years; a code that has ended has no group.
with

municipalities as (

    select * from {{ ref('municipalities') }}

),

final as (

    select
        municipality_code,
        municipality_code as geography_id,
        'municipality' as geography_type
    from municipalities
    union all
    select
        municipality_code,
        'lan:' || county_code as geography_id,
        'county' as geography_type
    from municipalities
    union all
    select
        municipality_code,
        'skr:' || skr_group_code as geography_id,
        'skr_group' as geography_type
    from municipalities
    where skr_group_code is not null
    union all
    select
        municipality_code,
        '0000' as geography_id,
        'country' as geography_type
    from municipalities

)

select * from final
