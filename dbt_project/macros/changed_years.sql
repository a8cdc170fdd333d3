{#-
Loading a month builds the years that the month can tell of, and no others. The run says in which years months have
changed since the last build (BISTAND_CHANGED_YEARS; not set: everything is built). A model that is built by year is
`incremental` and says in its meta how far a changed month reaches: `years_behind` and `years_ahead` (0 when not said).
Its rows of those years are deleted and written again; all others stay.
-#}

{#- Whether rows of this model are there and stay. Not while dbt reads the project, and not in a unit test, where there is
no table. -#}
{% macro is_built_by_year() -%}
    {{ return(execute and this is not none and is_incremental()) }}
{%- endmacro %}

{#- The years whose rows of this model are built again, and as many years more as a window looks `back` and `forward`;
none when everything is. -#}
{% macro reached_years(back=0, forward=0) -%}
    {%- if not is_built_by_year() or env_var('BISTAND_CHANGED_YEARS', 'all') == 'all' -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(years_around_changed(model.config.meta, back, forward)) }}
{%- endmacro %}

{#- The changed years and those around them that a model with this meta tells of. -#}
{% macro years_around_changed(meta, back=0, forward=0) -%}
    {%- set first = 0 - meta.get('years_behind', 0) - back -%}
    {%- set last = meta.get('years_ahead', 0) + forward -%}
    {%- set years = [] -%}
    {%- for changed_year in env_var('BISTAND_CHANGED_YEARS').split() -%}
        {%- for distance in range(first, last + 1) -%}
            {%- do years.append((changed_year | int) + distance) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(years | unique | sort) }}
{%- endmacro %}

{#- Condition: the year is one of those. -#}
{% macro in_reached_years(year='period_year', back=0, forward=0) -%}
    {{ in_years(year, reached_years(back, forward)) }}
{%- endmacro %}

{#- Condition: the year is one of `years`; always true for none. -#}
{% macro in_years(year, years) -%}
    {%- if years is none -%}
        true
    {%- elif not years -%}
        false
    {%- else -%}
        {{ year }} in ({{ years | join(', ') }})
    {%- endif -%}
{%- endmacro %}

{#- The same for rows of months. The range lets the engine pass over the blocks of all other years. -#}
{% macro in_months_of_reached_years(month='period_month', year='period_year') -%}
    {%- set years = reached_years() -%}
    {{ in_reached_years(year) }}
    {%- if years %}
        and {{ month }} between date '{{ years[0] }}-01-01' and date '{{ years[-1] }}-12-31'
    {%- endif -%}
{%- endmacro %}

{#- Before the rows are written: those of the same years go. -#}
{% macro clear_reached_years() -%}
    {%- if is_built_by_year() -%}
        delete from {{ this }} where {{ in_reached_years(model.config.meta.get('year', 'period_year')) }}
    {%- endif -%}
{%- endmacro %}
