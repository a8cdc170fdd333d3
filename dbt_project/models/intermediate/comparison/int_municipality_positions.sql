with

indicator_values as (

    select * from {{ ref('indicator_values') }}

),

municipalities as (

    select
        geography_id,
        geography_name
    from {{ ref('dim_geographies') }}
    where geography_type = 'municipality'

),

compared_figures as (

    select distinct
        indicator_id,
        definition_id,
        period,
        breakdown
    from {{ ref('comparison_groups') }}

),

ranked as (

    select
        indicator_values.indicator_id,
        indicator_values.definition_id,
        indicator_values.geography_id,
        municipalities.geography_name,
        indicator_values.period,
        indicator_values.breakdown,
        indicator_values.unit,
        indicator_values.value,
        indicator_values.numerator,
        indicator_values.denominator,
        indicator_values.value_status,
        rank() over (
            partition by
                indicator_values.indicator_id, indicator_values.definition_id, indicator_values.period,
                indicator_values.breakdown
            order by indicator_values.value nulls last
        ) - 1 as lower_count,
        count(indicator_values.value) over (
            partition by
                indicator_values.indicator_id, indicator_values.definition_id, indicator_values.period,
                indicator_values.breakdown, indicator_values.value
        ) as equal_count,
        count(indicator_values.value) over (
            partition by
                indicator_values.indicator_id, indicator_values.definition_id, indicator_values.period,
                indicator_values.breakdown
        ) as shown_count
    from indicator_values
    inner join municipalities
        on indicator_values.geography_id = municipalities.geography_id
    inner join compared_figures
        on
            indicator_values.indicator_id = compared_figures.indicator_id
            and indicator_values.definition_id = compared_figures.definition_id
            and indicator_values.period = compared_figures.period
            and indicator_values.breakdown = compared_figures.breakdown

),

final as (

    select
        indicator_id,
        definition_id,
        geography_id,
        geography_name,
        period,
        breakdown,
        unit,
        value,
        numerator,
        denominator,
        value_status,
        case
            when value is not null and shown_count > 1
                then 100 * (lower_count + 0.5 * (equal_count - 1)) / (shown_count - 1)
        end as position_pct
    from ranked

)

select * from final
