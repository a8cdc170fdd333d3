{#- One row per year that a register can hold: column range_year. -#}
{% macro year_series() -%}
    {{ return(adapter.dispatch('year_series')()) }}
{%- endmacro %}

{% macro default__year_series() -%}
    (select unnest(range(1985, 2100)) as range_year)
{%- endmacro %}

{% macro spark__year_series() -%}
    (select explode(sequence(1985, 2099)) as range_year)
{%- endmacro %}
