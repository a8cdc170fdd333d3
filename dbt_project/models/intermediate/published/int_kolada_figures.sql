-- Kolada's values of the KPIs that our indicators correspond to, named as we name ours. Groups and regions stay apart.
with

kolada_values as (

    select * from {{ ref('stg_kolada__values') }}
    where area_type = 'area'

),

kolada_kpis as (

    select * from {{ ref('kolada_kpis') }}
    where indicator_id is not null

),

municipalities as (

    select
        municipality_code,
        municipality_name
    from {{ ref('municipalities') }}

),

areas as (

    select
        municipality_code as geography_id,
        municipality_name as area_name,
        'municipality' as area_type
    from municipalities
    union all
    select
        '0000',
        'Riket',
        'country'

),

final as (

    select
        'kolada:' || kolada_values.kpi_id as published_table_id,
        cast(null as integer) as file_line,
        kolada_kpis.indicator_id,
        kolada_kpis.definition_id,
        areas.geography_id,
        areas.area_name,
        areas.area_type,
        cast(kolada_values.period_year as varchar) as period,
        case
            when kolada_values.gender = 'T' then kolada_kpis.breakdown
            when kolada_kpis.breakdown = 'total' then 'sex=' || kolada_values.gender
            else 'sex=' || kolada_values.gender || ';' || kolada_kpis.breakdown
        end as breakdown,
        kolada_values.value * kolada_kpis.scale as value,
        coalesce(cast(kolada_values.value as varchar), kolada_values.raw_status, '') as value_as_printed,
        kolada_kpis.decimals,
        kolada_kpis.unit,
        kolada_values.value_status
    from kolada_values
    inner join kolada_kpis
        on kolada_values.kpi_id = kolada_kpis.kpi_id
    inner join areas
        on kolada_values.area_id = areas.geography_id

)

select * from final
