with

counts as (

    select * from {{ ref('exit_year_counts') }}

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
        counts.months_of_twelve,
        counts.exit_reason,
        counts.months_until_return,
        counts.months_followed,
        counts.ends_count
    from counts
    inner join municipalities
        on counts.municipality_code = municipalities.geography_id

)

select * from final
