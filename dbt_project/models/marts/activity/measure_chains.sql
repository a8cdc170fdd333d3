with

counts as (

    select * from {{ ref('measure_spell_counts') }}

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
        counts.reason,
        coalesce(publication_categories.publication_category_name, 'Alla') as reason_name,
        counts.first_kind as measure_kind,
        {{ measure_kind_name('counts.first_kind') }} as measure_kind_name,
        counts.spells_count,
        counts.measure_before_count,
        counts.measure_during_count,
        counts.measure_after_count,
        counts.ended_count,
        counts.return_known_count,
        counts.returned_count,
        cast(counts.returned_count as double) / nullif(counts.return_known_count, 0) as returned_share,
        counts.waiting_months_sum / nullif(counts.measure_during_count, 0) as waiting_months_mean,
        counts.waiting_months_median
    from counts
    inner join geographies
        on counts.municipality_code = geographies.geography_id
    left join publication_categories
        on counts.reason = publication_categories.publication_category
    left join measure_kind_names
        on counts.first_kind = measure_kind_names.measure_kind

)

select * from final
