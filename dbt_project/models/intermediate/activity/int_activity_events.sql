-- The reason is the one on the direction; else the person's latest stated one in the register up to that month, of the same
-- municipality before another's.
with

activities as (

    select * from {{ ref('stg_register__activities') }}

),

reductions as (

    select * from {{ ref('stg_register__reductions') }}

),

reason_categories as (

    select * from {{ ref('reason_categories') }}

),

events as (

    select
        delivery_id,
        file_row,
        person_id,
        municipality_code,
        period_month,
        'directed' as event_kind,
        paragraph,
        directed_date as event_date,
        end_date,
        case
            when reason_code is not null then reason_code
            when reason_text is not null then 'okand_kod'
        end as own_reason
    from activities
    union all
    select
        delivery_id,
        file_row,
        person_id,
        municipality_code,
        period_month,
        outcome as event_kind,
        ground as paragraph,
        decision_date as event_date,
        null as end_date,
        null as own_reason
    from reductions

),

stated as (

    select
        events.delivery_id,
        events.file_row,
        coalesce(person_months.reason_code, 'okand_kod') as reason_code,
        row_number() over (
            partition by events.delivery_id, events.file_row
            order by
                person_months.period_month desc,
                case when person_months.municipality_code = events.municipality_code then 0 else 1 end asc,
                coalesce(person_months.reason_code, 'okand_kod') asc
        ) as place
    from events
    inner join {{ ref('stg_register__person_months') }} as person_months
        on
            events.person_id = person_months.person_id
            and events.period_month >= person_months.period_month
    where
        events.own_reason is null
        and person_months.role in ('RL', 'MS')
        and coalesce(person_months.reason_code, person_months.reason_text) is not null

),

final as (

    select
        events.delivery_id,
        events.file_row,
        events.person_id,
        events.municipality_code,
        events.event_kind,
        events.paragraph,
        events.event_date,
        events.end_date,
        coalesce(events.own_reason, stated.reason_code, 'uppgift_saknas') as reason_code,
        coalesce(
            reason_categories.publication_category, events.own_reason, stated.reason_code, 'uppgift_saknas'
        ) as publication_category
    from events
    left join stated
        on events.delivery_id = stated.delivery_id and events.file_row = stated.file_row and stated.place = 1
    left join reason_categories
        on coalesce(events.own_reason, stated.reason_code) = reason_categories.reason_code

)

select * from final
