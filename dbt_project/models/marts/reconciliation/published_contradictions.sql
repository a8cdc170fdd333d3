-- Where published tables cannot all be right: the same figure printed with values that rounding cannot explain, a share
-- that no whole number of persons gives with the printed count of persons as denominator, and a total that the parts
-- printed by the same publisher do not add up to. A figure printed as about that much contradicts nothing.
with

published_values as (

    select * from {{ ref('published_values') }}
    where value is not null and not is_approximate

),

-- the printed count that each printed share is a share of
denominators as (

    select * from {{ ref('share_denominators') }}

),

-- the parts that a printed total is the sum of
sums as (

    select * from {{ ref('published_sums') }}

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

-- the same figure may be printed in several tables of a publisher: the last stands for them all
of_publishers as (

    select
        source_id,
        indicator_id,
        definition_id,
        geography_id,
        period,
        breakdown,
        min(area_name) as area_name,
        max(published_table_id) as published_table_id,
        {{ value_at_highest('value', 'published_table_id') }} as value,
        -- a count with decimals 0 is exact; one told in thousands is not
        {{ value_at_highest('case when decimals < 0 then 0.5 * power(10, -decimals) else 0 end', 'published_table_id') }}
            as rounding
    from published_values
    where definition_id = 'default'
    group by source_id, indicator_id, definition_id, geography_id, period, breakdown

),

numbered_sums as (

    select
        *,
        count(*) over (partition by sum_id) as parts_count
    from sums

),

parts_do_not_add_up as (

    select
        'parts_do_not_add_up' as contradiction_kind,
        totals.indicator_id,
        totals.definition_id,
        totals.area_name,
        totals.geography_id,
        totals.period,
        totals.breakdown,
        totals.published_table_id as table_a,
        totals.value as value_a,
        min(parts.published_table_id) || ':' || numbered_sums.sum_id as table_b,
        sum(parts.value) as value_b,
        sum(parts.value) - totals.value as difference
    from numbered_sums
    inner join of_publishers as totals
        on
            numbered_sums.total_indicator_id = totals.indicator_id
            and numbered_sums.total_breakdown = totals.breakdown
    inner join of_publishers as parts
        on
            numbered_sums.part_indicator_id = parts.indicator_id
            and numbered_sums.part_breakdown = parts.breakdown
            and totals.source_id = parts.source_id
            and totals.geography_id = parts.geography_id
            and totals.period = parts.period
    group by
        totals.indicator_id, totals.definition_id, totals.area_name, totals.geography_id, totals.period,
        totals.breakdown, totals.published_table_id, totals.value, totals.rounding, numbered_sums.sum_id,
        numbered_sums.parts_count
    having
        count(*) = numbered_sums.parts_count
        and abs(sum(parts.value) - totals.value) > totals.rounding + sum(parts.rounding) + 1e-9

),

final as (

    select * from different_values
    union all
    select * from parts_do_not_add_up
    union all
    select * from impossible_shares

)

select * from final
