-- Municipalities like one have no counts of their own: theirs are the members' sum less those counted in several of them.
with

indicator_counts as (

    select * from {{ ref('int_indicator_counts') }}
    where is_reported and breakdown in ('total', 'sex=K', 'sex=M') and length(period) = 4

),

geography_members as (

    select * from {{ ref('geography_members') }}
    where geography_type = 'similar'

),

group_counts as (

    select * from {{ ref('group_counts') }}

),

overlap_counts as (

    select * from {{ ref('int_group_overlaps') }}
    where municipality_code is null

),

summed as (

    select
        indicator_counts.indicator_id,
        indicator_counts.definition_id,
        geography_members.geography_id,
        indicator_counts.period,
        indicator_counts.period_year,
        indicator_counts.breakdown,
        -- summed as decimals: kronor in another order must not give another last digit
        cast(sum(cast(indicator_counts.numerator as decimal(18, 2))) as double) as numerator,
        cast(sum(indicator_counts.numerator_people) as bigint) as numerator_people,
        case
            when count(*) = count(indicator_counts.denominator)
                then cast(sum(cast(indicator_counts.denominator as decimal(18, 2))) as double)
        end as denominator,
        cast(sum(indicator_counts.denominator_people) as bigint) as denominator_people,
        indicator_counts.numerator_measure,
        indicator_counts.denominator_measure,
        indicator_counts.is_ratio,
        indicator_counts.unit
    from geography_members
    inner join indicator_counts
        on
            geography_members.municipality_code = indicator_counts.geography_id
            and indicator_counts.period_year
            between coalesce(geography_members.first_year, 0) and coalesce(geography_members.last_year, 9999)
    group by
        indicator_counts.indicator_id, indicator_counts.definition_id, geography_members.geography_id,
        indicator_counts.period, indicator_counts.period_year, indicator_counts.breakdown,
        indicator_counts.numerator_measure, indicator_counts.denominator_measure, indicator_counts.is_ratio,
        indicator_counts.unit

),

final as (

    select
        summed.indicator_id,
        summed.definition_id,
        summed.geography_id,
        summed.period,
        summed.period_year,
        summed.breakdown,
        summed.numerator - coalesce(numerators.overlap_count, 0) as numerator,
        summed.numerator_people,
        summed.denominator - coalesce(denominators.overlap_count, 0) as denominator,
        summed.denominator_people,
        summed.numerator_measure,
        summed.denominator_measure,
        summed.is_ratio,
        summed.unit,
        true as is_reported
    from summed
    inner join group_counts
        on summed.indicator_id = group_counts.indicator_id and summed.definition_id = group_counts.definition_id
    left join overlap_counts as numerators
        on
            summed.geography_id = numerators.geography_id
            and summed.period = numerators.period and summed.breakdown = numerators.breakdown
            and group_counts.numerator_overlap = numerators.measure
    left join overlap_counts as denominators
        on
            summed.geography_id = denominators.geography_id
            and summed.period = denominators.period and summed.breakdown = denominators.breakdown
            and group_counts.denominator_overlap = denominators.measure

)

select * from final
