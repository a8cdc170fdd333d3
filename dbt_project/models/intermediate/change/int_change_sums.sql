-- Every municipality over the months of every change, so that each can stand beside the others.
with

windows as (

    select distinct
        indicator_id,
        definition_id,
        first_month_index,
        months_count
    from {{ ref('int_change_windows') }}
    where months_count > 0

),

change_months as (

    select * from {{ ref('int_change_months') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

summed as (

    select
        windows.indicator_id,
        windows.definition_id,
        windows.first_month_index,
        windows.months_count,
        change_months.geography_id,
        sum(case when change_months.month_index < windows.first_month_index then change_months.value end) as before_sum,
        sum(case when change_months.month_index >= windows.first_month_index then change_months.value end) as after_sum,
        count(case when change_months.is_known then 1 end) as known_count,
        count(change_months.value) as shown_count
    from windows
    inner join change_months
        on
            windows.indicator_id = change_months.indicator_id
            and windows.definition_id = change_months.definition_id
            and change_months.month_index >= windows.first_month_index - 12
            and (change_months.month_index - windows.first_month_index + 12) % 12 < windows.months_count
            and change_months.month_index < windows.first_month_index + windows.months_count
    group by
        windows.indicator_id, windows.definition_id, windows.first_month_index, windows.months_count,
        change_months.geography_id

),

judged as (

    select
        *,
        case
            when known_count < 2 * months_count then 'not_reported'
            when shown_count < 2 * months_count then 'suppressed'
            else 'published'
        end as value_status
    from summed

),

divided as (

    select
        judged.*,
        case
            when judged.value_status <> 'published' then judged.value_status
            when judged.before_sum = 0 then 'not_applicable'
            when not {{ is_denominator_shown('judged.before_sum') }} then 'suppressed'
            else 'published'
        end as change_share_status
    from judged
    cross join rules

),

final as (

    select
        indicator_id,
        definition_id,
        first_month_index,
        months_count,
        geography_id,
        value_status,
        case when value_status = 'published' then before_sum end as before_value,
        case when value_status = 'published' then after_sum end as after_value,
        change_share_status,
        case when change_share_status = 'published' then (after_sum - before_sum) / before_sum end as change_share
    from divided

)

select * from final
