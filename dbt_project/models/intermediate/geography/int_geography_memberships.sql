-- Where a municipality of today has belonged: itself, its county by the borders of the time, its SKR group and main
-- group of today (used for all years), and the country. A code that was renumbered is the same municipality; one that
-- was split off begins in its first year. `similar:NNNN` are the municipalities that Kolada's model finds like NNNN,
-- which is not one of them: the newest model fetched, or that of the seed where nothing newer is.
with

municipalities as (

    select * from {{ ref('municipalities') }}

),

renumbered as (

    select * from {{ ref('municipality_code_changes') }}
    where change_kind = 'renumbered'

),

kolada_groups as (

    select * from {{ ref('stg_kolada__municipality_groups') }}
    where group_kind = 'similar_economic_assistance'

),

-- nobody asks for those like a municipality that has no figures of its own
delivering as (

    select distinct municipality_code from {{ ref('stg_register__months_in_force') }}

),

seeded_groups as (

    select similar_municipalities.*
    from {{ ref('similar_municipalities') }} as similar_municipalities
    inner join delivering
        on similar_municipalities.focus_code = delivering.municipality_code

),

models as (

    select
        municipalities.municipality_code as focus_code,
        kolada_groups.member_code,
        kolada_groups.model_year,
        1 as preference
    from kolada_groups
    inner join municipalities
        on
            kolada_groups.focus_municipality_name = municipalities.municipality_name
            and municipalities.last_year is null
    union all
    select
        focus_code,
        member_code,
        model_year,
        2 as preference
    from seeded_groups

),

ranked_models as (

    select
        focus_code,
        member_code,
        dense_rank() over (partition by focus_code order by model_year desc, preference asc) as model_rank
    from models

),

similar_groups as (

    select distinct
        focus_code,
        member_code
    from ranked_models
    where model_rank = 1

),

-- the codes that each municipality of today has had, with the county and the years of each
codes as (

    select
        coalesce(renumbered.to_code, municipalities.municipality_code) as municipality_code,
        municipalities.county_code,
        municipalities.skr_group_code,
        coalesce(municipalities.first_year, 0) as first_year,
        coalesce(municipalities.last_year, 9999) as last_year
    from municipalities
    left join renumbered
        on municipalities.municipality_code = renumbered.from_code

),

lives as (

    select
        municipality_code,
        min(first_year) as first_year,
        max(last_year) as last_year,
        max(skr_group_code) as skr_group_code
    from codes
    group by municipality_code

),

memberships as (

    select
        municipality_code,
        municipality_code as geography_id,
        'municipality' as geography_type,
        first_year,
        last_year
    from lives
    union all
    select
        municipality_code,
        'lan:' || county_code,
        'county',
        min(first_year),
        max(last_year)
    from codes
    group by municipality_code, county_code
    union all
    select
        municipality_code,
        'skr:' || skr_group_code,
        'skr_group',
        first_year,
        last_year
    from lives
    union all
    select
        municipality_code,
        'skr:' || substr(skr_group_code, 1, 1),
        'skr_main_group',
        first_year,
        last_year
    from lives
    union all
    select
        municipality_code,
        '0000',
        'country',
        first_year,
        last_year
    from lives
    union all
    select
        lives.municipality_code,
        'similar:' || similar_groups.focus_code,
        'similar',
        lives.first_year,
        lives.last_year
    from lives
    inner join similar_groups
        on lives.municipality_code = similar_groups.member_code

),

final as (

    select
        municipality_code,
        geography_id,
        geography_type,
        nullif(first_year, 0) as first_year,
        nullif(last_year, 9999) as last_year
    from memberships

)

select * from final
