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

together as (

    select * from printed
    union all
    select * from kolada_figures
    union all
    select * from socialstyrelsen_figures

),

-- an indicator has one unit in a release, whoever gives it; how it was printed stands beside
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
        case when unit = 'percent' then value / 100 else value end as value,
        value_as_printed,
        cast(case when unit = 'percent' then decimals + 2 else decimals end as integer) as decimals,
        case when unit = 'percent' then 'share' else unit end as unit,
        value_status,
        source_id,
        printed_in,
        certainty,
        is_approximate
    from together

)

select * from final
