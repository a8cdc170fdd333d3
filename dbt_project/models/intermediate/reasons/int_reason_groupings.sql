-- The group of each publication category: the group of most of its registration categories. In the GR grouping, one of
-- the three registration categories of arbetslos_etableringsersattning is printed under ohalsa; the other two decide.
{{ config(materialized='view') }}

{% set groupings = ['national_group', 'gr_group'] %}

with

reason_categories as (

    select * from {{ ref('reason_categories') }}

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

counted as (

    {% for grouping in groupings %}
        select
            '{{ grouping }}' as grouping_id,
            publication_category,
            {{ grouping }} as reason_group,
            count(*) as categories_count
        from reason_categories
        group by publication_category, {{ grouping }}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

grouped as (

    select
        grouping_id,
        publication_category,
        {{ value_at_highest('reason_group', 'categories_count') }} as reason_group
    from counted
    group by grouping_id, publication_category

),

-- a category without registration categories (uppgift_saknas, okand_kod) is a group of its own
final as (

    select
        grouped.grouping_id,
        grouped.publication_category,
        grouped.reason_group
    from grouped
    {% for grouping in groupings %}
        union all
        select
            '{{ grouping }}' as grouping_id,
            publication_category,
            publication_category as reason_group
        from publication_categories
        where publication_category not in (select mapped.publication_category from reason_categories as mapped)
    {% endfor %}

)

select * from final
