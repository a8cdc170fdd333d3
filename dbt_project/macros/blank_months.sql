{#-
The months of one reason in an area: a blank month (uppgift saknas) is one in which the person has no reason at all there,
also when another household left the reason out. Over rows (person, area, year, category, month bits).
-#}
{% macro stated_before_blank(area) -%}
    case
        when publication_category = 'uppgift_saknas'
            then month_bits & ~coalesce(bit_or(case when publication_category <> 'uppgift_saknas' then month_bits else 0 end) over (
                partition by person_id, {{ area }}, period_year
            ), 0)
        else month_bits
    end
{%- endmacro %}
