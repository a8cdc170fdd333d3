{#-
A table or view is made in one statement, and its key is tried before anything is built on it.

dbt-duckdb's own way makes the new one beside the old, renames both and drops one: eleven statements where DuckDB, whose
`create or replace` holds in a transaction, needs five. And a test of dbt takes longer to begin than the key of a model to try.
-#}
{% materialization table, adapter='duckdb' %}
    {{ return(made_at_once('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(made_at_once('view')) }}
{% endmaterialization %}

{% macro made_at_once(kind) %}
    {%- set target = this.incorporate(type=kind) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.type != kind -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- set select = sql -%}
    {%- if config.get('contract').enforced -%}
        {% do get_assert_columns_equivalent(sql) %}
        {%- if kind == 'table' -%}{%- set select = get_select_subquery(sql) -%}{%- endif -%}
    {%- endif -%}
    {% call statement('main') -%}
        create or replace {{ kind }} {{ target }} as ({{ select }})
    {%- endcall %}
    {% do try_key(target) %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ return({'relations': [target]}) }}
{% endmacro %}

{#- Stops at a model whose key, as its test names it, does not hold. -#}
{% macro try_key(relation) %}
    {%- for test in graph.nodes.values()
        if test.attached_node == model.unique_id and test.test_metadata.name in ('unique_combination', 'one_row') -%}
        {%- set asked = dict(test.test_metadata.kwargs, model=relation) -%}
        {%- set ask = test_one_row if test.test_metadata.name == 'one_row' else test_unique_combination -%}
        {%- set broken = run_query('select count(*) from (' ~ ask(**asked) ~ ')').columns[0].values()[0] -%}
        {%- if broken -%}
            {% do exceptions.raise_compiler_error('Nyckeln gäller inte: ' ~ broken ~ ' rader i ' ~ relation ~ ' bryter mot ' ~ test.name) %}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
