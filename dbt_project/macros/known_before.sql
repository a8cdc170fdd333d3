{#- The moment that the register is built as of: later deliveries and decisions are not known yet. Null is now. -#}
{% macro known_before() -%}
    {%- if var('known_before', none) -%}
        timestamp '{{ var('known_before') }}'
    {%- else -%}
        null
    {%- endif -%}
{%- endmacro %}
