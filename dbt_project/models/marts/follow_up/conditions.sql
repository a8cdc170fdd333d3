-- Few answers to a survey, or few households, could point somebody out: where the profile rounds counts they stay inside.
with

conditions as (

    select * from {{ ref('stg_events__conditions') }}

),

release_profile as (

    select * from {{ ref('release_profile') }}

),

municipalities as (

    select * from {{ ref('dim_geographies') }}
    where geography_type = 'municipality'

),

final as (

    select
        conditions.municipality_code,
        municipalities.geography_name as municipality_name,
        conditions.condition_id,
        conditions.condition_name,
        conditions.unit,
        conditions.period,
        conditions.value,
        conditions.choice,
        conditions.response_share,
        conditions.comment
    from conditions
    inner join municipalities
        on conditions.municipality_code = municipalities.geography_id
    cross join release_profile
    where release_profile.rounding_base is null or not conditions.is_internal

)

select * from final
