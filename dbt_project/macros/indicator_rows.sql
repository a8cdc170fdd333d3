{#-
Rows of indicators from a relation with one column per measure, in the columns that indicator_values judges. Each indicator
is a dictionary: `id`, `numerator`, `is_reported`, and where they are not the usual: `definition` (default), `denominator`
(none: a count), `unit` (persons, or share), `period` (the year), `breakdown`, `people` (the persons or households behind
the figure: the fewer of numerator and denominator, but a population gives nobody away) and `where` (all rows).
-#}
{% macro indicator_rows(counts, indicators) -%}
    {% for indicator in indicators %}
        {%- set numerator = indicator.numerator %}
        {%- set denominator = indicator.get('denominator') %}
        {%- set least_people = 'least(nullif(' ~ numerator ~ ', 0), nullif(' ~ (denominator or '') ~ ', 0))' %}
        {%- set is_among_recipients = denominator and not denominator.endswith('population') %}
        select
            '{{ indicator.id }}' as indicator_id,
            {{ indicator.get('definition_column') or "'" ~ indicator.get('definition', 'default') ~ "'" }} as definition_id,
            geography_id,
            {{ indicator.get('period', 'cast(period_year as varchar)') }} as period,
            period_year,
            {{ indicator.get('breakdown', 'breakdown') }} as breakdown,
            cast({{ numerator }} as double) as numerator,
            cast({{ denominator or 'null' }} as double) as denominator,
            {{ 'true' if denominator else 'false' }} as is_ratio,
            '{{ indicator.get('unit') or ('share' if denominator else 'persons') }}' as unit,
            {{ indicator.is_reported }} as is_reported,
            cast({{ indicator.get('people') or (least_people if is_among_recipients else numerator) }} as bigint)
                as disclosure_count
        from {{ counts }}
        where {{ indicator.get('where', 'true') }}
        {{ "union all" if not loop.last }}
    {% endfor %}
{%- endmacro %}
