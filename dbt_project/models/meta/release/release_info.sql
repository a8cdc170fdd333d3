with

indicator_values as (

    select * from {{ ref('indicator_values') }}

),

accepted_deliveries as (

    select * from {{ ref('deliveries') }}
    where state = 'accepted'

),

sources_used as (

    select * from {{ ref('dim_sources') }}
    where source_id in (select indicator_values.source_id from indicator_values)

),

source_datasets as (

    select * from {{ ref('source_datasets') }}

),

release_profile as (

    select * from {{ ref('release_profile') }}

),

values_told as (

    select max(as_of) as as_of from indicator_values

),

datasets_told as (

    select max(cast(retrieved_at as date)) as as_of from source_datasets

),

sources_told as (

    select
        coalesce(bool_or(is_synthetic), false) as is_synthetic,
        string_agg(source_name, '; ' order by source_name) as source_label
    from sources_used

),

deliveries_told as (

    select
        cast(count(distinct municipality_code) as integer) as municipalities_count,
        min(period) as first_month,
        max(period) as last_month
    from accepted_deliveries

),

final as (

    select
        -- a digest of all other tables, known when they are written
        cast(null as varchar) as release_id,
        release_profile.profile,
        sources_told.is_synthetic,
        -- official figures alone: the day they were fetched
        coalesce(values_told.as_of, datasets_told.as_of) as as_of,
        deliveries_told.municipalities_count,
        deliveries_told.first_month,
        deliveries_told.last_month,
        sources_told.source_label,
        release_profile.band_to,
        release_profile.rounding_base,
        release_profile.least_denominator,
        release_profile.money_base
    from release_profile
    cross join sources_told
    cross join values_told
    cross join datasets_told
    cross join deliveries_told

)

select * from final
