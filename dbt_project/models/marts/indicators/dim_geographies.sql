with

municipalities as (

    select * from {{ ref('municipalities') }}

),

memberships as (

    select * from {{ ref('int_geography_memberships') }}

),

renumbered as (

    select * from {{ ref('municipality_code_changes') }}
    where change_kind = 'renumbered'

),

main_groups as (

    select * from {{ ref('skr_main_groups') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

facts as (

    select * from {{ ref('int_municipality_facts') }}

),

breaks as (

    select
        geography_id,
        string_agg(cast(break_year as varchar), ', ' order by break_year) as break_years
    from {{ ref('int_series_breaks') }}
    group by geography_id

),

names as (

    select
        municipality_code as geography_id,
        municipality_name as geography_name,
        'municipality' as geography_type,
        county_code,
        skr_group_code,
        first_year,
        last_year
    from municipalities
    union all
    select
        'lan:' || county_code,
        min(county_name),
        'county',
        county_code,
        null,
        null,
        nullif(max(coalesce(last_year, 9999)), 9999)
    from municipalities
    group by county_code
    union all
    select
        'skr:' || skr_group_code,
        skr_group_code || ' ' || min(skr_group_name),
        'skr_group',
        null,
        skr_group_code,
        null,
        null
    from municipalities
    where skr_group_code is not null
    group by skr_group_code
    union all
    select
        'skr:' || skr_main_group_code,
        skr_main_group_code || ' ' || skr_main_group_name,
        'skr_main_group',
        null,
        skr_main_group_code,
        null,
        null
    from main_groups
    union all
    select distinct
        memberships.geography_id,
        'Liknande kommuner: ' || municipalities.municipality_name,
        'similar',
        cast(null as varchar),
        cast(null as varchar),
        cast(null as integer),
        cast(null as integer)
    from memberships
    inner join municipalities
        on memberships.geography_id = 'similar:' || municipalities.municipality_code
    union all
    select
        '0000',
        'Riket',
        'country',
        null,
        null,
        null,
        null

),

members as (

    select
        geography_id,
        cast(count(case when last_year is null then 1 end) as integer) as municipalities_count
    from memberships
    group by geography_id

),

delivering as (

    select
        memberships.geography_id,
        cast(count(distinct municipality_years.municipality_code) as integer) as municipalities_delivering_count
    from municipality_years
    inner join memberships
        on
            municipality_years.municipality_code = memberships.municipality_code
            and municipality_years.period_year
            between coalesce(memberships.first_year, municipality_years.period_year)
            and coalesce(memberships.last_year, municipality_years.period_year)
    group by memberships.geography_id

),

final as (

    select
        names.geography_id,
        -- a name stands once: a municipality that is no more had the name of the one that took its place
        case
            when names.last_year is null then names.geography_name
            else names.geography_name || ' (till ' || names.last_year || ')'
        end as geography_name,
        names.geography_type,
        names.last_year is null as is_current,
        names.county_code,
        names.skr_group_code,
        main_groups.classification_year,
        coalesce(delivering.municipalities_delivering_count, 0) > 0 as has_deliveries,
        coalesce(members.municipalities_count, 0) as municipalities_count,
        coalesce(delivering.municipalities_delivering_count, 0) as municipalities_delivering_count,
        names.first_year,
        names.last_year,
        coalesce(renumbered.to_code, names.geography_id) as today_geography_id,
        breaks.break_years,
        facts.population_count,
        facts.population_year,
        facts.size_class_name,
        facts.sorting_key,
        facts.sorting_key_year
    from names
    left join members
        on names.geography_id = members.geography_id
    left join delivering
        on names.geography_id = delivering.geography_id
    left join renumbered
        on names.geography_id = renumbered.from_code
    left join breaks
        on names.geography_id = breaks.geography_id
    left join main_groups
        on
            names.geography_type in ('skr_group', 'skr_main_group')
            and left(names.skr_group_code, 1) = main_groups.skr_main_group_code
    left join facts
        on names.geography_id = facts.municipality_code

)

select * from final
