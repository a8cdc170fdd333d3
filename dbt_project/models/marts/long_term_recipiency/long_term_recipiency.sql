-- Each count has a status of its own: of two in a row one can lie in the band and not the other.
{% set counts = [
    ('adult_recipients', 'adult_recipients', 1, none),
    ('adult_recipients_3y', 'adult_recipients_3y', 3, none),
    ('longterm_person_wide', 'longterm_adults_person_wide', 1, 'adult_recipients'),
    ('longterm_within_municipality', 'longterm_adults_within_municipality', 1, 'adult_recipients'),
    ('very_longterm_interior', 'very_longterm_interior', 3, 'adult_recipients_3y'),
    ('very_longterm_window', 'very_longterm_window', 3, 'adult_recipients_3y'),
    ('municipality_method_differs', 'municipality_method_differs', 1, none),
    ('break_rule_differs', 'break_rule_differs', 3, none),
    ('very_longterm_not_longterm', 'very_longterm_not_longterm', 3, none),
    ('child_recipients', 'child_recipients', 1, none),
    ('longterm_children', 'longterm_children_person_wide', 1, none),
] %}
{% set of_population = [
    ('longterm', 'longterm_adults_person_wide', 'adult_population', ''),
    ('longterm_children', 'longterm_children_person_wide', 'child_population', 'and recipient_counts.age_band is null'),
] %}

with

recipient_counts as (

    select * from {{ ref('recipient_counts') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

left_out as (

    select * from {{ ref('left_out_measures') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

final as (

    select
        recipient_counts.geography_id,
        geographies.geography_name,
        geography_years.municipalities_included_1y as municipalities_included,
        geography_years.municipalities_included_3y,
        geography_years.municipalities_total,
        recipient_counts.period_year,
        recipient_counts.breakdown,
        {% for name, measure, window_years, denominator in counts %}
            {%- set is_reported = 'recipient_counts.is_reported_' ~ window_years ~ 'y' %}
            {%- if measure.startswith('child') or '_children_' in measure %}
                {%- set is_reported = is_reported ~ ' and recipient_counts.age_band is null' %}
            {%- endif %}
            case when {{ is_reported }} then recipient_counts.{{ measure }} end as {{ name }}_count,
            case
                when not recipient_counts.is_reported_{{ window_years }}y then 'not_reported'
                when not ({{ is_reported }}) or left_out.{{ measure }} then 'not_applicable'
                when recipient_counts.{{ measure }} is null then 'suppressed'
                else 'published'
            end as {{ name }}_status,
            {%- if denominator %}
                case
                    when {{ is_reported }} and {{ is_denominator_shown('recipient_counts.' ~ denominator) }}
                        then {{ protected_share('recipient_counts.' ~ measure, 'recipient_counts.' ~ denominator) }}
                end as {{ name }}_share_recipients,
            {%- endif %}
        {% endfor %}
    {% for name, measure, population, condition in of_population %}
        case
            when recipient_counts.is_reported_1y {{ condition }}
                then recipient_counts.{{ measure }} / nullif(recipient_counts.{{ population }}, 0)
        end as {{ name }}_share_population{{ "," if not loop.last }}
    {% endfor %}
    from recipient_counts
    cross join rules
    inner join left_out
        on left_out.is_crossed = (recipient_counts.breakdown like '%;%')
    inner join geographies
        on recipient_counts.geography_id = geographies.geography_id
    left join geography_years
        on
            recipient_counts.geography_id = geography_years.geography_id
            and recipient_counts.period_year = geography_years.period_year

)

select * from final
