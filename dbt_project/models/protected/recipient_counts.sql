{% set measures = person_measures() | list %}

with

recipient_breakdowns as (

    select * from {{ ref('int_recipient_breakdowns') }}
    where coalesce(age_from, 18) >= 18

),

whole_counts as (

    select
        geography_id,
        period_year,
        breakdown,
    {% for measure in measures %}
        bool_or(measure = '{{ measure }}') as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('whole_counts') }}
    group by geography_id, period_year, breakdown

),

rules as (

    select * from {{ ref('release_profile') }}

),

left_out as (

    select left_out.*
    from {{ ref('left_out') }} as left_out
    inner join rules
        on left_out.profile = rules.profile

),

left_out_bands as (

    select
        case kind when 'age_band' then '%;age=' else '%;sex=%;age=' end || value || ';%' as pattern
    from left_out
    where kind in ('age_band', 'age_band_by_sex')

),

left_out_measures as (

    select * from {{ ref('left_out_measures') }}

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
        {%- set is_whole = 'coalesce(whole_counts.' ~ measure ~ ', false)' %}
        case
            when not left_out_measures.{{ measure }}
                then cast({{ protected_count('counts.' ~ measure, is_whole) }} as bigint)
        end as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from recipient_breakdowns as counts
    cross join rules
    inner join left_out_measures
        on left_out_measures.is_crossed = (counts.breakdown like '%;%')
    left join whole_counts
        on
            counts.geography_id = whole_counts.geography_id
            and counts.period_year = whole_counts.period_year
            and counts.breakdown = whole_counts.breakdown
    where
        not exists (
            select left_out_bands.pattern from left_out_bands
            where ';' || counts.breakdown || ';' like left_out_bands.pattern
        )

)

select * from final
