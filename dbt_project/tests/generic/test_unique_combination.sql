{#-
The grain of a model: no two rows share these columns, and those of `filled` have a value in every row. Of a table with hundreds
of thousands of persons or households one in sixteen is looked at for the first (`sampled_by`, a pseudonym): a join that doubles
rows doubles them for all. One test for a model and not one for each column: dbt takes longer to begin a test than to ask it.
-#}
{% test unique_combination(model, columns, filled=[], sampled_by=none) %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_count
    from {{ model }}
    where {% if sampled_by %}{{ sampled_by }} < cast('10000000-0000-0000-0000-000000000000' as uuid)
        or (select count(*) from (select 1 from {{ model }} limit 200000) as first_rows) < 200000{% else %}true{% endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1
    {% if filled %}
        union all
        select
            {{ columns | join(', ') }},
            1 as rows_count
        from {{ model }}
        where {{ filled | join(' is null or ') }} is null
    {% endif %}
{% endtest %}
