-- The vault: pseudonymised person rows and the ledger of every delivery. Nothing is ever overwritten.
create schema if not exists register;

-- One row per fact about the vault itself: schema_version, key_fingerprint, is_synthetic, archive_key.
create table if not exists register.vault_info (
    info_name text primary key,
    info_value text not null
);

-- One row per delivery (a file, or a month declared empty), in the order they were taken in.
create table if not exists register.deliveries (
    delivery_id integer primary key,
    -- person months, a month declared empty, or reasons for the end of aid
    kind text not null check (kind in ('register', 'declared_empty', 'exit_reasons')),
    file_name text,
    file_sha256 text,
    file_bytes bigint,
    file_format text,
    received_at timestamp not null,
    loaded_at timestamp not null,
    -- what the intake said when the delivery came; what it is now is derived below
    state text not null check (state in ('accepted', 'partly_rejected', 'rejected', 'held', 'duplicate')),
    rule_id text,
    message text,
    rows_read bigint not null,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
    rows_duplicate bigint not null,
    ignored_columns text,
    is_synthetic boolean,
    -- the mapping that was used (null: the canonical delivery), the rows of the file itself, those the mapping's
    -- filters left out, and filled lines that are no rows (titles, sums, notes); rows_read are canonical rows
    mapping_name text,
    rows_in_file bigint not null default 0,
    rows_filtered bigint not null default 0,
    lines_skipped bigint not null default 0,
    -- the refused delivery whose bytes were loaded again; the new one takes its place in the order
    replays_delivery_id integer,
    check (rows_read = rows_loaded + rows_quarantined + rows_duplicate)
);

-- One row per delivery and unit (municipality and month).
create table if not exists register.delivery_units (
    delivery_id integer not null,
    municipality_code text not null,
    period_month date not null,
    -- held without a rule: not judged yet, since the run that took it in was cut short
    state text not null check (state in ('accepted', 'rejected', 'held')),
    rule_id text,
    rows_read bigint not null,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
    rows_duplicate bigint not null,
    rows_warned bigint not null,
    households_count bigint not null,
    persons_count bigint not null,
    -- median of the households of the months before it, null when they are too few to judge by
    households_median double,
    check (rows_read = rows_loaded + rows_quarantined + rows_duplicate)
);

-- One row per delivery, unit (null where the unit could not be told) and rule that was met.
create table if not exists register.rule_hits (
    delivery_id integer not null,
    municipality_code text,
    period_month date,
    rule_id text not null,
    severity text not null,
    rows_count bigint not null
);

-- One row per row that was not let in. Nothing that identifies a person or a household.
create table if not exists register.quarantine (
    delivery_id integer not null,
    file_row bigint not null,
    rule_id text not null,
    municipality_code text,
    period_month date,
    role text,
    household_type text
);

-- One row per decision by a person on a unit of a delivery. The latest one counts, by its number and not by the clock.
create table if not exists register.decisions (
    decision_id integer primary key,
    delivery_id integer not null,
    municipality_code text not null,
    period_month date not null,
    decided_at timestamp not null,
    decision text not null check (decision in ('accept', 'reject')),
    reason text
);

-- One row per person, household and month, of every delivery ever accepted or held.
create table if not exists register.person_months (
    delivery_id integer not null,
    file_row bigint not null,
    municipality_code text not null,
    period_month date not null,
    household_id uuid not null,
    person_id uuid not null,
    role text not null,
    household_type_code smallint,
    forsorjningsstod_sek decimal(12, 2),
    ovrigt_bistand_sek decimal(12, 2),
    reason_code text,
    reason_text text,
    reason_code_2 text,
    sex text not null,
    birth_year smallint not null,
    is_foreign_born boolean,
    district text,
    warnings text
);

-- One row per person, household and month that aid ended, with the reason, of every such delivery ever accepted.
create table if not exists register.exit_reasons (
    delivery_id integer not null,
    file_row bigint not null,
    municipality_code text not null,
    -- the last month with aid
    period_month date not null,
    household_id uuid not null,
    person_id uuid not null,
    -- null when it is missing or not in the list; what was written instead is kept
    exit_reason_code text,
    exit_reason_text text,
    warnings text
);

