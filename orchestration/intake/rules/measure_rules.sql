-- Deliveries of measures: the statements that are their own, beside event_rules.sql and rules.sql.

-- name: typed_rows
-- One row per row of the file, every column in its own type, and the first row rule it breaks (R00–R03, R21, R23).
create or replace temp table typed_rows as
with read_columns as (
    select
        raw_rows.*,
        day_of(planerad_start) as planned_start_date,
        day_of(planerad_slut) as planned_end_date,
        day_of(start_datum) as start_date,
        day_of(slut_datum) as end_date,
        case when start_datum is null then day_of(planerad_start) else day_of(start_datum) end as first_date,
        known.municipality_code,
        known.first_year,
        known.last_year
    from raw_rows
    left join reference_municipalities as known on raw_rows.kommunkod = known.municipality_code
),

numbered as (
    select
        *,
        cast(date_trunc('month', first_date) as date) as period_month,
        personnummer_number(personnummer, cast(year(first_date) as integer)) as person_number,
        reserve_number(personnummer, cast(year(first_date) as integer)) as reserve_text
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
            when insats is null then 'R23'
            when slut_datum is not null and (end_date is null or end_date < first_date) then 'R21'
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
    case when rule_id is null then scrubbed(insats) end as measure_name,
    planned_start_date,
    planned_end_date,
    start_date,
    end_date,
    case when rule_id is null then scrubbed(avslut) end as ending,
    case when rule_id is null then scrubbed(steg) end as progress,
    planerad_start is not null and planned_start_date is null
    or planerad_slut is not null and planned_end_date is null as is_unread,
    first_date,
    cast(null as varchar) as forsorjningshinder,
    cast(null as varchar) as forsorjningshinder_2,
    struct_pack(measure_name := measure_name, first_date := first_date) as same_event,
    struct_pack(
        planned_start_date := planned_start_date,
        planned_end_date := planned_end_date,
        start_date := start_date,
        end_date := end_date,
        ending := ending,
        progress := progress
    ) as event_content,
    rule_id
from judged;

-- name: insert_rows
insert into register.measures
select
    $delivery_id,
    file_row,
    municipality_code,
    period_month,
    person_id,
    measure_name,
    planned_start_date,
    planned_end_date,
    start_date,
    end_date,
    ending,
    progress,
    warnings
from judged_rows
semi join (select municipality_code, period_month from judged_months where not is_refused) as accepted
    using (municipality_code, period_month)
where rule_id is null
order by municipality_code, period_month, file_row;
