with

measure_month_counts as (

    select * from {{ ref('measure_month_counts') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

final as (

    select
        measure_month_counts.municipality_code as geography_id,
        geographies.geography_name,
        {{ month_period(
            'extract(year from measure_month_counts.period_month)',
            'extract(month from measure_month_counts.period_month)'
        ) }} as period,
        measure_month_counts.measure_name,
        measure_month_counts.count_source,
        measure_month_counts.persons_count
    from measure_month_counts
    inner join geographies
        on measure_month_counts.municipality_code = geographies.geography_id

)

select * from final
