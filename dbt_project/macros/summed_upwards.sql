{#-
Counts of areas from counts of municipalities: the rows of each area itself, and the additive rows of its
municipalities of the year (`keys` must hold period_year). `counts` names a relation with municipality rows (geography_id is a municipality, is_additive true or
false) and the rows written for larger areas (is_additive false).
-#}
{% macro summed_upwards(counts, keys, measures) -%}
    select
        geography_id,
        {% for key in keys %}{{ key }},
        {% endfor -%}
        {% for measure in measures %}cast(sum({{ measure }}) as bigint) as {{ measure }}{{ "," if not loop.last }}
        {% endfor -%}
    from (
        select
            geography_id,
            {{ keys | join(', ') }},
            {{ measures | join(', ') }}
        from {{ counts }}
        union all
        select
            member_years.geography_id,
            {% for key in keys %}{{ counts }}.{{ key }}, {% endfor %}
            {% for measure in measures %}{{ counts }}.{{ measure }}{{ "," if not loop.last }} {% endfor %}
        from {{ counts }}
        inner join {{ ref('int_geography_member_years') }} as member_years
            on
                {{ counts }}.geography_id = member_years.municipality_code
                and {{ counts }}.period_year = member_years.period_year
                and member_years.geography_type <> 'municipality'
        where {{ counts }}.is_additive
    ) as own_and_members
    group by geography_id, {{ keys | join(', ') }}
{%- endmacro %}
