{#-
The yearly reason of each person in an area, by both rules, from rows (person, area, year, category, month bits).
Blank months (uppgift saknas) count only when the person has no other reason in the year. Ties of the most frequent
reason go to the category met latest; what is still tied goes by the order of publication. A category met only as a
second reason (no month bits) is never the yearly reason.
-#}
{% macro yearly_reason(reason_months) -%}
    select
        person_id,
        geography_id,
        period_year,
        {{ value_at_highest(
            'publication_category',
            'standing * 1000000 + months_count * 10000 + latest_month * 100 + (99 - sort_order)'
        ) }} as reason_most_frequent,
        {{ value_at_highest(
            'publication_category',
            'standing * 1000000 + latest_month * 10000 + months_count * 100 + (99 - sort_order)'
        ) }} as reason_latest,
        sum(case when standing = 2 then 1 else 0 end) as stated_reasons_count,
        sum(case when publication_category = 'uppgift_saknas' then 0 else 1 end) as any_reasons_count,
        bool_or(is_sick_without_benefit) as is_sick_without_benefit
    from (
        select
            {{ reason_months }}.person_id,
            {{ reason_months }}.geography_id,
            {{ reason_months }}.period_year,
            {{ reason_months }}.publication_category,
            {{ reason_months }}.is_sick_without_benefit,
            {{ months_in(reason_months ~ '.month_bits') }} as months_count,
            {{ highest_month(reason_months ~ '.month_bits') }} as latest_month,
            case
                when {{ reason_months }}.month_bits = 0 then 0
                when {{ reason_months }}.publication_category = 'uppgift_saknas' then 1
                else 2
            end as standing,
            publication_categories.sort_order
        from {{ reason_months }}
        inner join {{ ref('publication_categories') }} as publication_categories
            on {{ reason_months }}.publication_category = publication_categories.publication_category
    ) as ranked
    group by person_id, geography_id, period_year
{%- endmacro %}
