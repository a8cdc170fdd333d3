-- Sick without benefit by sex alone stands with the variants of reasons.
with

reason_duration_cells as (

    select * from {{ ref('int_reason_duration_cells') }}
    where definition_id = 'reason:most_frequent' and breakdown = 'total'

),

duration_bands as (

    select duration_band from {{ ref('duration_bands') }}

),

reason_breakdowns as (

    select * from {{ ref('int_reason_breakdowns') }}

),

in_bands as (

    select
        geography_id,
        period_year,
        duration_band,
        sum(adults_count) as adults_count,
        sum(sick_without_benefit_adults_count) as sick_without_benefit_adults_count
    from reason_duration_cells
    group by geography_id, period_year, duration_band

),

by_duration as (

    select
        reason_breakdowns.geography_id,
        reason_breakdowns.period_year,
        reason_breakdowns.is_reported_1y,
        'duration=' || duration_bands.duration_band as breakdown,
        cast(coalesce(in_bands.adults_count, 0) as bigint) as adults_count,
        cast(coalesce(in_bands.sick_without_benefit_adults_count, 0) as bigint) as sick_without_benefit_adults_count
    from reason_breakdowns
    cross join duration_bands
    left join in_bands
        on
            reason_breakdowns.geography_id = in_bands.geography_id
            and reason_breakdowns.period_year = in_bands.period_year
            and duration_bands.duration_band = in_bands.duration_band
    where
        reason_breakdowns.definition_id = 'reason:most_frequent'
        and reason_breakdowns.reason = 'uppgift_saknas'
        and reason_breakdowns.breakdown = 'total'

),

final as (

    {{ indicator_rows('reason_breakdowns', [
        {
            'id': 'adults_with_reason',
            'numerator': 'all_adults_count',
            'is_reported': 'is_reported_1y',
            'where': "definition_id = 'reason:most_frequent' and reason = 'uppgift_saknas'",
        },
        {
            'id': 'sick_without_benefit_share',
            'definition': 'reason:any',
            'numerator': 'all_sick_without_benefit_adults_count',
            'denominator': 'all_adults_count',
            'is_reported': 'is_reported_1y',
            'where': "definition_id = 'reason:most_frequent' and reason = 'uppgift_saknas' and not is_by_sex_only",
        },
        {
            'id': 'reason_share',
            'definition_column': 'definition_id',
            'numerator': 'adults_count',
            'denominator': 'all_adults_count',
            'is_reported': 'is_reported_1y',
            'breakdown': "concat_ws(';', nullif(breakdown, 'total'), 'reason=' || reason)",
        },
    ]) }}
    union all
    {{ indicator_rows('by_duration', [{
        'id': 'sick_without_benefit_share',
        'definition': 'reason:any',
        'numerator': 'sick_without_benefit_adults_count',
        'denominator': 'adults_count',
        'is_reported': 'is_reported_1y',
    }]) }}

)

select * from final
