with

counts as (

    select * from {{ ref('household_year_counts') }}

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
        counts.household_type,
        counts.district,
        counts.months_count,
        counts.is_longterm,
        counts.is_very_longterm,
        counts.has_ended,
        counts.households_count,
        cast(counts.paid_sek as double) as paid_sek,
        cast(counts.forsorjningsstod_sek as double) as forsorjningsstod_sek
    from counts
    inner join municipalities
        on counts.municipality_code = municipalities.geography_id

)

select * from final
