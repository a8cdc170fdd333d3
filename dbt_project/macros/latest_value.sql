{#- The value of the row with the highest order key. -#}
{% macro value_at_highest(value, order_key) -%}
    arg_max({{ value }}, {{ order_key }})
{%- endmacro %}
