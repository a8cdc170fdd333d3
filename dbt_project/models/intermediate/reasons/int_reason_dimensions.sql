-- The breakdowns of adults by reason: those of persons, one at a time, and children in the household.
{{ config(materialized='view') }}

with

breakdowns as (

    select * from {{ ref('int_breakdowns') }}
    where coalesce(age_from, 18) >= 18 and (sex is null or age_band is null)

),

children as (

    select 'med_barn' as children
    union all
    select 'utan_barn' as children
    union all
    select 'uppgift_saknas' as children

),

final as (

    select
        breakdown,
        sex,
        age_band,
        origin,
        cast(null as varchar) as children,
        age_band is null and origin is null as is_by_sex_only
    from breakdowns
    union all
    select
        'children=' || children as breakdown,
        cast(null as varchar) as sex,
        cast(null as varchar) as age_band,
        cast(null as varchar) as origin,
        children,
        false as is_by_sex_only
    from children

)

select * from final