-- One row per row of a person who was erased: what the household had, and nothing about the person.
create table if not exists register.erased_rows (
    delivery_id integer not null,
    municipality_code text not null,
    period_month date not null,
    -- the household's own when others are left in it; else drawn by lot for each year, and leading nowhere
    household_id uuid not null,
    role text not null,
    household_type_code smallint,
    forsorjningsstod_sek decimal(12, 2),
    ovrigt_bistand_sek decimal(12, 2),
    -- 1 on one of the rows of the person in the unit, so that the ledger's persons can be accounted for
    persons_count smallint not null
);

-- One row per time that something was forgotten or a key was changed. What, when and how much; never who.
create table if not exists register.vault_log (
    log_id integer primary key,
    happened_at timestamp not null,
    event text not null check (event in ('forgot_months', 'forgot_delivery', 'erased_person', 'new_key', 'new_pseudonyms')),
    -- months before this one were forgotten, and are not taken in again
    before_month date,
    deliveries_count bigint not null,
    rows_count bigint not null,
    -- the delivery whose rows were forgotten whole
    delivery_id integer
);

-- One row per landing file already looked at, so that a file is hashed only when it is new or changed.
create table if not exists register.landing_files_seen (
    file_name text not null,
    file_bytes bigint not null,
    received_at timestamp not null,
    modified_ns bigint not null,
    inode bigint not null,
    file_sha256 text not null
);

-- What follows is derived. `known_before` is a moment (null for now): later deliveries and decisions are not known yet.
-- Names are qualified by `vault`, so that whoever attaches the file under that name can use them.

-- One row per unit of a known delivery, with what it is now: accepted (in force), superseded, rejected, held or forgotten. Person
-- months and exit reasons of a month are two units: neither replaces the other.
create or replace macro register.all_unit_states(known_before) as table
with
known_deliveries as (
    select
        delivery_id,
        coalesce(replays_delivery_id, delivery_id) as order_number,
        kind,
        received_at,
        is_synthetic
    from vault.register.deliveries
    where known_before is null
        or case when replays_delivery_id is null then received_at else loaded_at end < known_before
),

latest_decisions as (
    select
        delivery_id,
        municipality_code,
        period_month,
        max_by(decision, decision_id) as decision
    from vault.register.decisions
    where known_before is null or decided_at < known_before
    group by delivery_id, municipality_code, period_month
),

forgotten as (
    select max(before_month) as before_month from vault.register.vault_log
),

forgotten_deliveries as (
    select distinct delivery_id from vault.register.vault_log where event = 'forgot_delivery'
),

judged as (
    select
        unit.delivery_id,
        unit.municipality_code,
        unit.period_month,
        known_deliveries.order_number,
        known_deliveries.kind,
        known_deliveries.kind = 'exit_reasons' as is_exit_reasons,
        known_deliveries.received_at,
        known_deliveries.is_synthetic,
        unit.state as verdict,
        forgotten_deliveries.delivery_id is not null as is_removed,
        latest_decisions.decision,
        case
            -- what is forgotten is so at every moment that is asked for
            when unit.period_month < forgotten.before_month then 'forgotten'
            when unit.state = 'rejected' or forgotten_deliveries.delivery_id is not null then 'rejected'
            when latest_decisions.decision = 'accept' then 'accepted'
            when latest_decisions.decision = 'reject' then 'rejected'
            else unit.state
        end as outcome,
        unit.rule_id,
        unit.rows_read,
        unit.rows_loaded,
        unit.rows_quarantined,
        unit.rows_duplicate,
        unit.rows_warned,
        unit.households_count,
        unit.persons_count,
        unit.households_median
    from vault.register.delivery_units as unit
    inner join known_deliveries on unit.delivery_id = known_deliveries.delivery_id
    cross join forgotten
    left join forgotten_deliveries on unit.delivery_id = forgotten_deliveries.delivery_id
    left join latest_decisions
        on unit.delivery_id = latest_decisions.delivery_id
        and unit.municipality_code = latest_decisions.municipality_code
        and unit.period_month = latest_decisions.period_month
),

