{#- The grain of a model that holds one state and not one row per thing. -#}
{% test one_row(model) %}
    select count(*) as rows_count
    from {{ model }}
    having count(*) > 1
{% endtest %}
