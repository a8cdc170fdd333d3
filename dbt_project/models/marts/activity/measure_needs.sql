with

counts as (

    select * from {{ ref('measure_need_counts') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

measure_kind_names as (

    select distinct
        measure_kind,
        measure_kind_name
    from {{ ref('measure_kinds') }}

),

final as (

    select
        counts.municipality_code as geography_id,
        geographies.geography_name,
        {{ month_period('cast(floor(counts.month_index / 12) as integer)', 'counts.month_index % 12 + 1') }} as period,
        counts.reason,
        coalesce(publication_categories.publication_category_name, 'Alla') as reason_name,
        counts.measure_kind,
        {{ measure_kind_name('counts.measure_kind') }} as measure_kind_name,
        counts.adults_count,
        cast(counts.adults_count as double) / max(case when counts.measure_kind = 'alla' then counts.adults_count end) over (
            partition by counts.municipality_code, counts.month_index, counts.reason
        ) as adults_share
    from counts
    inner join geographies
        on counts.municipality_code = geographies.geography_id
    left join publication_categories
        on counts.reason = publication_categories.publication_category
    left join measure_kind_names
        on counts.measure_kind = measure_kind_names.measure_kind

)

select * from final
