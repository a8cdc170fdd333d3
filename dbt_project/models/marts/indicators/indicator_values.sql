with

indicator_counts as (

    select * from {{ ref('indicator_counts') }}
    where not starts_with(geography_id, 'similar:')

),

register_state as (

    select * from {{ ref('int_register_state') }}

),

population_sources as (

    select * from {{ ref('int_population_sources') }}

),

coverage as (

    select * from {{ ref('int_figure_coverage') }}

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
        coalesce(coverage.is_preliminary, false) as is_preliminary,
        indicator_counts.indicator_id like '%_share_population' and coalesce(population_sources.is_synthetic, false)
            as is_estimated,
        register_state.source_id,
        register_state.as_of,
        indicator_counts.is_rounded and indicator_counts.value_status = 'published' as is_rounded,
        {{ period_columns('indicator_counts.period') }},
        coverage.municipalities_included,
        coverage.municipalities_total,
        case when indicator_counts.indicator_id like '%_share_population' then population_sources.population_source end
            as denominator_source
    from indicator_counts
    cross join register_state
    left join coverage
        on
            indicator_counts.geography_id = coverage.geography_id
            and indicator_counts.indicator_id = coverage.indicator_id
            and indicator_counts.definition_id = coverage.definition_id
            and indicator_counts.period = coverage.period
    left join population_sources
        on
            indicator_counts.geography_id = population_sources.geography_id
            and indicator_counts.period = cast(population_sources.period_year as varchar)

)

select * from final
