-- What is known of a municipality beside its place: the newest population and the newest printed sorting key.
with

population as (

    select * from {{ ref('stg_population__by_age') }}

),

published_figures as (

    select * from {{ ref('stg_published_tables__figures') }}
    where indicator_id = 'socioeconomic_sorting_key' and area_type = 'municipality' and published_value is not null

),

size_classes as (

    select * from {{ ref('size_classes') }}

),

populations as (

    select
        municipality_code,
        period_year,
        sum(population_count) as population_count,
        row_number() over (partition by municipality_code order by period_year desc) as years_from_last
    from population
    group by municipality_code, period_year

),

newest_populations as (

    select * from populations
    where years_from_last = 1

),

sorting_keys as (

    select
        geography_id as municipality_code,
        max(period_year) as sorting_key_year,
        {{ value_at_highest('published_value', 'period_year') }} as sorting_key
    from published_figures
    group by geography_id

),

final as (

    select
        coalesce(newest_populations.municipality_code, sorting_keys.municipality_code) as municipality_code,
        cast(newest_populations.population_count as bigint) as population_count,
        newest_populations.period_year as population_year,
        size_classes.size_class,
        size_classes.size_class_name,
        cast(sorting_keys.sorting_key as integer) as sorting_key,
        cast(sorting_keys.sorting_key_year as integer) as sorting_key_year
    from newest_populations
    left join size_classes
        on newest_populations.population_count between size_classes.population_from and size_classes.population_to
    full outer join sorting_keys
        on newest_populations.municipality_code = sorting_keys.municipality_code

)

select * from final
