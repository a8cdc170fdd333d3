{#-
Sums of cells (`keys`, sex, finest age band and the columns of `also_by`) for each breakdown: total, sex, age, sex and
age (unless `sex_and_age` is false: each of them only by itself), and each of `also_by` by itself. Age bands overlap
(18-24 and 18-19), so each band gathers its finest bands.
-#}
{% macro by_breakdown(cells, measures, keys=['geography_id', 'period_year'], also_by=['origin'], sex_and_age=true) -%}
    {%- set key_list = keys | join(', ') -%}
    select
        {{ key_list }},
        coalesce(
            nullif(concat_ws(';', 'sex=' || sex{% for dimension in also_by %}, '{{ dimension }}=' || {{ dimension }}{% endfor %}), ''),
            'total'
        ) as breakdown,
        {% for measure in measures %}cast(sum({{ measure }}) as bigint) as {{ measure }}{{ "," if not loop.last }}
        {% endfor -%}
    from {{ cells }}
    group by grouping sets (
        ({{ key_list }}),
        ({{ key_list }}, sex){% for dimension in also_by %},
        ({{ key_list }}, {{ dimension }}){% endfor %}
    )
    union all
    select
        {{ key_list }},
        {% if sex_and_age %}concat_ws(';', 'sex=' || sex, 'age=' || age_band){% else %}'age=' || age_band{% endif %} as breakdown,
        {% for measure in measures %}cast(sum({{ measure }}) as bigint) as {{ measure }}{{ "," if not loop.last }}
        {% endfor -%}
    from (
        select
            {% for key in keys %}{{ cells }}.{{ key }}, {% endfor %}
            {{ cells }}.sex,
            wider.age_band,
            {% for measure in measures %}{{ cells }}.{{ measure }}{{ "," if not loop.last }} {% endfor %}
        from {{ cells }}
        inner join {{ ref('age_bands') }} as finest
            on {{ cells }}.age_band = finest.age_band and finest.is_finest
        inner join {{ ref('age_bands') }} as wider
            on finest.age_from >= wider.age_from and finest.age_to <= wider.age_to
    ) as banded
    group by grouping sets (
        ({{ key_list }}, age_band){% if sex_and_age %},
        ({{ key_list }}, sex, age_band){% endif %}
    )
{%- endmacro %}
