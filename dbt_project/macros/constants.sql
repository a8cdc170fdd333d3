{#- One row with the named constants of the seed rule_constants as columns. -#}
{% macro constants(names, type='integer') -%}
    (
        select
            {% for name in names %}
            cast(max(case when constant_id = '{{ name }}' then constant_value end) as {{ type }}) as {{ name }}
            {{- "," if not loop.last }}
            {% endfor %}
        from {{ ref('rule_constants') }}
    )
{%- endmacro %}