ranked as (
    select
        *,
        outcome = 'accepted' and row_number() over (
            partition by municipality_code, period_month, is_exit_reasons, outcome
            order by order_number desc, delivery_id desc
        ) = 1 as is_in_force
    from judged
)

select
    *,
    case when outcome = 'accepted' and not is_in_force then 'superseded' else outcome end as state
from ranked;

-- The units of person months: those that make a month delivered.
create or replace macro register.unit_states(known_before) as table
select * exclude (is_exit_reasons) from vault.register.all_unit_states(known_before) where not is_exit_reasons;

-- The units of exit reasons.
create or replace macro register.exit_unit_states(known_before) as table
select * exclude (is_exit_reasons) from vault.register.all_unit_states(known_before) where is_exit_reasons;

-- One row per known delivery, with what it is now: as its units, and held as long as one of them waits.
create or replace macro register.delivery_states(known_before) as table
with
units as (
    select
        delivery_id,
        count(*) as units_count,
        count(*) filter (where state = 'held') as held_count,
        count(*) filter (where state = 'rejected') as rejected_count,
        count(*) filter (where state = 'forgotten') as forgotten_count,
        count(*) filter (where state = 'accepted') as in_force_count
    from vault.register.all_unit_states(known_before)
    group by delivery_id
)

select
    deliveries.* exclude (state),
    deliveries.state as verdict,
    case
        when units.delivery_id is null then deliveries.state
        when units.forgotten_count = units.units_count then 'forgotten'
        when units.held_count > 0 then 'held'
        when units.rejected_count = units.units_count - units.forgotten_count then 'rejected'
        when units.in_force_count = 0 then 'superseded'
        when units.rejected_count > 0 then 'partly_rejected'
        else 'accepted'
    end as state
from vault.register.deliveries as deliveries
left join units on deliveries.delivery_id = units.delivery_id
where known_before is null
    or case when replays_delivery_id is null then received_at else loaded_at end < known_before;

-- One row per unit that counts now.
create or replace view register.units_in_force as
select municipality_code, period_month, delivery_id, received_at
from vault.register.unit_states(null)
where is_in_force;

-- One row per delivery: whether there is anything for the municipality to mend (none), it has not been mended (open), or
-- every month concerned has come whole again and counts (closed). A file without any month is mended by its namesake.
create or replace view register.delivery_reports as
with
units as (
    select * from vault.register.all_unit_states(null)
),

in_force as (
    select municipality_code, period_month, is_exit_reasons, order_number, delivery_id
    from units
    where is_in_force
),

loose_rows as (
    select
        deliveries.delivery_id,
        deliveries.rows_quarantined - coalesce(sum(units.rows_quarantined), 0) as loose_count,
        count(units.delivery_id) as units_count
    from register.deliveries as deliveries
    left join units on deliveries.delivery_id = units.delivery_id
    group by deliveries.delivery_id, deliveries.rows_quarantined
),

to_mend as (
    select
        units.delivery_id,
        bool_and(
            in_force.delivery_id is not null
            and (in_force.order_number, in_force.delivery_id) > (units.order_number, units.delivery_id)
        ) as is_mended
    from units
    inner join loose_rows on units.delivery_id = loose_rows.delivery_id
    left join in_force
        on units.municipality_code = in_force.municipality_code and units.period_month = in_force.period_month
        and units.is_exit_reasons = in_force.is_exit_reasons
    where units.outcome <> 'forgotten'
        and (units.rows_quarantined > 0 or units.outcome <> 'accepted' or loose_rows.loose_count > 0)
    group by units.delivery_id
),

states as (
    select delivery_id, state, file_name, replays_delivery_id from vault.register.delivery_states(null)
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
        when loose_rows.units_count = 0 and states.state = 'rejected'
            then case when namesakes.delivery_id is null then 'open' else 'closed' end
        when to_mend.delivery_id is null then 'none'
        when to_mend.is_mended then 'closed'
        else 'open'
    end as report_state
from states
inner join loose_rows on states.delivery_id = loose_rows.delivery_id
left join to_mend on states.delivery_id = to_mend.delivery_id
left join namesakes on states.delivery_id = namesakes.delivery_id;
