-- Deliveries of directions to activity: the statements that are their own, beside event_rules.sql and rules.sql.

-- name: typed_rows
-- One row per row of the file, every column in its own type, and the first row rule it breaks (R00–R03, R20, R21). There is no
-- household here: its name stands empty.
create or replace temp table typed_rows as
with read_columns as (
    select
        raw_rows.*,
        day_of(anvisad_datum) as directed_date,
        day_of(slut_datum) as end_date,
        cast(date_trunc('month', day_of(anvisad_datum)) as date) as period_month,
        cast(year(day_of(anvisad_datum)) as integer) as period_year,
        nullif(regexp_extract(lower(replace(lagrum, ' ', '')), '^(?:12kap[.]?|12:)?(4[ad])§?$', 1), '') as paragraph,
        try_cast(replace(timmar_vecka, ',', '.') as decimal(12, 1)) as hours,
        known.municipality_code,
        known.first_year,
        known.last_year
    from raw_rows
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
            when paragraph is null then 'R20'
            when slut_datum is not null and (end_date is null or end_date < directed_date) then 'R21'
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
    paragraph,
    directed_date,
    end_date,
    try_cast(regexp_extract(aktivitetstyp, '^[1-4]$') as smallint) as activity_type,
    case when hours between 0 and 40 then cast(hours as decimal(4, 1)) end as weekly_hours,
    aktivitetstyp is not null and not regexp_full_match(aktivitetstyp, '[1-4]')
    or timmar_vecka is not null and coalesce(hours not between 0 and 40, true) as is_unread,
    case when rule_id is null then forsorjningshinder end as forsorjningshinder,
    cast(null as varchar) as forsorjningshinder_2,
    struct_pack(paragraph := paragraph, directed_date := directed_date) as same_event,
    struct_pack(end_date := end_date, activity_type := activity_type, weekly_hours := weekly_hours) as event_content,
    rule_id
from judged;

-- name: insert_rows
insert into register.activities
select
    $delivery_id,
    file_row,
    municipality_code,
    period_month,
    person_id,
    paragraph,
    directed_date,
    end_date,
    activity_type,
    weekly_hours,
    reason_code,
    reason_text,
    warnings
from judged_rows
semi join (select municipality_code, period_month from judged_months where not is_refused) as accepted
    using (municipality_code, period_month)
where rule_id is null
order by municipality_code, period_month, file_row;
