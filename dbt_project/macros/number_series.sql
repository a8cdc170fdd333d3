{#- One row per whole number from `first` to `last`: a column to be named. -#}
{% macro number_series(first, last) -%}
    {{ return(adapter.dispatch('number_series')(first, last)) }}
{%- endmacro %}

{% macro default__number_series(first, last) -%}
    (select unnest(range({{ first }}, {{ last + 1 }})))
{%- endmacro %}

{% macro spark__number_series(first, last) -%}
    (select explode(sequence({{ first }}, {{ last }})))
{%- endmacro %}
