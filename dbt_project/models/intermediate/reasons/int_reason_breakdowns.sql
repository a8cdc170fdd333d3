-- Adults by yearly reason, of any duration; a reason nobody has is 0.
{% set measures = ['adults_count', 'longterm_adults_count', 'sick_without_benefit_adults_count'] %}

with

reason_duration_cells as (

    select * from {{ ref('int_reason_duration_cells') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

breakdowns as (

    select
        'reason:most_frequent' as definition_id,
        *
    from {{ ref('int_reason_dimensions') }}
    union all
    select
        'reason:latest' as definition_id,
        *
    from {{ ref('int_reason_dimensions') }}
    where is_by_sex_only

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

counted as (

    select
        geography_id,
        period_year,
        definition_id,
        reason,
        breakdown,
    {% for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from reason_duration_cells
    group by geography_id, period_year, definition_id, reason, breakdown

),

classified as (

    select
        geography_id,
        period_year,
        definition_id,
        breakdown,
    {% for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from counted
    group by geography_id, period_year, definition_id, breakdown

),

final as (

    select
        geography_years.geography_id,
        geography_years.period_year,
        geography_years.is_reported_1y,
        breakdowns.definition_id,
        breakdowns.breakdown,
        breakdowns.sex,
        breakdowns.age_band,
        breakdowns.origin,
        breakdowns.children,
        breakdowns.is_by_sex_only,
        publication_categories.publication_category as reason,
    {% for measure in measures %}
        cast(coalesce(counted.{{ measure }}, 0) as bigint) as {{ measure }},
        cast(coalesce(classified.{{ measure }}, 0) as bigint) as all_{{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from geography_years
    cross join breakdowns
    cross join publication_categories
    left join classified
        on
            geography_years.geography_id = classified.geography_id
            and geography_years.period_year = classified.period_year
            and breakdowns.definition_id = classified.definition_id
            and breakdowns.breakdown = classified.breakdown
    left join counted
        on
            geography_years.geography_id = counted.geography_id
            and geography_years.period_year = counted.period_year
            and breakdowns.definition_id = counted.definition_id
            and publication_categories.publication_category = counted.reason
            and breakdowns.breakdown = counted.breakdown

)

select * from final
