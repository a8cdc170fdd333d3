{#- One row per year that a register can hold: column range_year. -#}
{% macro year_series() -%}
    (select unnest(range(1985, 2100)) as range_year)
{%- endmacro %}
