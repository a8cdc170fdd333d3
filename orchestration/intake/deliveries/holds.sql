-- Which months wait for a person. Judged when every file of a run is in, along the months and not along the files, so that
-- the order in which files come changes nothing. A month that is not judged yet is held without a rule.

-- name: candidates
-- One row per delivery month that is not judged yet.
create or replace temp table candidates as
select
    delivery_months.delivery_id,
    coalesce(deliveries.replays_delivery_id, delivery_months.delivery_id) as order_number,
    deliveries.kind not in ('register', 'declared_empty') as is_optional,
    delivery_months.municipality_code,
    delivery_months.period_month,
    delivery_months.households_count,
    -- kommun-1490 is that municipality's own folder; a bare number can be a year
    nullif(regexp_extract(deliveries.file_name, '^kommun-([0-9]{4})/', 1), '') as folder_code
from register.delivery_months
inner join register.deliveries as deliveries on delivery_months.delivery_id = deliveries.delivery_id
where delivery_months.state = 'held' and delivery_months.rule_id is null;

-- name: family_rows
-- The rows of the candidates that say that their household has children.
create or replace temp view family_rows as
select delivery_id, municipality_code, period_month, warnings
from register.person_months
where role = 'RL' and list_contains(getvariable('household_types_with_children'), household_type_code)
    and delivery_id in (select delivery_id from candidates);

-- name: known_municipalities
-- Those whose months have counted here.
create or replace temp table known_municipalities as
select distinct municipality_code
from month_states
where outcome in ('accepted', 'forgotten') and coalesce(decision, verdict) in ('accept', 'accepted');

-- name: municipality_codes
set variable municipality_codes = (select list(distinct municipality_code) from candidates);

-- name: months_in_force
create or replace temp table months_in_force as
select municipality_code, period_month, order_number, delivery_id, households_count
from month_states
-- a variable and no subquery, so that only these municipalities of the ledger are ranked
where is_in_force and not is_optional and list_contains(getvariable('municipality_codes'), municipality_code);

-- name: judged_candidates
-- What speaks against a month by itself: another municipality's folder, a municipality that has never been here, or most of
-- its households with children without a child's row, as when a column was left out.
create or replace temp table judged_candidates as
with families as (
    select
        delivery_id,
        municipality_code,
        period_month,
        count(*) as families_count,
        count(*) filter (where contains(warnings, 'R17')) as without_children_count
    from family_rows
    group by delivery_id, municipality_code, period_month
)

select
    candidates.*,
    known.municipality_code is null
    and not list_contains(getvariable('expected_municipalities'), candidates.municipality_code)
    and (
        len(getvariable('expected_municipalities')) > 0
        or (select count(*) from known_municipalities) > 0
    ) as is_unexpected,
    coalesce(candidates.folder_code <> candidates.municipality_code, false) as is_misplaced,
    coalesce(
        families.families_count >= getvariable('hold_families_from')
        and families.without_children_count > getvariable('families_without_children_share_max') * families.families_count,
        false
    ) as is_contradicting
from candidates
left join known_municipalities as known on candidates.municipality_code = known.municipality_code
left join families
    on candidates.delivery_id = families.delivery_id
    and candidates.municipality_code = families.municipality_code
    and candidates.period_month = families.period_month;

-- name: municipality_months
-- One row per municipality and month between its first and last month to judge, with every delivery that may count there,
-- in their order: those to judge and the one in force. Month 0 holds the latest households in force before, oldest first.
create or replace temp table municipality_months as
with bounds as (
    select municipality_code, min(period_month) as first_month, max(period_month) as last_month
    from judged_candidates
    where not is_optional
    group by municipality_code
),

before as (
    select
        in_force.municipality_code,
        in_force.households_count,
        in_force.period_month
    from months_in_force as in_force
    inner join bounds using (municipality_code)
    where in_force.period_month < bounds.first_month
    qualify row_number() over (partition by in_force.municipality_code order by in_force.period_month desc)
        <= getvariable('hold_months_max')
),

entries as (
    select
        municipality_code,
        period_month,
        order_number,
        delivery_id,
        {
            'households': households_count, 'is_judged': false, 'waits': is_unexpected or is_misplaced or is_contradicting
        } as entry
    from judged_candidates
    where not is_optional
    union all
    select
        in_force.municipality_code,
        in_force.period_month,
        in_force.order_number,
        in_force.delivery_id,
        {'households': in_force.households_count, 'is_judged': true, 'waits': false} as entry
    from months_in_force as in_force
    inner join bounds using (municipality_code)
    where in_force.period_month between bounds.first_month and bounds.last_month
),

