{#- a population is not known by origin, so a share of it is not either -#}
{% set whom = {
    'all': 'true',
    'adults': 'coalesce(age_from, 18) >= 18',
    'children': 'age_band is null',
    'by_sex': 'age_band is null and origin is null',
} %}
{% set rows = [] %}
{% for indicator_id, definition_id, numerator, denominator, window_years, breakdowns in person_indicators() %}
    {% do rows.append({
        'id': indicator_id,
        'definition': definition_id,
        'numerator': numerator,
        'denominator': denominator,
        'is_reported': 'is_reported_' ~ window_years ~ 'y',
        'where': whom[breakdowns] ~ (' and origin is null' if denominator in population_measures() else ''),
    }) %}
{% endfor %}

with

recipient_breakdowns as (

    select * from {{ ref('int_recipient_breakdowns') }}

),

young_adults as (

    select recipient_breakdowns.*
    from recipient_breakdowns
    inner join {{ ref('age_bands') }} as age_bands
        on recipient_breakdowns.age_band = age_bands.age_band and age_bands.is_young_adults

),

final as (

    {{ indicator_rows('recipient_breakdowns', rows) }}
    union all
    {{ indicator_rows('young_adults', [{
        'id': 'young_adult_recipients_share_population',
        'numerator': 'adult_recipients',
        'denominator': 'population',
        'is_reported': 'is_reported_1y',
        'breakdown': "coalesce('sex=' || sex, 'total')",
        'measure': 'young_adult_recipients',
    }]) }}

)

select * from final
