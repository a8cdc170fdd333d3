-- The official rule by sex, age, origin and children in the household, the latest reason by sex only. Sex and age at once
-- would treble the rows and leave most of them hidden.
with

reason_cells as (

    select * from {{ ref('int_reason_cells') }}

),

most_frequent_cells as (

    select
        *,
        'reason:most_frequent' as definition_id,
        reason_most_frequent as reason
    from reason_cells

),

final as (

    {{ by_breakdown(
        'most_frequent_cells',
        ['adults_count', 'longterm_adults_count', 'sick_without_benefit_adults_count'],
        keys=['geography_id', 'period_year', 'definition_id', 'reason', 'duration_band'],
        also_by=['origin', 'children'],
        sex_and_age=false
    ) }}
    union all
    select
        geography_id,
        period_year,
        'reason:latest' as definition_id,
        reason_latest as reason,
        duration_band,
        coalesce('sex=' || sex, 'total') as breakdown,
        cast(sum(adults_count) as bigint) as adults_count,
        cast(sum(longterm_adults_count) as bigint) as longterm_adults_count,
        cast(sum(sick_without_benefit_adults_count) as bigint) as sick_without_benefit_adults_count
    from reason_cells
    group by grouping sets (
        (geography_id, period_year, reason_latest, duration_band),
        (geography_id, period_year, reason_latest, duration_band, sex)
    )

)

select * from final
