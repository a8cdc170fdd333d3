with

counts as (

    select * from {{ ref('entry_year_counts') }}

),

municipalities as (

    select * from {{ ref('dim_geographies') }}
    where geography_type = 'municipality'

),

final as (

    select
        counts.municipality_code,
        municipalities.geography_name as municipality_name,
        counts.period_year,
        counts.sex,
        counts.age_band,
        counts.years_since_aid,
        counts.years_known,
        counts.has_reached_month10,
        counts.beginnings_count
    from counts
    inner join municipalities
        on counts.municipality_code = municipalities.geography_id

)

select * from final
