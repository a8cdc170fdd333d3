with

published_figures as (

    select * from {{ source('raw', 'published_figures') }}

),

final as (

    select
        published_table_id,
        file_line,
        area_name,
        area_type,
        case
            when area_type = 'country' then '0000'
            when area_type = 'unweighted_mean' then 'ovagt_medel'
            else municipality_code
        end as geography_id,
        cast(year as integer) as period_year,
        cast(year as varchar) as period,
        indicator_id,
        definition_id,
        breakdown,
        value_as_printed,
        value as published_value,
        cast(decimals as integer) as decimals,
        value_status,
        unit
    from published_figures

)

select * from final
