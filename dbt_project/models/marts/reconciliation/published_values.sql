with

figures as (

    select * from {{ ref('stg_published_tables__figures') }}
    where indicator_id is not null

),

kolada_figures as (

    select * from {{ ref('int_kolada_figures') }}

),

socialstyrelsen_figures as (

    select * from {{ ref('int_socialstyrelsen_figures') }}

),

printed as (

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
        value_status,
        source_id,
        printed_in,
        certainty,
        is_approximate
    from figures

),

final as (

    select * from printed
    union all
    select * from kolada_figures
    union all
    select * from socialstyrelsen_figures

)

select * from final
