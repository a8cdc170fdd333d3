-- Where published tables cannot all be right: the same figure printed with values that rounding cannot explain, and a
-- share that no whole number of persons gives with the printed count of persons as denominator.
with

published_values as (

    select * from {{ ref('published_values') }}
    where value is not null

),

-- the printed count that each printed share is a share of
denominators as (

    select * from {{ ref('share_denominators') }}

),

different_values as (

    select
        'different_values' as contradiction_kind,
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
        > 0.5 * power(10, -one.decimals) + 0.5 * power(10, -other.decimals) - 1e-11

),

shares_with_count as (

    select
        shares.*,
        counts.published_table_id as count_table,
        counts.value as count_value,
        round(shares.value * counts.value) / counts.value as nearest_possible
    from published_values as shares
    inner join denominators
        on shares.indicator_id = denominators.share_indicator_id
    inner join published_values as counts
        on
            denominators.count_indicator_id = counts.indicator_id
            and shares.geography_id = counts.geography_id
            and shares.period = counts.period
            and shares.breakdown = counts.breakdown
    where shares.unit = 'share' and counts.value > 0

),

-- the same count may be printed in several tables
impossible_shares as (

    select
        'impossible_share' as contradiction_kind,
        indicator_id,
        definition_id,
        area_name,
        geography_id,
        period,
        breakdown,
        published_table_id as table_a,
        value as value_a,
        min(count_table) as table_b,
        count_value as value_b,
        nearest_possible - value as difference
    from shares_with_count
    where abs(nearest_possible - value) > 0.5 * power(10, -decimals) + 1e-11
    group by
        indicator_id, definition_id, area_name, geography_id, period, breakdown,
        published_table_id, value, count_value, nearest_possible

),

final as (

    select * from different_values
    union all
    select * from impossible_shares

)

select * from final
