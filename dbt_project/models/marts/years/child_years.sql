-- What is known of adults only is left out, so that fewer and larger rows are left.
{% set traits = [
    'sex', 'origin', 'household_type', 'district', 'months_count', 'months_everywhere_count', 'is_longterm_person_wide',
    'is_longterm_within_municipality', 'has_entered', 'has_ended',
] %}
with

counts as (

    select * from {{ ref('person_year_counts') }}
    where not is_adult

),

municipalities as (

    select * from {{ ref('dim_geographies') }}
    where geography_type = 'municipality'

),

final as (

    select
        counts.municipality_code,
        municipalities.geography_name as municipality_name,
        counts.period_year,
        {% for trait in traits %}
            counts.{{ trait }},
        {% endfor %}
        cast(sum(counts.persons_count) as bigint) as children_count,
        cast(sum(counts.paid_sek) as double) as paid_sek,
        cast(sum(counts.forsorjningsstod_sek) as double) as forsorjningsstod_sek
    from counts
    inner join municipalities
        on counts.municipality_code = municipalities.geography_id
    group by
        {% for trait in traits %}
            counts.{{ trait }},
        {% endfor %}
        counts.municipality_code,
        municipalities.geography_name,
        counts.period_year

)

select * from final
