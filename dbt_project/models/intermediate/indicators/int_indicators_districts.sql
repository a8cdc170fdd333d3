{#- indicator, definition, numerator, denominator, unit, people behind -#}
{% set measures = [
    ('recipients', 'default', 'recipients', none, 'persons', 'recipients'),
    ('adult_recipients', 'default', 'adult_recipients', none, 'persons', 'adult_recipients'),
    ('child_recipients', 'default', 'child_recipients', none, 'persons', 'child_recipients'),
    ('longterm_adults', 'longterm:person_wide', 'longterm_adults', none, 'persons', 'longterm_adults'),
    ('longterm_adults_share_recipients', 'longterm:person_wide', 'longterm_adults', 'adult_recipients', 'share',
        'least(nullif(longterm_adults, 0), nullif(adult_recipients, 0))'),
    ('households', 'default', 'households', none, 'households', 'households'),
    ('paid_sek', 'default', 'paid_sek', none, 'sek', 'households'),
] %}

with

district_counts as (

    select * from {{ ref('int_district_counts') }}

),

final as (

    {% for indicator_id, definition_id, numerator, denominator, unit, people in measures %}
        select
            '{{ indicator_id }}' as indicator_id,
            '{{ definition_id }}' as definition_id,
            geography_id,
            cast(period_year as varchar) as period,
            period_year,
            'district=' || district as breakdown,
            cast({{ numerator }} as double) as numerator,
            cast({{ denominator or 'null' }} as double) as denominator,
            {{ 'true' if denominator else 'false' }} as is_ratio,
            '{{ unit }}' as unit,
            {{ 'is_paid_reported_1y' if indicator_id == 'paid_sek' else 'is_reported_1y' }} as is_reported,
            cast({{ people }} as bigint) as disclosure_count
        from district_counts
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
