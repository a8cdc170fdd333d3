{#-
The months of a year are the bits of one integer: January is bit 0, December bit 11. A union of months over
households and municipalities is then bit_or, and a month can never be counted twice. Three years are laid after
each other in 36 bits. Engines differ in how they spell the operators, so they stand here only.
-#}

{% macro month_bit(month_number) -%}
    (cast(1 as bigint) << cast({{ month_number }} - 1 as integer))
{%- endmacro %}

{% macro shift_months(bits, months) -%}
    (cast({{ bits }} as bigint) << cast({{ months }} as integer))
{%- endmacro %}

{#- The other way: months that are that many months later come to the place of the first. -#}
{% macro shift_months_back(bits, months) -%}
    (cast({{ bits }} as bigint) >> cast({{ months }} as integer))
{%- endmacro %}

{#- The first months of a line of bits, as many as `months` says. -#}
{% macro first_months(bits, months) -%}
    ({{ bits }} & ({{ shift_months('1', months) }} - 1))
{%- endmacro %}

{#- 1 when the month is among the bits, else 0 -#}
{% macro has_month(bits, month_number) -%}
    (({{ bits }} >> ({{ month_number }} - 1)) & 1)
{%- endmacro %}

{#- The quarters, as the first four bits, that any of the months is in, of those whose three months are delivered. -#}
{% macro whole_quarters(bits, delivered_bits) -%}
    (
    {%- for number in range(4) %}
        {%- set months = 7 * 8 ** number %}
        case when ({{ bits }} & {{ months }}) <> 0 and ({{ delivered_bits }} & {{ months }}) = {{ months }} then {{ 2 ** number }} else 0 end
        {{- " +" if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}

{% macro months_in(bits) -%}
    cast(bit_count({{ bits }}) as integer)
{%- endmacro %}

{#- The months as text of ones and zeros, latest first: '000000000011' is January and February. -#}
{% macro months_as_text(bits, width) -%}
    lpad(bin({{ bits }}), {{ width }}, '0')
{%- endmacro %}

{#- The number of the latest month among the bits of a year. -#}
{% macro highest_month(bits) -%}
    length(bin({{ bits }}))
{%- endmacro %}

{#- The twelve months ending in month 1-12 of the later of two years, from their 24 bits. -#}
{% macro rolling_window(two_year_bits, month_number) -%}
    (({{ two_year_bits }} >> {{ month_number }}) & 4095)
{%- endmacro %}

{#- The number of the earliest month among the bits. -#}
{% macro lowest_month(bits) -%}
    {{ highest_month('(' ~ bits ~ ' & -' ~ bits ~ ')') }}
{%- endmacro %}

{#- Three years after each other, 36 bits; the one in the middle is looked at. -#}
{% macro three_years(year_before, this_year, year_after) -%}
    coalesce({{ year_before }}, 0)
    | {{ shift_months(this_year, 12) }}
    | {{ shift_months('coalesce(' ~ year_after ~ ', 0)', 24) }}
{%- endmacro %}

{#- The months of the middle year with aid in the month before, or in the month after. -#}
{% macro months_with_aid_before(three_years) -%}
    {{ shift_months_back(three_years, 11) }}
{%- endmacro %}

{% macro months_with_aid_after(three_years) -%}
    {{ shift_months_back(three_years, 13) }}
{%- endmacro %}

{#- Twelve of the three years' months, the earliest first: up to the month before one of the middle year, from that month
on, and from the month after. -#}
{% macro twelve_months_before(three_years, month_number) -%}
    {{ shift_months_back(three_years, month_number ~ ' - 1') }} & 4095
{%- endmacro %}

{% macro twelve_months_from(three_years, month_number) -%}
    {{ shift_months_back(three_years, month_number ~ ' + 11') }} & 4095
{%- endmacro %}

{% macro twelve_months_after(three_years, month_number) -%}
    {{ shift_months_back(three_years, month_number ~ ' + 12') }} & 4095
{%- endmacro %}

{#- Conditions: the last, or the first, so many of twelve months are without aid. -#}
{% macro last_months_are_empty(twelve_months, months) -%}
    {{ shift_months_back(twelve_months, '12 - ' ~ months) }} = 0
{%- endmacro %}

{% macro first_months_are_empty(twelve_months, months) -%}
    {{ first_months(twelve_months, months) }} = 0
{%- endmacro %}

{#- The months of a year that lies so many years later, counted from a month: that month is the first bit, and those before
it are gone. -#}
{% macro months_since(bits, years_later, month_number) -%}
    {{ shift_months_back(shift_months(bits, '12 * (' ~ years_later ~ ')'), month_number ~ ' - 1') }}
{%- endmacro %}

{#- How many months come before the first `empty_months` empty ones in a row; -1 when there are none such. -#}
{% macro months_before_break(bits, empty_months, width) -%}
    position(repeat('0', {{ empty_months }}) in reverse({{ months_as_text(bits, width) }})) - 1
{%- endmacro %}
