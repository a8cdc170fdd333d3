-- One group of people at a time, by each duration, exact. A combination without adults has no row, except where all ages,
-- origins and households stand together and duration is not a band of months.
{% set durations = [
    ('all', 'adults_count', 'all_adults_count'),
    ('longterm', 'longterm_adults_count', 'all_longterm_adults_count'),
    ('not_longterm', 'adults_count - longterm_adults_count', 'all_adults_count - all_longterm_adults_count'),
] %}

with

reason_breakdowns as (

    select * from {{ ref('int_reason_breakdowns') }}

),

reason_duration_cells as (

    select * from {{ ref('int_reason_duration_cells') }}

),

reason_variants as (

    select * from {{ ref('int_reason_variants') }}

),

-- the other reasons in the same band are the whole that a share is of
bands as (

    select
        *,
        cast(sum(adults_count) over (
            partition by geography_id, period_year, definition_id, breakdown, duration_band
        ) as bigint) as adults_with_reason_count
    from reason_duration_cells

),

final as (

    {% for duration, adults, all_adults in durations %}
        select
            geography_id,
            period_year,
            is_reported_1y,
            definition_id,
            reason,
            sex,
            age_band,
            origin,
            children,
            '{{ duration }}' as duration,
            {{ adults }} as adults_count,
            {{ all_adults }} as adults_with_reason_count
        from reason_breakdowns
        where {{ adults }} > 0 or is_by_sex_only
        union all
    {% endfor %}
    select
        reason_breakdowns.geography_id,
        reason_breakdowns.period_year,
        reason_breakdowns.is_reported_1y,
        reason_breakdowns.definition_id,
        reason_breakdowns.reason,
        reason_breakdowns.sex,
        reason_breakdowns.age_band,
        reason_breakdowns.origin,
        reason_breakdowns.children,
        bands.duration_band as duration,
        bands.adults_count,
        bands.adults_with_reason_count
    from bands
    inner join reason_breakdowns
        on
            bands.geography_id = reason_breakdowns.geography_id
            and bands.period_year = reason_breakdowns.period_year
            and bands.definition_id = reason_breakdowns.definition_id
            and bands.breakdown = reason_breakdowns.breakdown
            and bands.reason = reason_breakdowns.reason
    union all
    select
        geography_id,
        period_year,
        is_reported_1y,
        'reason:any' as definition_id,
        reason,
        sex,
        cast(null as varchar) as age_band,
        cast(null as varchar) as origin,
        cast(null as varchar) as children,
        'all' as duration,
        any_adults_count as adults_count,
        adults_count as adults_with_reason_count
    from reason_variants

)

select * from final
