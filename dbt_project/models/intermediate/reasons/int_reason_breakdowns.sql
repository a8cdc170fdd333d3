-- Adults by yearly reason, under both rules, by sex, by age and by origin; a reason nobody has is 0. Sex and age at once
-- would treble the rows and leave most of them hidden.
with

reason_cells as (

    select * from {{ ref('int_reason_cells') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

breakdowns as (

    select * from {{ ref('int_breakdowns') }}
    where coalesce(age_from, 18) >= 18 and (sex is null or age_band is null)

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

definition_cells as (

    {% for rule in ['most_frequent', 'latest'] %}
        select
            'reason:{{ rule }}' as definition_id,
            reason_{{ rule }} as reason,
            geography_id,
            period_year,
            sex,
            age_band,
            origin,
            sum(adults_count) as adults_count,
            sum(case when is_longterm_person_wide then adults_count else 0 end) as longterm_adults_count
        from reason_cells
        group by reason_{{ rule }}, geography_id, period_year, sex, age_band, origin
        {{ "union all" if not loop.last }}
    {% endfor %}

),

counted as (

    {{ by_breakdown(
        'definition_cells',
        ['adults_count', 'longterm_adults_count'],
        keys=['geography_id', 'period_year', 'definition_id', 'reason']
    ) }}

),

definitions as (

    select 'reason:most_frequent' as definition_id
    union all
    select 'reason:latest' as definition_id

),

grid as (

    select
        geography_years.geography_id,
        geography_years.period_year,
        geography_years.is_reported_1y,
        definitions.definition_id,
        breakdowns.breakdown,
        breakdowns.sex,
        breakdowns.age_band,
        breakdowns.origin,
        publication_categories.publication_category as reason,
        coalesce(counted.adults_count, 0) as adults_count,
        coalesce(counted.longterm_adults_count, 0) as longterm_adults_count
    from geography_years
    cross join definitions
    cross join breakdowns
    cross join publication_categories
    left join counted
        on
            geography_years.geography_id = counted.geography_id
            and geography_years.period_year = counted.period_year
            and definitions.definition_id = counted.definition_id
            and publication_categories.publication_category = counted.reason
            and breakdowns.breakdown = counted.breakdown

),

final as (

    select
        *,
        sum(adults_count) over (
            partition by geography_id, period_year, definition_id, breakdown
        ) as adults_with_reason_count,
        sum(longterm_adults_count) over (
            partition by geography_id, period_year, definition_id, breakdown
        ) as longterm_adults_with_reason_count
    from grid

)

select * from final
