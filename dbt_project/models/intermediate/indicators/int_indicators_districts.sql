{% set persons = {'is_reported': 'is_reported_1y', 'breakdown': "'district=' || district"} %}
{% set longterm = dict(persons, definition='longterm:person_wide', numerator='longterm_adults') %}
{% set rows = [
    dict(persons, id='recipients', numerator='recipients'),
    dict(persons, id='adult_recipients', numerator='adult_recipients'),
    dict(persons, id='child_recipients', numerator='child_recipients'),
    dict(longterm, id='longterm_adults'),
    dict(longterm, id='longterm_adults_share_recipients', denominator='adult_recipients'),
    dict(persons, id='households', numerator='households', unit='households'),
    dict(persons, id='paid_sek', numerator='paid_sek', people='households', unit='sek', is_reported='is_paid_reported_1y'),
] %}

with

district_counts as (

    select * from {{ ref('int_district_counts') }}

),

final as (

    {{ indicator_rows('district_counts', rows) }}

)

select * from final
