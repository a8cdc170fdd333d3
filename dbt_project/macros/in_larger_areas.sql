{#-
Persons do not add up over municipalities: those with several (not is_additive) once in each larger area of the year, in the
columns person_id, geography_id, period_year, `keys`, `aggregates` (name: expression) and is_additive. `rows` is a relation
of persons in municipalities with those columns.
-#}
{% macro in_larger_areas(rows, keys, aggregates) -%}
    select
        {{ rows }}.person_id,
        member_years.geography_id,
        {{ rows }}.period_year,
        {% for key in keys %}{{ rows }}.{{ key }},
        {% endfor -%}
        {% for name, expression in aggregates.items() %}{{ expression }} as {{ name }},
        {% endfor -%}
        false as is_additive
    from {{ rows }}
    inner join {{ ref('int_geography_member_years') }} as member_years
        on
            {{ rows }}.geography_id = member_years.municipality_code
            and {{ rows }}.period_year = member_years.period_year
            and member_years.geography_type <> 'municipality'
    where not {{ rows }}.is_additive
    group by
        {{ rows }}.person_id, member_years.geography_id, {{ rows }}.period_year
        {%- for key in keys %}, {{ rows }}.{{ key }}{% endfor %}
{%- endmacro %}
