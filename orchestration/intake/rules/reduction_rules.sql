-- Deliveries of support refused or reduced: the statements that are their own, beside event_rules.sql and rules.sql.

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
    struct_pack(
        decision_date := decision_date,
        support_month := support_month,
        outcome := outcome,
        ground := ground
    ) as same_event,
    struct_pack(amount_sek := amount_sek) as event_content,
    rule_id
from judged;

-- name: insert_rows
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
