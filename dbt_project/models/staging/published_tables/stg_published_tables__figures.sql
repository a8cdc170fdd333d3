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
            when area_code is not null then area_code
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
        case when unit = 'tkr' then 1000 * value else value end as published_value,
        cast(case when unit = 'tkr' then decimals - 3 else decimals end as integer) as decimals,
        value_status,
        case when unit = 'tkr' then 'sek' else unit end as unit,
        source_id,
        printed_in,
        certainty,
        is_approximate
    from published_figures

)

select * from final
