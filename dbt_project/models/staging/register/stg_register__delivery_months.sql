-- The intake asks this very query too (orchestration/vault/states.py): nothing but source and known_before here.
with

deliveries as (

    select * from {{ source('vault', 'deliveries') }}

),

delivery_months as (

    select * from {{ source('vault', 'delivery_months') }}

),

decisions as (

    select * from {{ source('vault', 'decisions') }}

),

vault_log as (

    select * from {{ source('vault', 'vault_log') }}

),

known_deliveries as (

    select
        delivery_id,
        coalesce(replays_delivery_id, delivery_id) as order_number,
        kind,
        received_at,
        is_synthetic
    from deliveries
    where
        {{ known_before() }} is null
        or case when replays_delivery_id is null then received_at else loaded_at end < {{ known_before() }}

),

latest_decisions as (

    select
        delivery_id,
        municipality_code,
        period_month,
        max_by(decision, decision_id) as decision
    from decisions
    where {{ known_before() }} is null or decided_at < {{ known_before() }}
    group by delivery_id, municipality_code, period_month

),

-- what is forgotten is so at every moment that is asked for
forgotten as (

    select max(before_month) as before_month from vault_log

),

forgotten_deliveries as (

    select distinct delivery_id from vault_log
    where event = 'forgot_delivery'

),

judged as (

    select
        delivery_months.delivery_id,
        delivery_months.municipality_code,
        delivery_months.period_month,
        known_deliveries.order_number,
        known_deliveries.kind,
        known_deliveries.kind not in ('register', 'declared_empty') as is_optional,
        known_deliveries.received_at,
        known_deliveries.is_synthetic,
        delivery_months.state as verdict,
        forgotten_deliveries.delivery_id is not null as is_removed,
        latest_decisions.decision,
        case
            when delivery_months.period_month < forgotten.before_month then 'forgotten'
            when delivery_months.state = 'rejected' or forgotten_deliveries.delivery_id is not null then 'rejected'
            when latest_decisions.decision = 'accept' then 'accepted'
            when latest_decisions.decision = 'reject' then 'rejected'
            else delivery_months.state
        end as outcome,
        delivery_months.rule_id,
        delivery_months.rows_read,
        delivery_months.rows_loaded,
        delivery_months.rows_quarantined,
        delivery_months.rows_duplicate,
        delivery_months.rows_warned,
        delivery_months.households_count,
        delivery_months.persons_count,
        delivery_months.households_median
    from delivery_months
    inner join known_deliveries on delivery_months.delivery_id = known_deliveries.delivery_id
    cross join forgotten
    left join forgotten_deliveries on delivery_months.delivery_id = forgotten_deliveries.delivery_id
    left join latest_decisions
        on
            delivery_months.delivery_id = latest_decisions.delivery_id
            and delivery_months.municipality_code = latest_decisions.municipality_code
            and delivery_months.period_month = latest_decisions.period_month

),

-- of the accepted deliveries of a month the last one counts; a kind of file replaces nothing of another
ranked as (

    select
        *,
        outcome = 'accepted' and row_number() over (
            partition by municipality_code, period_month, is_optional, case when is_optional then kind end, outcome
            order by order_number desc, delivery_id desc
        ) = 1 as is_in_force
    from judged

),

final as (

    select
        *,
        case when outcome = 'accepted' and not is_in_force then 'superseded' else outcome end as state
    from ranked

)

select * from final
