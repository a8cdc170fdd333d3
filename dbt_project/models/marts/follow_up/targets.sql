with

targets as (

    select * from {{ ref('stg_events__targets') }}

),

indicator_values as (

    select * from {{ ref('indicator_values') }}
    where breakdown = 'total'

),

indicators as (

    select * from {{ ref('dim_indicators') }}
    where is_official

),

municipalities as (

    select * from {{ ref('dim_geographies') }}
    where geography_type = 'municipality'

),

final as (

    select
        targets.municipality_code,
        municipalities.geography_name as municipality_name,
        targets.indicator_id,
        indicators.definition_id,
        indicators.indicator_name,
        indicators.unit,
        targets.period,
        targets.target_value,
        indicator_values.value,
        coalesce(indicator_values.value_status, 'not_reported') as value_status,
        indicator_values.value - targets.target_value as difference,
        case
            when indicators.direction = 'rise_unwanted' then indicator_values.value <= targets.target_value
            when indicators.direction = 'rise_wanted' then indicator_values.value >= targets.target_value
        end as is_reached,
        targets.comment
    from targets
    inner join indicators
        on targets.indicator_id = indicators.indicator_id
    inner join municipalities
        on targets.municipality_code = municipalities.geography_id
    left join indicator_values
        on
            targets.municipality_code = indicator_values.geography_id
            and indicators.indicator_id = indicator_values.indicator_id
            and indicators.definition_id = indicator_values.definition_id
            and targets.period = indicator_values.period

)

select * from final
