-- Worked out once for all reports that are written together.
create or replace temp table month_states_now as from month_states;
create or replace temp table delivery_states_now as from delivery_states;

-- One row per delivery: whether there is anything for the municipality to mend (none), it has not been mended (open), or
-- every month concerned has come whole again and counts (closed). A file without any month is mended by its namesake.
create or replace temp view delivery_reports as
with
in_force as (
    select municipality_code, period_month, is_optional, kind, order_number, delivery_id
    from month_states_now
    where is_in_force
),

loose_rows as (
    select
        deliveries.delivery_id,
        deliveries.rows_quarantined - coalesce(sum(months.rows_quarantined), 0) as loose_count,
        count(months.delivery_id) as months_count
    from register.deliveries as deliveries
    left join month_states_now as months on deliveries.delivery_id = months.delivery_id
    group by deliveries.delivery_id, deliveries.rows_quarantined
),

to_mend as (
    select
        months.delivery_id,
        bool_and(
            in_force.delivery_id is not null
            and (in_force.order_number, in_force.delivery_id) > (months.order_number, months.delivery_id)
        ) as is_mended
    from month_states_now as months
    inner join loose_rows on months.delivery_id = loose_rows.delivery_id
    left join in_force
        on months.municipality_code = in_force.municipality_code and months.period_month = in_force.period_month
        and months.is_optional = in_force.is_optional
        and (not months.is_optional or months.kind = in_force.kind)
    where months.outcome <> 'forgotten'
        and (months.rows_quarantined > 0 or months.outcome <> 'accepted' or loose_rows.loose_count > 0)
    group by months.delivery_id
),

states as (
    select delivery_id, state, file_name, replays_delivery_id from delivery_states_now
),

received as (
    select * from states where state <> 'rejected'
),

namesakes as (
    select refused.delivery_id
    from states as refused
    inner join received on refused.file_name = received.file_name and refused.delivery_id < received.delivery_id
    where refused.state = 'rejected'
    union
    select replays_delivery_id as delivery_id from received where replays_delivery_id is not null
)

select
    states.delivery_id,
    case
        when states.state = 'duplicate' then 'none'
        when loose_rows.months_count = 0 and states.state = 'rejected'
            then case when namesakes.delivery_id is null then 'open' else 'closed' end
        when to_mend.delivery_id is null then 'none'
        when to_mend.is_mended then 'closed'
        else 'open'
    end as report_state
from states
inner join loose_rows on states.delivery_id = loose_rows.delivery_id
left join to_mend on states.delivery_id = to_mend.delivery_id
left join namesakes on states.delivery_id = namesakes.delivery_id;
