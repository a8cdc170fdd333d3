{#- A date of the seed activity_law_dates. -#}
{% macro activity_date(date_id) -%}
    (
        select law_dates.event_date from {{ ref('activity_law_dates') }} as law_dates
        where law_dates.date_id = '{{ date_id }}'
    )
{%- endmacro %}

{#- The same as the month_index of its month. -#}
{% macro activity_month(date_id) -%}
    (
        select {{ month_index_of('law_dates.event_date') }} from {{ ref('activity_law_dates') }} as law_dates
        where law_dates.date_id = '{{ date_id }}'
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

{#-
What is counted of a quarter: measure, of which municipalities, and of which events.
-#}
{% macro activity_quarter_measures() -%}
    {%- set directed = "event_kind = 'directed'" -%}
    {%- set reduced = "event_kind in ('nekad', 'nedsatt') and paragraph in ('4a', '4d')" -%}
    {{ return({
        'activity_directed_4a': ('is_directed_reported', directed ~ " and is_of_quarter and paragraph = '4a'"),
        'activity_directed_4d': ('is_directed_reported', directed ~ " and is_of_quarter and paragraph = '4d'"),
        'activity_in_force_4a': ('is_directed_reported', directed ~ " and paragraph = '4a'"),
        'activity_in_force_4d': ('is_directed_reported', directed ~ " and paragraph = '4d'"),
        'support_refused_or_reduced': ('is_reduced_reported', reduced),
        'support_refused': ('is_reduced_reported', reduced ~ " and event_kind = 'nekad'"),
        'support_reduced': ('is_reduced_reported', reduced ~ " and event_kind = 'nedsatt'"),
    }) }}
{%- endmacro %}
