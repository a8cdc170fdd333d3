{#- The value of the row with the highest order key. -#}
{% macro value_at_highest(value, order_key) -%}
    {{ return(adapter.dispatch('value_at_highest')(value, order_key)) }}
{%- endmacro %}

{% macro default__value_at_highest(value, order_key) -%}
    arg_max({{ value }}, {{ order_key }})
{%- endmacro %}

{% macro spark__value_at_highest(value, order_key) -%}
    max_by({{ value }}, {{ order_key }})
{%- endmacro %}
