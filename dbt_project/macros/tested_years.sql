{#-
A test looks at what was built: of a model that is built by year, the years that the changed months reach
(changed_years.sql). Rows of all other years were tested when they were written, and nothing has touched them since.
-#}

{#- Condition, for a test that is a query of its own: the year was built. -#}
{% macro in_tested_years(model_name, year=none) -%}
    {%- if execute -%}
        {{ in_built_years(graph.nodes['model.' ~ project_name ~ '.' ~ model_name], year) }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- What a generic test reads: dbt asks this macro. -#}
{% macro default__get_where_subquery(relation) -%}
    {%- if not execute or not model.attached_node -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set condition = in_built_years(graph.nodes[model.attached_node]) -%}
    {{ return(relation if condition == 'true' else '(select * from ' ~ relation ~ ' where ' ~ condition ~ ') as built_rows') }}
{%- endmacro %}

{% macro in_built_years(node, year=none) -%}
    {%- if node.config.materialized != 'incremental' or env_var('BISTAND_CHANGED_YEARS', 'all') == 'all' -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set built_year = year or node.config.meta.get('year', 'period_year') -%}
    {{ return(in_years(built_year, years_around_changed(node.config.meta))) }}
{%- endmacro %}
