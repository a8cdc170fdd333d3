{#- One row per whole number from `first` to `last`: column number. -#}
{% macro number_series(first, last) -%}
    (select unnest(range({{ first }}, {{ last + 1 }})) as number)
{%- endmacro %}
