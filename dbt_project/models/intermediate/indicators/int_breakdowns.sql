-- Every breakdown of persons that is published, so that a group with nobody in it is 0 and not absent.
{{ config(materialized='table') }}

with

age_bands as (

    select * from {{ ref('age_bands') }}

),

sexes as (

    select 'K' as sex
    union all
    select 'M' as sex

),

origins as (

    select 'inrikes_fodda' as origin
    union all
    select 'utrikes_fodda' as origin
    union all
    select 'uppgift_saknas' as origin

),

final as (

    select
        'total' as breakdown,
        cast(null as varchar) as sex,
        cast(null as varchar) as age_band,
        cast(null as integer) as age_from,
        cast(null as varchar) as origin
    union all
    select
        'sex=' || sex,
        sex,
        null,
        null,
        null
    from sexes
    union all
    select
        'origin=' || origin,
        null,
        null,
        null,
        origin
    from origins
    union all
    select
        'age=' || age_band,
        null,
        age_band,
        age_from,
        null
    from age_bands
    union all
    select
        'sex=' || sexes.sex || ';age=' || age_bands.age_band,
        sexes.sex,
        age_bands.age_band,
        age_bands.age_from,
        null
    from sexes
    cross join age_bands

)

select * from final