months as (
    select
        municipality_code,
        period_month,
        list(entry order by order_number, delivery_id) as entries
    from entries
    group by municipality_code, period_month
)

select
    bounds.municipality_code,
    0 as month_number,
    cast(null as date) as period_month,
    [] as entries,
    coalesce(list(before.households_count order by before.period_month)
        filter (where before.households_count is not null), []) as households_latest
from bounds
left join before using (municipality_code)
group by bounds.municipality_code
union all
select
    municipality_code,
    row_number() over (partition by municipality_code order by period_month),
    period_month,
    entries,
    []
from months;

-- name: hold_verdicts
-- One row per delivery month that was to be judged, with the rule that holds it, if any. Month by month for every
-- municipality at once, because a month that is held is not among those that later months are compared with.
create or replace temp table hold_verdicts as
with recursive walked as (
    select
        municipality_code,
        month_number,
        period_month,
        cast(null as double) as households_median,
        households_latest
    from municipality_months
    where month_number = 0
    union all
    select
        municipality_code,
        month_number,
        period_month,
        households_median,
        case
            when len(counting) = 0 then households_latest
            else list_append(households_latest, counting[-1].households)[-getvariable('hold_months_max'):]
        end as households_latest
    from (
        select
            *,
            list_filter(entries, lambda one: one.is_judged or not (
                one.waits or coalesce(
                    one.households < getvariable('hold_fall_below') * households_median
                    or one.households > getvariable('hold_rise_above') * households_median, false
                )
            )) as counting
        from (
            select
                next.municipality_code,
                next.month_number,
                next.period_month,
                next.entries,
                walked.households_latest,
                case
                    when len(walked.households_latest) >= getvariable('hold_months_min')
                        and list_median(walked.households_latest) >= getvariable('hold_households_from')
                        then list_median(walked.households_latest)
                end as households_median
            from walked
            inner join municipality_months as next
                on walked.municipality_code = next.municipality_code and next.month_number = walked.month_number + 1
        )
    )
)

select
    candidates.*,
    case when not candidates.is_optional then walked.households_median end as households_median,
    case
        when candidates.is_misplaced then 'D09'
        when candidates.is_unexpected then 'D07'
        when candidates.is_optional then null
        when candidates.households_count < getvariable('hold_fall_below') * walked.households_median
            or candidates.households_count > getvariable('hold_rise_above') * walked.households_median then 'D05'
        when candidates.is_contradicting then 'D08'
    end as rule_id
from judged_candidates as candidates
left join walked
    on candidates.municipality_code = walked.municipality_code and candidates.period_month = walked.period_month;

-- name: settle_months
update register.delivery_months
set
    state = case when verdicts.rule_id is null then 'accepted' else 'held' end,
    rule_id = verdicts.rule_id,
    households_median = verdicts.households_median
from hold_verdicts as verdicts
where
    delivery_months.delivery_id = verdicts.delivery_id
    and delivery_months.municipality_code = verdicts.municipality_code
    and delivery_months.period_month = verdicts.period_month;

-- name: settle_deliveries
update register.deliveries as deliveries
set
    state = case
        when counted.held_count > 0 then 'held' when counted.refused_count > 0 then 'partly_rejected' else 'accepted'
    end,
    rule_id = counted.rule_id
from (
    select
        delivery_id,
        count(*) filter (where state = 'held') as held_count,
        count(*) filter (where state = 'rejected') as refused_count,
        coalesce(min(rule_id) filter (where state = 'held'), min(rule_id)) as rule_id
    from register.delivery_months
    where delivery_id in (select delivery_id from hold_verdicts)
    group by delivery_id
) as counted
where deliveries.delivery_id = counted.delivery_id;

-- name: waiting
-- One row per delivery and rule that months wait by.
select
    delivery_id,
    rule_id,
    count(*) as months_held,
    (
        select count(*) from register.delivery_months where delivery_months.delivery_id = hold_verdicts.delivery_id
    ) as months_count,
    list(distinct municipality_code order by municipality_code) as municipality_codes
from hold_verdicts
where rule_id is not null
group by delivery_id, rule_id
order by delivery_id, rule_id;

-- name: clear
drop view if exists family_rows;
drop table if exists candidates;
drop table if exists judged_candidates;
drop table if exists known_municipalities;
drop table if exists months_in_force;
drop table if exists municipality_months;
drop table if exists hold_verdicts;
