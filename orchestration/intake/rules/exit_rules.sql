-- Deliveries of exit reasons: the statements of rules.sql that are others for them. What is not here is the same.

-- name: typed_rows
-- One row per row of the file, every column in its own type, and the first row rule it breaks (R00–R03).
create or replace temp table typed_rows as
with read_columns as (
    select
        raw_rows.*,
        months.period_month,
        cast(year(months.period_month) as integer) as period_year,
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

judged as (
    select
        *,
        rule_of_place(
            is_whole, municipality_code, first_year, last_year, period_month, hushalls_id, person_number, reserve_text
        ) as rule_id
    from numbered
)

select
    file_row,
    row_key,
    case when is_whole then municipality_code end as municipality_code,
    case when is_whole then period_month end as period_month,
    is_whole and coalesce(rule_id not in ('R01', 'R02'), true) as has_month,
    case when rule_id is null then hushalls_id end as hushalls_id,
    case when rule_id is null then coalesce(person_number, reserve_key(municipality_code, reserve_text)) end as person_number,
    case when rule_id is null then reserve_text end as reserve_text,
    case when rule_id is null then number_kind(person_number, reserve_text) end as number_kind,
    case when rule_id is null then avslutsorsak end as avslutsorsak,
    rule_id
from judged;

-- name: reason_map
-- One row per spelling of an exit reason met in the file.
create or replace temp table reason_map as
select
    spellings.spelling,
    any_value(known.reason_code) as reason_code,
    case when any_value(known.reason_code) is null then scrubbed(spellings.spelling) end as reason_text
from (select distinct avslutsorsak as spelling from typed_rows where avslutsorsak is not null) as spellings
left join reference_exit_reasons as known on reason_key(spellings.spelling) = known.reason_key
group by spellings.spelling;

-- name: keyed_rows
-- One row per data row, without anything that names a person or a household. From here on only pseudonyms.
create or replace temp table keyed_rows as
select
    typed.file_row,
    typed.row_key,
    typed.municipality_code,
    typed.period_month,
    typed.has_month,
    household_keys.household_id,
    person_keys.person_id,
    reasons.reason_code,
    reasons.reason_text,
    typed.number_kind,
    typed.rule_id
from typed_rows as typed
left join person_keys on typed.person_number = person_keys.person_number
left join household_keys
    on typed.municipality_code = household_keys.municipality_code and typed.hushalls_id = household_keys.hushalls_id
left join reason_map as reasons on typed.avslutsorsak = reasons.spelling;

drop table typed_rows;
drop table person_keys;
drop table household_keys;

-- name: judged_rows
-- One row per data row with its verdict: the same exit again (R08), or with another reason (R07, all of them).
create or replace temp table judged_rows as
with people as (
    select
        period_month,
        household_id,
        person_id,
        min(row_key) as first_row,
        count(distinct row(reason_code, reason_text)) > 1 as differs
    from keyed_rows
    where rule_id is null
    group by period_month, household_id, person_id
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
    left join people using (period_month, household_id, person_id)
)

select
    file_row,
    municipality_code,
    period_month,
    has_month,
    household_id,
    person_id,
    cast(null as text) as role,
    cast(null as smallint) as stated_type_code,
    reason_code,
    reason_text,
    number_kind,
    verdict as rule_id,
    case when verdict is null then nullif(concat_ws(
        ',',
        case when number_kind is not null then 'R16' end,
        case when reason_code is null then 'R19' end
    ), '') end as warnings
from verdicts;

-- name: insert_rows
insert into register.exit_reasons
select
    $delivery_id,
    file_row,
    municipality_code,
    period_month,
    household_id,
    person_id,
    reason_code,
    reason_text,
    warnings
from judged_rows
semi join (select municipality_code, period_month from judged_months where not is_refused) as accepted
    using (municipality_code, period_month)
where rule_id is null
order by municipality_code, period_month, file_row;

-- name: references
create or replace temp table reference_exit_reasons as
with known as (
    select exit_reason_code, exit_reason_name
    from read_csv($exit_reasons, header = true, all_varchar = true)
    where is_delivered = 'true'
)

select distinct reason_key(exit_reason_code) as reason_key, exit_reason_code as reason_code from known
union
select distinct reason_key(exit_reason_name) as reason_key, exit_reason_code as reason_code from known;
