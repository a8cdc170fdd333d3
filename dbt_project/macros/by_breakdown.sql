{#-
Sums of cells (`keys`, sex, finest age band, origin) for each breakdown: total, sex, age, sex and age, and origin when
the cells have it. Age bands overlap (18-24 and 18-19), so each band gathers its finest bands.
-#}
{% macro by_breakdown(cells, measures, keys=['geography_id', 'period_year'], has_origin=true) -%}
    {%- set key_list = keys | join(', ') -%}
    select
        {{ key_list }},
        coalesce(
            nullif(concat_ws(';', 'sex=' || sex{% if has_origin %}, 'origin=' || origin{% endif %}), ''), 'total'
        ) as breakdown,
        {% for measure in measures %}cast(sum({{ measure }}) as bigint) as {{ measure }}{{ "," if not loop.last }}
        {% endfor -%}
    from {{ cells }}
    group by grouping sets (
        ({{ key_list }}),
        ({{ key_list }}, sex){% if has_origin %},
        ({{ key_list }}, origin){% endif %}
    )
    union all
    select
        {{ key_list }},
        concat_ws(';', 'sex=' || sex, 'age=' || age_band) as breakdown,
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
        ({{ key_list }}, age_band),
        ({{ key_list }}, sex, age_band)
    )
{%- endmacro %}
