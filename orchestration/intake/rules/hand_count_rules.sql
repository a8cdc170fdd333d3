-- Deliveries of counts made by hand: the statements of rules.sql that are others for them. There are no persons in them.

-- name: typed_rows
-- One row per row of the file, every column in its own type, and the first row rule it breaks (R00–R02, R23).
create or replace temp table typed_rows as
with read_columns as (
    select
        raw_rows.*,
        months.period_month,
        try_cast(regexp_extract(antal, '^[0-9]{1,9}$') as bigint) as persons_stated,
        known.municipality_code,
        known.first_year,
        known.last_year
    from raw_rows
    left join reference_months as months on raw_rows.period = months.period
    left join reference_municipalities as known on raw_rows.kommunkod = known.municipality_code
),

judged as (
    select
        *,
        case
            when not is_whole then 'R00'
            when municipality_code is null or year(period_month) < first_year or year(period_month) > last_year then 'R01'
            when period_month is null or period_month < getvariable('first_period')
                or period_month > getvariable('current_month') then 'R02'
            when insats is null or persons_stated is null then 'R23'
        end as rule_id
    from read_columns
)

select
    file_row,
    row_key,
    case when is_whole then municipality_code end as municipality_code,
    case when is_whole then period_month end as period_month,
    is_whole and coalesce(rule_id not in ('R01', 'R02'), true) as has_month,
    cast(null as varchar) as hushalls_id,
    cast(null as bigint) as person_number,
    cast(null as varchar) as reserve_text,
    cast(null as varchar) as number_kind,
    case when rule_id is null then scrubbed(insats) end as measure_name,
    persons_stated,
    cast(null as varchar) as forsorjningshinder,
    cast(null as varchar) as forsorjningshinder_2,
    rule_id
from judged;

-- name: keyed_rows
create or replace temp table keyed_rows as
select * exclude (person_number, reserve_text, hushalls_id, forsorjningshinder, forsorjningshinder_2) from typed_rows;

drop table typed_rows;
drop table person_keys;
drop table household_keys;

-- name: judged_rows
-- One row per data row with its verdict: the same count again (R08), or another count of the same (R07, all of them).
create or replace temp table judged_rows as
with counts as (
    select
        municipality_code,
        period_month,
        measure_name,
        min(row_key) as first_row,
        count(distinct persons_stated) > 1 as differs
    from keyed_rows
    where rule_id is null
    group by municipality_code, period_month, measure_name
)

select
    keyed.* exclude (rule_id),
    cast(null as uuid) as household_id,
    cast(null as uuid) as person_id,
    cast(null as text) as role,
    cast(null as smallint) as stated_type_code,
    case
        when keyed.rule_id is not null then keyed.rule_id
        when counts.differs then 'R07'
        when keyed.row_key > counts.first_row then 'R08'
    end as rule_id,
    cast(null as text) as warnings
from keyed_rows as keyed
left join counts using (municipality_code, period_month, measure_name);

-- name: insert_rows
insert into register.hand_counts
select
    $delivery_id,
    file_row,
    municipality_code,
    period_month,
    measure_name,
    persons_stated,
    warnings
from judged_rows
semi join (select municipality_code, period_month from judged_months where not is_refused) as accepted
    using (municipality_code, period_month)
where rule_id is null
order by municipality_code, period_month, file_row;
