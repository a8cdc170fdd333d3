{#- A date of the seed activity_dates, as the month_index of its month. -#}
{% macro activity_month(date_id) -%}
    (
        select {{ month_index_of('event_date') }} from {{ ref('activity_dates') }}
        where date_id = '{{ date_id }}'
    )
{%- endmacro %}

{#-
Completed years at the last day of a month. Where the month of birth is not known it is January: then the age is that at 31 December,
as in every other measure.
-#}
{% macro age_at_month(month_index, birth_year, birth_month) -%}
    cast(floor(({{ month_index }} - ({{ birth_year }} * 12 + coalesce({{ birth_month }}, 1) - 1)) / 12) as integer)
{%- endmacro %}

{#- The age bands that the target group is broken down by: adults, and none that another holds but 18-24. -#}
{% macro target_group_bands() -%}
    (
        select * from {{ ref('age_bands') }}
        where age_from >= 18 and (is_young_adults or (is_finest and age_from >= 25))
    )
{%- endmacro %}
