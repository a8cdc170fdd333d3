-- The group of each reason. A category whose registration reasons belong to different groups has one row for each of them;
-- any other has one row without registration reason. is_main marks one row for each category: the group of most of its
-- registration reasons, printed before assumed.
{{ config(materialized='view') }}

{% set groupings = ['national_group', 'gr_group', 'benefit_group'] %}

with

reason_categories as (

    select * from {{ ref('reason_categories') }}

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

grouped as (

    {% for grouping in groupings %}
        select
            '{{ grouping }}' as grouping_id,
            publication_category,
            reason_code,
            {{ grouping }} as reason_group,
            case when mapping_status = 'printed' then 1 else 0 end as is_printed
        from reason_categories
        {{ "union all" if not loop.last }}
    {% endfor %}

),

counted as (

    select
        grouping_id,
        publication_category,
        reason_group,
        count(*) as reasons_count,
        max(is_printed) as is_printed
    from grouped
    group by grouping_id, publication_category, reason_group

),

groups_of_categories as (

    select
        grouping_id,
        publication_category,
        count(*) as groups_count,
        {{ value_at_highest('reason_group', 'reasons_count * 2 + is_printed') }} as main_group
    from counted
    group by grouping_id, publication_category

),

-- a category that is split in one grouping is split in all, so that its persons have one registration reason
main_groups as (

    select
        grouping_id,
        publication_category,
        main_group,
        max(groups_count) over (partition by publication_category) > 1 as is_split
    from groups_of_categories

),

-- the first registration reason of the main group stands for its category
first_reasons as (

    select
        grouped.grouping_id,
        grouped.publication_category,
        min(grouped.reason_code) as reason_code
    from grouped
    inner join main_groups
        on
            grouped.grouping_id = main_groups.grouping_id
            and grouped.publication_category = main_groups.publication_category
            and grouped.reason_group = main_groups.main_group
    group by grouped.grouping_id, grouped.publication_category

),

-- a category without registration reasons (uppgift_saknas, okand_kod) is a group of its own
final as (

    select
        grouped.grouping_id,
        grouped.publication_category,
        grouped.reason_code as registration_reason,
        grouped.reason_group,
        grouped.reason_code = first_reasons.reason_code as is_main
    from grouped
    inner join main_groups
        on
            grouped.grouping_id = main_groups.grouping_id
            and grouped.publication_category = main_groups.publication_category
            and main_groups.is_split
    inner join first_reasons
        on
            grouped.grouping_id = first_reasons.grouping_id
            and grouped.publication_category = first_reasons.publication_category
    union all
    select
        grouping_id,
        publication_category,
        cast(null as varchar) as registration_reason,
        main_group as reason_group,
        true as is_main
    from main_groups
    where not is_split
    {% for grouping in groupings %}
        union all
        select
            '{{ grouping }}' as grouping_id,
            publication_category,
            cast(null as varchar) as registration_reason,
            publication_category as reason_group,
            true as is_main
        from publication_categories
        where publication_category not in (select mapped.publication_category from reason_categories as mapped)
    {% endfor %}

)

select * from final
