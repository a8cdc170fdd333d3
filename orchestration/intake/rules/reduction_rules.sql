-- Deliveries of support refused or reduced: the statements of rules.sql that are others for them. What is not here is the same.

-- name: typed_rows
-- One row per row of the file, every column in its own type, and the first row rule it breaks (R00–R03, R06, R20).
create or replace temp table typed_rows as
with read_columns as (
    select
        raw_rows.* exclude (period),
        raw_rows.period as period_text,
        day_of(beslutsdatum) as decision_date,
        cast(date_trunc('month', day_of(beslutsdatum)) as date) as period_month,
        cast(year(day_of(beslutsdatum)) as integer) as period_year,
        months.period_month as support_month,
        case when lower(utfall) in ('nekad', 'nedsatt') then lower(utfall) end as outcome,
        nullif(regexp_extract(lower(replace(grund, ' ', '')), '^(?:12kap[.]?|12:)?(4[adg]?)§?$', 1), '') as ground,
        amount_sek(belopp_kr) as amount_sek,
        known.municipality_code,
        known.first_year,
        known.last_year
    from raw_rows
    left join reference_months as months on raw_rows.period = months.period
    left join reference_municipalities as known on raw_rows.kommunkod = known.municipality_code
),

numbered as (
    select
        *,
        personnummer_number(personnummer, period_year) as person_number,
        reserve_number(personnummer, period_year) as reserve_text
    from read_columns
),

placed as (
    select
        *,
        rule_of_place(
            is_whole, municipality_code, first_year, last_year, period_month, '-', person_number, reserve_text
        ) as placing_rule
    from numbered
),

judged as (
    select
        *,
        case
            when placing_rule is not null then placing_rule
            when outcome is null or ground is null then 'R20'
            when belopp_kr is not null and amount_sek is null then 'R06'
        end as rule_id
    from placed
)

select
    file_row,
    row_key,
    case when is_whole then municipality_code end as municipality_code,
    case when is_whole then period_month end as period_month,
    is_whole and coalesce(rule_id not in ('R01', 'R02'), true) as has_month,
    cast(null as varchar) as hushalls_id,
    case when rule_id is null then coalesce(person_number, reserve_key(municipality_code, reserve_text)) end as person_number,
    case when rule_id is null then reserve_text end as reserve_text,
    case when rule_id is null then number_kind(person_number, reserve_text) end as number_kind,
    decision_date,
    support_month,
    period_text is not null and support_month is null as is_unread,
    outcome,
    ground,
    amount_sek,
    cast(null as varchar) as forsorjningshinder,
    cast(null as varchar) as forsorjningshinder_2,
    rule_id
from judged;

-- name: keyed_rows
-- One row per data row, without anything that names a person. From here on only pseudonyms.
create or replace temp table keyed_rows as
select
    typed.* exclude (person_number, reserve_text, hushalls_id, forsorjningshinder, forsorjningshinder_2),
    person_keys.person_id
from typed_rows as typed
left join person_keys on typed.person_number = person_keys.person_number;

drop table typed_rows;
drop table person_keys;
drop table household_keys;

-- name: judged_rows
-- One row per data row with its verdict: the same decision again (R08), or with another amount (R07, all of them).
create or replace temp table judged_rows as
with people as (
    select
        municipality_code,
        person_id,
        decision_date,
        support_month,
        outcome,
        ground,
        min(row_key) as first_row,
        count(distinct row(amount_sek)) > 1 as differs
    from keyed_rows
    where rule_id is null
    group by municipality_code, person_id, decision_date, support_month, outcome, ground
),

verdicts as (
    select
        keyed.*,
        case
            when keyed.rule_id is not null then keyed.rule_id
            when people.differs then 'R07'
            when keyed.row_key > people.first_row then 'R08'
        end as verdict
    from keyed_rows as keyed
    left join people
        on keyed.municipality_code = people.municipality_code
        and keyed.person_id = people.person_id
        and keyed.decision_date = people.decision_date
        and keyed.support_month is not distinct from people.support_month
        and keyed.outcome = people.outcome
        and keyed.ground = people.ground
)

select
    * exclude (rule_id, verdict, is_unread),
    cast(null as uuid) as household_id,
    cast(null as text) as role,
    cast(null as smallint) as stated_type_code,
    verdict as rule_id,
    case when verdict is null then nullif(concat_ws(
        ',',
        case when number_kind is not null then 'R16' end,
        case when is_unread then 'R22' end
    ), '') end as warnings
from verdicts;

-- name: insert_reductions
insert into register.reductions
select
    $delivery_id,
    file_row,
    municipality_code,
    period_month,
    person_id,
    decision_date,
    support_month,
    outcome,
    ground,
    amount_sek,
    warnings
from judged_rows
semi join (select municipality_code, period_month from judged_months where not is_refused) as accepted
    using (municipality_code, period_month)
where rule_id is null
order by municipality_code, period_month, file_row;
