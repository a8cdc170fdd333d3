{#- One row per whole number from `first` to `last`: column number. -#}
{% macro number_series(first, last) -%}
    {{ return(adapter.dispatch('number_series')(first, last)) }}
{%- endmacro %}

{% macro default__number_series(first, last) -%}
    (select unnest(range({{ first }}, {{ last + 1 }})) as number)
{%- endmacro %}

{% macro spark__number_series(first, last) -%}
    (select explode(sequence({{ first }}, {{ last }})) as number)
{%- endmacro %}
