-- Read as the profile shows them, so that nothing that is computed from them can tell more.
with

indicator_values as (

    select * from {{ ref('indicator_values') }}
    where period_kind = 'month' and breakdown = 'total'

),

change_measures as (

    select * from {{ ref('change_measures') }}

),

municipalities as (

    select * from {{ ref('dim_geographies') }}
    where geography_type = 'municipality'

),

final as (

    select
        indicator_values.geography_id,
        indicator_values.indicator_id,
        indicator_values.definition_id,
        {{ month_index_of('indicator_values.period_start') }} as month_index,
        indicator_values.value,
        indicator_values.value_status in ('published', 'suppressed') as is_known
    from indicator_values
    inner join change_measures
        on
            indicator_values.indicator_id = change_measures.indicator_id
            and indicator_values.definition_id = change_measures.definition_id
    inner join municipalities
        on indicator_values.geography_id = municipalities.geography_id

)

select * from final
