{#- indicator, definition, numerator, denominator, unit, years of the window, whom it counts -#}
{% set indicators = [
    ('recipients', 'default', 'recipients', none, 'persons', 1, 'all'),
    ('recipients_share_population', 'default', 'recipients', 'population', 'share', 1, 'all_of_population'),
    ('adult_recipients', 'default', 'adult_recipients', none, 'persons', 1, 'adults'),
    ('adult_recipients_share_population', 'default', 'adult_recipients', 'adult_population', 'share', 1,
        'adults_of_population'),
    ('child_recipients', 'default', 'child_recipients', none, 'persons', 1, 'children'),
    ('child_recipients_share_population', 'default', 'child_recipients', 'child_population', 'share', 1,
        'children_of_population'),
    ('longterm_adults', 'longterm:person_wide', 'longterm_adults_person_wide', none, 'persons', 1, 'adults'),
    ('longterm_adults', 'longterm:within_municipality', 'longterm_adults_within_municipality', none, 'persons', 1,
        'adults'),
    ('longterm_adults_share_recipients', 'longterm:person_wide', 'longterm_adults_person_wide', 'adult_recipients',
        'share', 1, 'adults'),
    ('longterm_adults_share_recipients', 'longterm:within_municipality', 'longterm_adults_within_municipality',
        'adult_recipients', 'share', 1, 'adults'),
    ('longterm_adults_share_population', 'longterm:person_wide', 'longterm_adults_person_wide', 'adult_population',
        'share', 1, 'adults_of_population'),
    ('longterm_adults_share_population', 'longterm:within_municipality', 'longterm_adults_within_municipality',
        'adult_population', 'share', 1, 'adults_of_population'),
    ('very_longterm_adults', 'very_longterm:interior', 'very_longterm_interior', none, 'persons', 3, 'adults'),
    ('very_longterm_adults', 'very_longterm:window', 'very_longterm_window', none, 'persons', 3, 'adults'),
    ('very_longterm_adults_share_recipients', 'very_longterm:interior', 'very_longterm_interior',
        'adult_recipients_3y', 'share', 3, 'adults'),
    ('very_longterm_adults_share_recipients', 'very_longterm:window', 'very_longterm_window', 'adult_recipients_3y',
        'share', 3, 'adults'),
    ('very_longterm_not_longterm_adults', 'very_longterm:interior', 'very_longterm_not_longterm', none, 'persons', 3,
        'adults_by_sex'),
    ('break_rule_differs_adults', 'very_longterm:window', 'break_rule_differs', none, 'persons', 3, 'adults_by_sex'),
    ('longterm_children', 'longterm:person_wide', 'longterm_children_person_wide', none, 'persons', 1, 'children'),
    ('longterm_children', 'longterm:within_municipality', 'longterm_children_within_municipality', none, 'persons', 1,
        'children'),
    ('longterm_children_share_population', 'longterm:person_wide', 'longterm_children_person_wide',
        'child_population', 'share', 1, 'children_of_population'),
    ('longterm_children_share_population', 'longterm:within_municipality', 'longterm_children_within_municipality',
        'child_population', 'share', 1, 'children_of_population'),
] %}
{% set whom = {
    'all': 'true',
    'all_of_population': 'origin is null',
    'adults': 'coalesce(age_from, 18) >= 18',
    'adults_of_population': 'coalesce(age_from, 18) >= 18 and origin is null',
    'adults_by_sex': 'age_band is null and origin is null',
    'children': 'age_band is null',
    'children_of_population': 'age_band is null and origin is null',
} %}

with

recipient_breakdowns as (

    select * from {{ ref('int_recipient_breakdowns') }}

),

young_adults as (

    select * from recipient_breakdowns
    where age_band = '18-24'

),

final as (

    {% for indicator_id, definition_id, numerator, denominator, unit, window_years, counted in indicators %}
        select
            '{{ indicator_id }}' as indicator_id,
            '{{ definition_id }}' as definition_id,
            geography_id,
            cast(period_year as varchar) as period,
            period_year,
            breakdown,
            cast({{ numerator }} as double) as numerator,
            cast({{ denominator or 'null' }} as double) as denominator,
            {{ 'true' if denominator else 'false' }} as is_ratio,
            '{{ unit }}' as unit,
            is_reported_{{ window_years }}y as is_reported,
            {% if denominator in ('adult_recipients', 'adult_recipients_3y') -%}
                least(nullif({{ numerator }}, 0), nullif({{ denominator }}, 0)) as disclosure_count
            {%- else -%}
                {{ numerator }} as disclosure_count
            {%- endif %}
        from recipient_breakdowns
        where {{ whom[counted] }}
        union all
    {% endfor %}
    select
        'young_adult_recipients_share_population' as indicator_id,
        'default' as definition_id,
        geography_id,
        cast(period_year as varchar) as period,
        period_year,
        coalesce('sex=' || sex, 'total') as breakdown,
        cast(adult_recipients as double) as numerator,
        cast(population as double) as denominator,
        true as is_ratio,
        'share' as unit,
        is_reported_1y as is_reported,
        adult_recipients as disclosure_count
    from young_adults

)

select * from final
