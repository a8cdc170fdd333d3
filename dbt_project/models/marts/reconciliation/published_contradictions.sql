-- The same figure printed in two tables with values that rounding cannot explain.
with

published_values as (

    select * from {{ ref('published_values') }}
    where value is not null

),

final as (

    select
        one.indicator_id,
        one.definition_id,
        one.area_name,
        one.geography_id,
        one.period,
        one.breakdown,
        one.published_table_id as table_a,
        one.value as value_a,
        other.published_table_id as table_b,
        other.value as value_b,
        other.value - one.value as difference
    from published_values as one
    inner join published_values as other
        on
            one.indicator_id = other.indicator_id
            and one.definition_id = other.definition_id
            and one.geography_id = other.geography_id
            and one.period = other.period
            and one.breakdown = other.breakdown
            and one.published_table_id < other.published_table_id
    where
        abs(other.value - one.value)
        > 0.5 * power(10, -one.decimals) + 0.5 * power(10, -other.decimals) - 1e-9

)

select * from final
