with

figures as (

    select * from {{ ref('stg_published_tables__figures') }}
    where indicator_id is not null

),

final as (

    select
        published_table_id,
        file_line,
        indicator_id,
        definition_id,
        geography_id,
        area_name,
        area_type,
        period,
        breakdown,
        published_value as value,
        value_as_printed,
        decimals,
        unit,
        value_status
    from figures

)

select * from final
