-- Kolada's values of the KPIs that our indicators correspond to, named as we name ours. Groups and regions stay apart.
with

kolada_values as (

    select * from {{ ref('stg_kolada__values') }}
    where area_type = 'area'

),

kolada_kpis as (

    select * from {{ ref('kolada_kpis') }}

),

indicators as (

    select
        indicator_id,
        definition_id,
        unit
    from {{ source('raw', 'indicators') }}

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
        case
            when kolada_kpis.unit_factor = 100 then kolada_values.value
            else kolada_values.value / kolada_kpis.unit_factor
        end as value,
        coalesce(cast(kolada_values.value as varchar), kolada_values.raw_status, '') as value_as_printed,
        case
            when kolada_kpis.unit_factor = 100 then 1
            when kolada_kpis.unit_factor = 0.001 then -3
            else 0
        end as decimals,
        case when kolada_kpis.unit_factor = 100 then 'percent' else indicators.unit end as unit,
        kolada_values.value_status,
        'kolada' as source_id,
        kolada_kpis.kolada_title as printed_in,
        'printed' as certainty,
        false as is_approximate
    from kolada_values
    inner join kolada_kpis
        on kolada_values.kpi_id = kolada_kpis.kolada_id
    inner join indicators
        on
            kolada_kpis.indicator_id = indicators.indicator_id
            and kolada_kpis.definition_id = indicators.definition_id
    inner join areas
        on kolada_values.area_id = areas.geography_id

)

select * from final
