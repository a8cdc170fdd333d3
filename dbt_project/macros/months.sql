{#-
A month as a whole number that counts on over years: January of year 0 is 0, so two months lie as far apart as their
numbers. `month_index` means this everywhere, and `<what>_month_index` is that of a named month.
-#}
{% macro month_index(year, month_number) -%}
    {{ year }} * 12 + {{ month_number }} - 1
{%- endmacro %}

{#- The same of a date in it. -#}
{% macro month_index_of(date) -%}
    cast({{ month_index('extract(year from ' ~ date ~ ')', 'extract(month from ' ~ date ~ ')') }} as integer)
{%- endmacro %}

{#- The name of a month as a period: '2019-03'. -#}
{% macro month_period(year, month_number) -%}
    cast({{ year }} as varchar) || '-' || lpad(cast({{ month_number }} as varchar), 2, '0')
{%- endmacro %}

{#- The same of a month_index. -#}
{% macro period_of_index(month_index) -%}
    {{ month_period('cast(floor(' ~ month_index ~ ' / 12) as integer)', '(' ~ month_index ~ ' % 12 + 1)') }}
{%- endmacro %}

{#- The name of a quarter as a period: '2019-Q3'. -#}
{% macro quarter_period(year, quarter_number) -%}
    cast({{ year }} as varchar) || '-Q' || cast({{ quarter_number }} as varchar)
{%- endmacro %}

{#- Parts of a year that persons are counted in: columns part_number (1-12 the months, 13-16 the quarters) and part_bits, its months. -#}
{% macro year_parts() -%}
    (
    {%- for number in range(1, 13) %}
        select cast({{ number }} as integer) as part_number, {{ 2 ** (number - 1) }} as part_bits union all
    {%- endfor %}
    {%- for number in range(4) %}
        select cast({{ 13 + number }} as integer) as part_number, {{ 7 * 8 ** number }} as part_bits
        {{- " union all" if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}

{#- What kind of time a period in words is (2019, 2019-07 or 2019-Q3), its first day, and its parts. -#}
{% macro period_columns(period) -%}
    case
            when length({{ period }}) = 4 then 'year'
            when substr({{ period }}, 6, 1) = 'Q' then 'quarter'
            else 'month'
        end as period_kind,
        cast(
            left({{ period }}, 4) || '-'
            || case
                when length({{ period }}) = 4 then '01'
                when substr({{ period }}, 6, 1) = 'Q'
                    then lpad(cast(3 * cast(right({{ period }}, 1) as integer) - 2 as varchar), 2, '0')
                else right({{ period }}, 2)
            end || '-01' as date
        ) as period_start,
        cast(left({{ period }}, 4) as integer) as period_year,
        case
            when length({{ period }}) = 7 and substr({{ period }}, 6, 1) <> 'Q' then cast(right({{ period }}, 2) as integer)
        end as period_month
{%- endmacro %}

{#- One row per month of a year: column month_number. -#}
{% macro month_numbers() -%}
    (
    {%- for month_number in range(1, 13) %}
        select cast({{ month_number }} as integer) as month_number{{ " union all" if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}
