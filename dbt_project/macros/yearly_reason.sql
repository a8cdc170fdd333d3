{#-
The yearly reason of each person in an area, by both rules, from rows (person, area, year, category, month bits).
Blank months (uppgift saknas) count only when the person has no other reason in the year. Ties of the most frequent
reason go to the category met latest; what is still tied goes by the order of publication.
-#}
{% macro yearly_reason(reason_months) -%}
    select
        person_id,
        geography_id,
        period_year,
        {{ value_at_highest(
            'publication_category',
            'is_stated * 1000000 + months_count * 10000 + latest_month * 100 + (99 - sort_order)'
        ) }} as reason_most_frequent,
        {{ value_at_highest(
            'publication_category',
            'is_stated * 1000000 + latest_month * 10000 + months_count * 100 + (99 - sort_order)'
        ) }} as reason_latest
    from (
        select
            {{ reason_months }}.person_id,
            {{ reason_months }}.geography_id,
            {{ reason_months }}.period_year,
            {{ reason_months }}.publication_category,
            {{ months_in(reason_months ~ '.month_bits') }} as months_count,
            {{ highest_month(reason_months ~ '.month_bits') }} as latest_month,
            case when {{ reason_months }}.publication_category = 'uppgift_saknas' then 0 else 1 end as is_stated,
            publication_categories.sort_order
        from {{ reason_months }}
        inner join {{ ref('publication_categories') }} as publication_categories
            on {{ reason_months }}.publication_category = publication_categories.publication_category
    ) as ranked
    group by person_id, geography_id, period_year
{%- endmacro %}
