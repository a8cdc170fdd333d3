{#-
The counts of persons of a year, and the indicators made of them, each named here and nowhere else: cells, breakdowns and
areas are summed for every measure of the list (docs/how-to/add-an-indicator.md).
-#}

{#- Measure: whom of int_person_area_years it counts. -#}
{% macro person_measures() -%}
    {{ return({
        'recipients': 'is_recipient_1y',
        'adult_recipients': 'is_recipient_1y and is_adult',
        'child_recipients': 'is_recipient_1y and not is_adult',
        'adult_recipients_3y': 'is_recipient_3y and is_adult',
        'longterm_adults_person_wide': 'is_longterm_person_wide and is_adult',
        'longterm_adults_within_municipality': 'is_longterm_within_municipality and is_adult',
        'municipality_method_differs': 'is_longterm_person_wide <> is_longterm_within_municipality and is_adult',
        'longterm_children_person_wide': 'is_longterm_person_wide and not is_adult',
        'longterm_children_within_municipality': 'is_longterm_within_municipality and not is_adult',
        'very_longterm_interior': 'is_very_longterm_interior and is_adult',
        'very_longterm_window': 'is_very_longterm_window and is_adult',
        'break_rule_differs': 'is_very_longterm_interior <> is_very_longterm_window and is_adult',
        'very_longterm_not_longterm': 'is_very_longterm_interior and not is_longterm_person_wide and is_adult',
    }) }}
{%- endmacro %}

{#- Measure: whom of the population it counts, by age. -#}
{% macro population_measures() -%}
    {{ return({'population': 'true', 'adult_population': 'age >= 18', 'child_population': 'age < 18'}) }}
{%- endmacro %}

{#- Measure: what of int_flow_cells it sums, and of which municipalities: those whose window of that kind is delivered. -#}
{% macro flow_measures() -%}
    {{ return({
        'entries': ('entries', 'is_entry_reported'),
        'exits': ('exits', 'is_exit_reported'),
        'month10_entries': ('entries', 'is_month10_reported'),
        'month10_reached': ('reached', 'is_month10_reported'),
        'ended_adults': ('ended_adults', 'is_return_reported'),
        'returned_adults': ('returned_adults', 'is_return_reported'),
    }) }}
{%- endmacro %}

{#-
Indicator, definition, numerator, denominator, years of the window, and the breakdowns it has: those of everybody, of
adults or of children. Adults are never broken down by the ages of children, children by no ages at all.
-#}
{% macro person_indicators() -%}
    {%- set by_municipality_method = ['person_wide', 'within_municipality'] -%}
    {%- set by_break_rule = ['interior', 'window'] -%}
    {%- set indicators = [
        ('recipients', 'default', 'recipients', none, 1, 'all'),
        ('recipients_share_population', 'default', 'recipients', 'population', 1, 'all'),
        ('adult_recipients', 'default', 'adult_recipients', none, 1, 'adults'),
        ('adult_recipients_share_population', 'default', 'adult_recipients', 'adult_population', 1, 'adults'),
        ('child_recipients', 'default', 'child_recipients', none, 1, 'children'),
        ('child_recipients_share_population', 'default', 'child_recipients', 'child_population', 1, 'children'),
        ('very_longterm_not_longterm_adults', 'very_longterm:interior', 'very_longterm_not_longterm', none, 3, 'by_sex'),
        ('break_rule_differs_adults', 'very_longterm:window', 'break_rule_differs', none, 3, 'by_sex'),
    ] -%}
    {%- for method in by_municipality_method -%}
        {%- set definition = 'longterm:' ~ method -%}
        {%- set adults = 'longterm_adults_' ~ method -%}
        {%- set children = 'longterm_children_' ~ method -%}
        {%- do indicators.extend([
            ('longterm_adults', definition, adults, none, 1, 'adults'),
            ('longterm_adults_share_recipients', definition, adults, 'adult_recipients', 1, 'adults'),
            ('longterm_adults_share_population', definition, adults, 'adult_population', 1, 'adults'),
            ('longterm_children', definition, children, none, 1, 'children'),
            ('longterm_children_share_population', definition, children, 'child_population', 1, 'children'),
        ]) -%}
    {%- endfor -%}
    {%- for rule in by_break_rule -%}
        {%- set definition = 'very_longterm:' ~ rule -%}
        {%- set adults = 'very_longterm_' ~ rule -%}
        {%- do indicators.extend([
            ('very_longterm_adults', definition, adults, none, 3, 'adults'),
            ('very_longterm_adults_share_recipients', definition, adults, 'adult_recipients_3y', 3, 'adults'),
        ]) -%}
    {%- endfor -%}
    {{ return(indicators) }}
{%- endmacro %}
