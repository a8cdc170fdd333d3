{#- The name of a kind of measure: of the code list, or of what is none of it. `measure_kind_names` must be joined. -#}
{% macro measure_kind_name(measure_kind) -%}
    case {{ measure_kind }}
            when 'alla' then 'Alla'
            when 'ingen_insats' then 'Ingen insats'
            when 'okand_insats' then 'Insats utanför kodlistan'
            else measure_kind_names.measure_kind_name
        end
{%- endmacro %}
