with

indicator_counts as (

    select * from {{ ref('indicator_counts') }}
    where not starts_with(geography_id, 'similar:')

),

register_state as (

    select * from {{ ref('int_register_state') }}

),

population_state as (

    select coalesce(bool_or(is_synthetic), false) as is_synthetic
    from {{ ref('int_population_cells') }}

),

final as (

    select
        indicator_counts.indicator_id,
        indicator_counts.definition_id,
        indicator_counts.geography_id,
        indicator_counts.period,
        indicator_counts.breakdown,
        case
            when indicator_counts.value_status <> 'published' then null
            when indicator_counts.unit = 'share'
                then {{ protected_share('indicator_counts.numerator', 'indicator_counts.denominator') }}
            when indicator_counts.is_ratio then indicator_counts.numerator / indicator_counts.denominator
            else indicator_counts.numerator
        end as value,
        case when indicator_counts.value_status = 'published' then indicator_counts.numerator end as numerator,
        case when indicator_counts.value_status = 'published' then indicator_counts.denominator end as denominator,
        indicator_counts.unit,
        indicator_counts.value_status,
        false as is_preliminary,
        indicator_counts.indicator_id like '%_share_population' and population_state.is_synthetic as is_estimated,
        register_state.source_id,
        register_state.as_of,
        indicator_counts.is_rounded and indicator_counts.value_status = 'published' as is_rounded
    from indicator_counts
    cross join register_state
    cross join population_state

)

select * from final
