-- A figure is of a year or a month in it, so a changed month reaches the years around it: returns look a year ahead and
-- very long-term aid two years back.
{{ config(
    materialized='incremental',
    meta={'years_behind': 1, 'years_ahead': 2, 'year': 'cast(left(period, 4) as integer)'},
    post_hook="update {{ this }} set as_of = (select as_of from {{ ref('int_register_state') }})
        where as_of <> (select as_of from {{ ref('int_register_state') }})"
) }}

with

indicators as (

    select * from {{ ref('int_indicators_recipients') }}
    union all
    select * from {{ ref('int_indicators_households') }}
    union all
    select * from {{ ref('int_indicators_reasons') }}
    union all
    select * from {{ ref('int_indicators_monthly') }}
    union all
    select * from {{ ref('int_indicators_persons') }}
    union all
    select * from {{ ref('int_indicators_reason_variants') }}
    union all
    select * from {{ ref('int_indicators_rolling') }}
    union all
    select * from {{ ref('int_indicators_districts') }}
    union all
    select * from {{ ref('int_indicators_flow') }}
    union all
    select * from {{ ref('int_indicators_reason_changes') }}
    union all
    select * from {{ ref('int_indicators_exit_reasons') }}

),

register_state as (

    select * from {{ ref('int_register_state') }}

),

population_state as (

    select coalesce(bool_or(is_synthetic), false) as is_synthetic
    from {{ ref('int_population_cells') }}

),

judged as (

    select
        indicators.*,
        case
            when not is_reported then 'not_reported'
            when is_ratio and denominator is null then 'missing'
            when is_ratio and denominator = 0 then 'not_applicable'
            else 'published'
        end as value_status
    from indicators
    where {{ in_reached_years() }}

),

final as (

    select
        judged.indicator_id,
        judged.definition_id,
        judged.geography_id,
        judged.period,
        judged.breakdown,
        case
            when judged.value_status <> 'published' then null
            when judged.is_ratio then judged.numerator / judged.denominator
            else judged.numerator
        end as value,
        case when judged.value_status = 'published' then judged.numerator end as numerator,
        case when judged.value_status = 'published' then judged.denominator end as denominator,
        judged.unit,
        judged.value_status,
        false as is_preliminary,
        judged.indicator_id like '%_share_population' and population_state.is_synthetic as is_estimated,
        register_state.source_id,
        register_state.as_of,
        case when judged.value_status = 'published' then cast(judged.disclosure_count as bigint) end as disclosure_count
    from judged
    cross join register_state
    cross join population_state

)

select * from final
