-- Districts have no names but their own and are not here.
with

dimensions as (

    select * from {{ ref('breakdown_dimensions') }}

),

value_names as (

    select
        dimension_id,
        value_code,
        value_name,
        sort_order
    from {{ ref('trait_values') }}
    union all
    select
        'age' as dimension_id,
        age_band as value_code,
        age_band_name as value_name,
        age_from * 1000 + age_to as sort_order
    from {{ ref('age_bands') }}
    union all
    select
        'age_month' as dimension_id,
        age_band as value_code,
        age_band_name as value_name,
        age_from * 1000 + age_to as sort_order
    from {{ target_group_bands() }} as month_bands
    union all
    select
        'duration' as dimension_id,
        duration_band as value_code,
        duration_band_name as value_name,
        months_from as sort_order
    from {{ ref('duration_bands') }}
    union all
    select
        'household_type' as dimension_id,
        household_type as value_code,
        household_type_name as value_name,
        household_type_code as sort_order
    from {{ ref('household_types') }}
    union all
    select
        grouping_id as dimension_id,
        reason_group as value_code,
        reason_group_name as value_name,
        sort_order
    from {{ ref('reason_groups') }}
    union all
    select
        'reason' as dimension_id,
        publication_category as value_code,
        publication_category_name as value_name,
        sort_order
    from {{ ref('publication_categories') }}
    union all
    select
        'registered_reason' as dimension_id,
        reason_code as value_code,
        reason_name as value_name,
        row_number() over (order by reason_code) as sort_order
    from {{ ref('reason_categories') }}
    union all
    select
        'registered_reason' as dimension_id,
        publication_category as value_code,
        publication_category_name as value_name,
        90 + sort_order as sort_order
    from {{ ref('publication_categories') }}
    where publication_category in ('uppgift_saknas', 'okand_kod')
    union all
    select
        'exit_reason' as dimension_id,
        exit_reason_code as value_code,
        exit_reason_name as value_name,
        sort_order
    from {{ ref('exit_reasons') }}

),

final as (

    select
        value_names.dimension_id,
        dimensions.dimension_name,
        cast(dimensions.sort_order as integer) as dimension_order,
        value_names.value_code,
        value_names.value_name,
        cast(value_names.sort_order as integer) as value_order
    from value_names
    inner join dimensions
        on value_names.dimension_id = dimensions.dimension_id

)

select * from final
