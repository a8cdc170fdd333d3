{% set measures = person_measures() | list %}

with

recipient_breakdowns as (

    select * from {{ ref('int_recipient_breakdowns') }}
    where coalesce(age_from, 18) >= 18

),

headline_years as (

    select * from {{ ref('headline_years') }}
    where is_whole

),

headline_counts as (

    select * from {{ ref('headline_counts') }}
    where is_shown_whole

),

rules as (

    select * from {{ ref('release_profile') }}

),

whole_measures as (

    select
        breakdown,
    {% for measure in measures %}
        bool_or(measure = '{{ measure }}') as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from headline_counts
    group by breakdown

),

final as (

    select
        counts.geography_id,
        counts.period_year,
        counts.breakdown,
        counts.age_band,
        counts.is_reported_1y,
        counts.is_reported_3y,
        counts.adult_population,
        counts.child_population,
    {% for measure in measures %}
        cast({{ protected_count(
                'counts.' ~ measure,
                'headline_years.is_whole is not null and whole_measures.' ~ measure,
            ) }} as bigint) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from recipient_breakdowns as counts
    cross join rules
    left join headline_years
        on counts.geography_id = headline_years.geography_id and counts.period_year = headline_years.period_year
    left join whole_measures
        on counts.breakdown = whole_measures.breakdown

)

select * from final
