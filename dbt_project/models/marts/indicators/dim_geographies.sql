with

municipalities as (

    select * from {{ ref('municipalities') }}

),

geography_members as (

    select * from {{ ref('int_geography_members') }}

),

municipality_years as (

    select distinct municipality_code from {{ ref('int_municipality_years') }}

),

names as (

    select
        municipality_code as geography_id,
        municipality_name as geography_name,
        county_code,
        skr_group_code,
        last_year
    from municipalities
    union all
    select
        'lan:' || county_code,
        min(county_name),
        county_code,
        null,
        min(coalesce(last_year, 9999))
    from municipalities
    group by county_code
    union all
    select
        'skr:' || skr_group_code,
        skr_group_code || ' ' || min(skr_group_name),
        null,
        skr_group_code,
        null
    from municipalities
    where skr_group_code is not null
    group by skr_group_code
    union all
    select
        '0000',
        'Riket',
        null,
        null,
        null

),

members as (

    select
        geography_members.geography_id,
        geography_members.geography_type,
        cast(count(case when municipalities.last_year is null then 1 end) as integer) as municipalities_count,
        cast(count(municipality_years.municipality_code) as integer) as municipalities_delivering_count
    from geography_members
    inner join municipalities
        on geography_members.municipality_code = municipalities.municipality_code
    left join municipality_years
        on geography_members.municipality_code = municipality_years.municipality_code
    group by geography_members.geography_id, geography_members.geography_type

),

final as (

    select
        names.geography_id,
        names.geography_name,
        members.geography_type,
        names.county_code,
        names.skr_group_code,
        members.municipalities_delivering_count > 0 as has_deliveries,
        members.municipalities_count,
        members.municipalities_delivering_count
    from names
    inner join members
        on names.geography_id = members.geography_id

)

select * from final
