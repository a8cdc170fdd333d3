{#-
Rows of indicators from a relation with one column per measure, in the columns that the protection reads. Each indicator is
a dictionary: `id`, `numerator`, `is_reported`, and where they are not the usual: `definition` (default), `denominator`
(none: a count), `unit` (persons, or share), `period` (the year), `breakdown`, `where` (all rows), `measure` (what the
count behind the numerator is called among the headline counts: its column), and `people` and `denominator_people`: how many the numerator
or the denominator is the kronor or months of, when it is no count itself.
-#}
{% macro indicator_rows(counts, indicators) -%}
    {% for indicator in indicators %}
        {%- set numerator = indicator.numerator %}
        {%- set denominator = indicator.get('denominator') %}
        select
            '{{ indicator.id }}' as indicator_id,
            {{ indicator.get('definition_column') or "'" ~ indicator.get('definition', 'default') ~ "'" }} as definition_id,
            geography_id,
            {{ indicator.get('period', 'cast(period_year as varchar)') }} as period,
            period_year,
            {{ indicator.get('breakdown', 'breakdown') }} as breakdown,
            cast({{ numerator }} as double) as numerator,
            cast({{ indicator.get('people', 'null') }} as bigint) as numerator_people,
            cast({{ denominator or 'null' }} as double) as denominator,
            cast({{ indicator.get('denominator_people', 'null') }} as bigint) as denominator_people,
            '{{ indicator.get('measure', indicator.get('people', numerator)) }}' as numerator_measure,
            '{{ denominator or '' }}' as denominator_measure,
            {{ 'true' if denominator else 'false' }} as is_ratio,
            '{{ indicator.get('unit') or ('share' if denominator else 'persons') }}' as unit,
            {{ indicator.is_reported }} as is_reported
        from {{ counts }}
        where {{ indicator.get('where', 'true') }}
        {{ "union all" if not loop.last }}
    {% endfor %}
{%- endmacro %}
