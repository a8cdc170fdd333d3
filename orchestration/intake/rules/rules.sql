-- name: typed_rows
-- One row per canonical row (row_key), every column in its own type, and the first row rule it breaks (R00–R04, R06, R18, R24).
create or replace temp table typed_rows as
with read_columns as (
    select
        raw_rows.*,
        months.period_month,
        cast(year(months.period_month) as integer) as period_year,
        known.municipality_code,
        known.first_year,
        known.last_year,
        upper(roll) as role_text,
        household_type_of(hushallstyp) as household_type_number,
        case when getvariable('are_payments') then payment_sek(forsorjningsstod_kr) else amount_sek(forsorjningsstod_kr) end
            as forsorjningsstod_sek,
        case when getvariable('are_payments') then payment_sek(ovrigt_bistand_kr) else amount_sek(ovrigt_bistand_kr) end
            as ovrigt_bistand_sek
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
            is_whole, municipality_code, first_year, last_year, period_month, hushalls_id, person_number, reserve_text
        ) as placing_rule
    from numbered
),

judged as (
    select
        *,
        case when role_text in ('RL', 'MS', 'BARN') then role_text end as role,
        case when list_contains(getvariable('household_types'), household_type_number)
            then household_type_number end as household_type_code,
        case
            when placing_rule is not null then placing_rule
            when is_unknown_kind then 'R24'
            when role_text is null or role_text not in ('RL', 'MS', 'BARN') then 'R04'
            when (forsorjningsstod_kr is not null and forsorjningsstod_sek is null)
                or (ovrigt_bistand_kr is not null and ovrigt_bistand_sek is null) then 'R06'
            when not getvariable('nets_recoveries') and (forsorjningsstod_sek < 0 or ovrigt_bistand_sek < 0) then 'R18'
        end as rule_id
    from placed
)

select
    file_row,
    row_key,
    is_filtered,
    case when is_whole then municipality_code end as municipality_code,
    case when is_whole then period_month end as period_month,
    -- R01, R02 and broken rows belong to no month
    is_whole and coalesce(rule_id not in ('R01', 'R02'), true) as has_month,
    case when rule_id is null then hushalls_id end as hushalls_id,
    case when rule_id is null then coalesce(person_number, reserve_key(municipality_code, reserve_text)) end as person_number,
    case when rule_id is null then reserve_text end as reserve_text,
    case when rule_id is null then number_kind(person_number, reserve_text) end as number_kind,
    case when is_whole then role end as role,
    case when is_whole then household_type_code end as stated_type_code,
    case when is_whole and role = 'RL' then coalesce(household_type_code, 9) end as household_type_code,
    role = 'RL' and household_type_code is null as household_type_unknown,
    forsorjningsstod_sek,
    ovrigt_bistand_sek,
    case when rule_id is null then forsorjningshinder end as forsorjningshinder,
    case when rule_id is null then forsorjningshinder_2 end as forsorjningshinder_2,
    case
        when rule_id is not null then null
        when reserve_text is not null then reserve_sex(reserve_text, sex_of(kon))
        else personnummer_sex(person_number)
    end as sex,
    case when rule_id is null then cast(
        coalesce(person_number // 100000000, cast(left(reserve_text, 4) as integer)) as smallint
    ) end as birth_year,
    case when rule_id is null then nullif(cast(
        coalesce((person_number // 1000000) % 100, cast(reserve_text[5:6] as integer)) as smallint
    ), 0) end as birth_month,
    sex_of(kon) as stated_sex,
    yes_no(utrikes_fodd) as is_foreign_born,
    scrubbed(distrikt) as district,
    rule_id
from judged;

-- name: mapped_counts
-- The rows a mapping gave, those its filters left out, and the rows of the file that are behind them.
select
    count(*) filter (where not is_filtered) as rows_read,
    count(distinct file_row) filter (where is_filtered) as rows_filtered,
    count(distinct file_row) as rows_in_file
from typed_rows;

-- name: sum_payments
-- Several payments to a person in a household and month are one row: the first of them, with the sum of their amounts and
-- the latest reason, type and role that are told.
create or replace temp table payments as
select
    min(row_key) as first_key,
    count(*) as payments_count,
    sum(forsorjningsstod_sek) as forsorjningsstod_sek,
    sum(ovrigt_bistand_sek) as ovrigt_bistand_sek,
    arg_max(forsorjningshinder, row_key) as forsorjningshinder,
    arg_max(stated_type_code, row_key) as stated_type_code,
    municipality_code,
    period_month,
    hushalls_id,
    person_number
from typed_rows
where rule_id is null and not is_filtered
group by municipality_code, period_month, hushalls_id, person_number;

update typed_rows
set
    forsorjningsstod_sek = payments.forsorjningsstod_sek,
    ovrigt_bistand_sek = payments.ovrigt_bistand_sek,
    forsorjningshinder = payments.forsorjningshinder,
    stated_type_code = payments.stated_type_code,
    household_type_code = case
        when typed_rows.role = 'RL' then coalesce(payments.stated_type_code, typed_rows.household_type_code)
    end,
    household_type_unknown = typed_rows.role = 'RL' and payments.stated_type_code is null,
    rule_id = case
        when payments.forsorjningsstod_sek < 0 or payments.ovrigt_bistand_sek < 0 then 'R18'
    end
from payments
where typed_rows.row_key = payments.first_key;

delete from typed_rows
using payments
where
    typed_rows.municipality_code = payments.municipality_code
    and typed_rows.period_month = payments.period_month
    and typed_rows.hushalls_id = payments.hushalls_id
    and typed_rows.person_number = payments.person_number
    and typed_rows.rule_id is null
    and typed_rows.row_key <> payments.first_key;

drop table payments;

-- name: derive_household_types
-- Where the export has none: by the sex of the applicant, whether somebody applies together with them, and the children.
create or replace temp table derived_types as
select
    municipality_code,
    period_month,
    hushalls_id,
    case
        when count(*) filter (where role = 'MS') > 0 then 7
        when max(sex) filter (where role = 'RL') = 'M' then 3
        when max(sex) filter (where role = 'RL') = 'K' then 5
    end + case when count(*) filter (where role = 'BARN') > 0 then 1 else 0 end as household_type_code
from typed_rows
where rule_id is null and not is_filtered
group by municipality_code, period_month, hushalls_id;

update typed_rows
set
    stated_type_code = derived_types.household_type_code,
    household_type_code = coalesce(derived_types.household_type_code, 9),
    household_type_unknown = derived_types.household_type_code is null
from derived_types
where
    typed_rows.role = 'RL'
    and typed_rows.rule_id is null
    and typed_rows.municipality_code = derived_types.municipality_code
    and typed_rows.period_month = derived_types.period_month
    and typed_rows.hushalls_id = derived_types.hushalls_id;

drop table derived_types;

-- name: remove_filtered
delete from typed_rows where is_filtered;

-- name: reason_map
-- One row per spelling of a reason met in the file.
create or replace temp table reason_map as
with spellings as (
    select forsorjningshinder as spelling from typed_rows where forsorjningshinder is not null
    union
    select forsorjningshinder_2 as spelling from typed_rows where forsorjningshinder_2 is not null
)

select
    spellings.spelling,
    any_value(known.reason_code) as reason_code,
    case when any_value(known.reason_code) is null then scrubbed(spellings.spelling) end as reason_text
from spellings
left join reference_reasons as known
    on reason_key(spellings.spelling) = known.reason_key
    and (known.source_system is null or known.source_system = getvariable('source_system'))
group by spellings.spelling;

-- name: empty_keys
create or replace temp table person_keys (person_number bigint, person_id uuid);
create or replace temp table household_keys (municipality_code text, hushalls_id text, household_id uuid);

-- name: person_keys
-- A reserve number is nobody's but the municipality's, so its person is never joined to that of another one.
insert into person_keys
select
    person_number,
    cast(left(sha256($opad || unhex(sha256(
        $ipad || encode(coalesce(reserve_name, 'person:' || lpad(cast(person_number as varchar), 12, '0')))
    ))), 32) as uuid)
from (
    select distinct person_number, 'reserve:' || municipality_code || ':' || reserve_text as reserve_name
    from typed_rows
    where rule_id is null
) as persons;

-- name: household_keys
insert into household_keys
select
    municipality_code,
    hushalls_id,
    cast(left(sha256($opad || unhex(sha256(
        $ipad || encode('household:' || municipality_code || ':' || hushalls_id)
    ))), 32) as uuid)
from (select distinct municipality_code, hushalls_id from typed_rows where rule_id is null) as households;

-- name: repeated_rows
-- One row per row whose person, household and month stands more than once (few, so they are compared whole).
create or replace temp table repeated_rows as
with met_again as (
    -- numbers only, which is quicker than with the texts; few persons stand in two households of a month
    select person_number, period_month
    from typed_rows
    where rule_id is null
    group by person_number, period_month
    having count(*) > 1
),

repeated as (
    select typed.municipality_code, typed.period_month, typed.hushalls_id, typed.person_number
    from typed_rows as typed
    semi join met_again using (person_number, period_month)
    where typed.rule_id is null
    group by typed.municipality_code, typed.period_month, typed.hushalls_id, typed.person_number
    having count(*) > 1
),

contents as (
    select
        typed.row_key,
        typed.municipality_code,
        typed.period_month,
        typed.hushalls_id,
        typed.person_number,
        row(
            typed.role, typed.household_type_code, typed.forsorjningsstod_sek, typed.ovrigt_bistand_sek,
            first_reason.reason_code, first_reason.reason_text, second_reason.reason_code, typed.is_foreign_born,
            typed.district
        ) as content
    from typed_rows as typed
    inner join repeated using (municipality_code, period_month, hushalls_id, person_number)
    left join reason_map as first_reason on typed.forsorjningshinder = first_reason.spelling
    left join reason_map as second_reason on typed.forsorjningshinder_2 = second_reason.spelling
    where typed.rule_id is null
),

people as (
    select
        municipality_code,
        period_month,
        hushalls_id,
        person_number,
        min(row_key) as first_row,
        count(distinct content) > 1 as differs
    from contents
    group by municipality_code, period_month, hushalls_id, person_number
)

select
    contents.row_key,
    case when people.differs then 'R07' when contents.row_key > people.first_row then 'R08' end as rule_id
from contents
inner join people using (municipality_code, period_month, hushalls_id, person_number);

-- name: households
-- One row per household and month among the rows that are right so far.
create or replace temp table households as
with counted as (
    select
        typed.municipality_code,
        typed.period_month,
        typed.hushalls_id,
        count(*) filter (where typed.role = 'RL') as rl_count,
        count(*) filter (where typed.role = 'BARN') as children_count,
        count(*) filter (
            where typed.role = 'BARN' and year(typed.period_month) - typed.birth_year < getvariable('adult_age_from')
        ) as minors_count,
        count(coalesce(typed.forsorjningsstod_sek, typed.ovrigt_bistand_sek)) > 0 as has_amount,
        max(typed.stated_type_code) filter (where typed.role = 'RL') as household_type_code
    from typed_rows as typed
    left join repeated_rows as repeated on typed.row_key = repeated.row_key
    where typed.rule_id is null and repeated.rule_id is null
    group by typed.municipality_code, typed.period_month, typed.hushalls_id
)

select counted.*, household_keys.household_id
from counted
inner join household_keys using (municipality_code, hushalls_id);

-- name: judged_rows
-- One row per data row with its verdict, without anything that names a person or a household: from here on only
-- pseudonyms. Warnings are for rows that are let in.
create or replace temp table judged_rows as
with verdicts as (
    select
        typed.*,
        person_keys.person_id,
        households.household_id,
        households.rl_count,
        households.has_amount,
        (households.children_count = 0 and list_contains(
            getvariable('household_types_with_children'), households.household_type_code
        )) or (households.minors_count > 0 and list_contains(
            getvariable('household_types_without_children'), households.household_type_code
        )) as children_contradict_type,
        households.household_type_code as household_type_of_rl,
        first_reason.reason_code,
        first_reason.reason_text,
        second_reason.reason_code as reason_code_2,
        year(typed.period_month) - typed.birth_year as age,
        (typed.forsorjningshinder is not null and first_reason.reason_code is null)
        or (typed.forsorjningshinder_2 is not null and second_reason.reason_code is null) as reason_unknown,
        case
            when typed.rule_id is not null then typed.rule_id
            when repeated.rule_id is not null then repeated.rule_id
            when households.rl_count > 1 then 'R05'
        end as verdict
    from typed_rows as typed
    left join person_keys on typed.person_number = person_keys.person_number
    left join repeated_rows as repeated on typed.row_key = repeated.row_key
    left join households
        on typed.municipality_code = households.municipality_code
        and typed.period_month = households.period_month
        and typed.hushalls_id = households.hushalls_id
    left join reason_map as first_reason on typed.forsorjningshinder = first_reason.spelling
    left join reason_map as second_reason on typed.forsorjningshinder_2 = second_reason.spelling
)

select
    file_row,
    municipality_code,
    period_month,
    has_month,
    household_id,
    person_id,
    role,
    stated_type_code,
    household_type_code,
    forsorjningsstod_sek,
    ovrigt_bistand_sek,
    reason_code,
    reason_text,
    reason_code_2,
    sex,
    birth_year,
    birth_month,
    is_foreign_born,
    district,
    number_kind,
    verdict as rule_id,
    case when verdict is null then nullif(concat_ws(
        ',',
        case when rl_count = 0 then 'R09' end,
        case when role <> 'BARN' and age >= getvariable('adult_age_from') and forsorjningshinder is null then 'R10' end,
        case when reason_unknown then 'R11' end,
        case
            when role = 'BARN' and age >= getvariable('child_role_age_below') then 'R12'
            when role <> 'BARN' and age < getvariable('adult_age_from')
                and coalesce(household_type_of_rl, stated_type_code)
                is distinct from getvariable('child_applicant_household_type') then 'R12'
        end,
        case
            when household_type_unknown then 'R13'
            when role <> 'RL' and (forsorjningsstod_sek > 0 or ovrigt_bistand_sek > 0) then 'R13'
        end,
        case when stated_sex <> sex then 'R14' end,
        case when role = 'RL' and not has_amount then 'R15' end,
        case when number_kind is not null then 'R16' end,
        case when role = 'RL' and children_contradict_type then 'R17' end
    ), '') end as warnings
from verdicts;

drop table typed_rows;
drop table person_keys;
drop table household_keys;
drop table households;
drop table repeated_rows;
drop table reason_map;

-- name: judged_months
-- One row per delivery month in the file; it is refused when too many of its rows fell. Rows whose municipality or month
-- could not be read may be anybody's: they count against the months of their municipality where that is known, else against
-- all months of the file, in proportion to their rows. A row for a month that is not let in is read and nobody else's.
create or replace temp table judged_months as
with counted as (
    select
        municipality_code,
        period_month,
        count(*) as rows_read,
        count(*) filter (where rule_id is not null and rule_id <> 'R08') as rows_in_error,
        count(*) filter (where rule_id = 'R08') as rows_duplicate,
        count(*) filter (where warnings is not null) as rows_warned,
        count(distinct household_id) filter (where rule_id is null) as households_count,
        count(distinct person_id) filter (where rule_id is null) as persons_count
    from judged_rows
    where has_month
    group by municipality_code, period_month
),

unplaced as (
    select municipality_code, count(*) as rows_unplaced
    from judged_rows
    where not has_month and (municipality_code is null or period_month is null)
    group by municipality_code
),

shared as (
    select
        counted.*,
        counted.rows_read * round(
            coalesce(own.rows_unplaced / sum(counted.rows_read) over (partition by counted.municipality_code), 0)
            + coalesce(anybodys.rows_unplaced / sum(counted.rows_read) over (), 0), 12
        ) as rows_unplaced
    from counted
    left join unplaced as own on counted.municipality_code = own.municipality_code
    left join unplaced as anybodys on anybodys.municipality_code is null
)

select
    * exclude (rows_unplaced),
    round(rows_in_error + rows_unplaced - getvariable('error_share_max') * (rows_read + rows_unplaced), 6) > 0 as is_refused
from shared;

-- name: record_months
insert into register.delivery_months
select
    $delivery_id,
    municipality_code,
    period_month,
    -- whether it waits is told when every file of the run is in (hold_verdicts)
    case when is_refused then 'rejected' else 'held' end,
    case when is_refused then 'D04' end,
    rows_read,
    case when is_refused then 0 else rows_read - rows_in_error - rows_duplicate end,
    case when is_refused then rows_read - rows_duplicate else rows_in_error end,
    rows_duplicate,
    case when is_refused then 0 else rows_warned end,
    case when is_refused then 0 else households_count end,
    case when is_refused then 0 else persons_count end,
    null
from judged_months
order by municipality_code, period_month;

-- name: insert_rows
insert into register.person_months
select
    $delivery_id,
    file_row,
    municipality_code,
    period_month,
    household_id,
    person_id,
    role,
    household_type_code,
    forsorjningsstod_sek,
    ovrigt_bistand_sek,
    reason_code,
    reason_text,
    reason_code_2,
    sex,
    birth_year,
    is_foreign_born,
    district,
    warnings,
    birth_month
from judged_rows
semi join (select municipality_code, period_month from judged_months where not is_refused) as accepted
    using (municipality_code, period_month)
where rule_id is null
order by municipality_code, period_month, file_row;

-- name: insert_quarantine
insert into register.quarantine
select
    $delivery_id,
    judged.file_row,
    coalesce(judged.rule_id, 'D04'),
    judged.municipality_code,
    judged.period_month,
    judged.role,
    cast(judged.stated_type_code as varchar)
from judged_rows as judged
left join (select * from judged_months where is_refused) as refused
    on judged.has_month and judged.municipality_code = refused.municipality_code
    and judged.period_month = refused.period_month
where judged.rule_id is distinct from 'R08' and (judged.rule_id is not null or refused.is_refused)
order by judged.file_row;

-- name: record_rule_hits
insert into register.rule_hits
with hits as (
    select
        case when judged.has_month then judged.municipality_code end as municipality_code,
        case when judged.has_month then judged.period_month end as period_month,
        unnest(case
            when judged.rule_id is not null then [judged.rule_id]
            when refused.is_refused then ['D04']
            else string_split(judged.warnings, ',')
        end) as rule_id
    from judged_rows as judged
    left join (select * from judged_months where is_refused) as refused
        on judged.has_month and judged.municipality_code = refused.municipality_code
        and judged.period_month = refused.period_month
    where judged.rule_id is not null or judged.warnings is not null or refused.is_refused
)

select $delivery_id, hits.municipality_code, hits.period_month, hits.rule_id, rules.severity, count(*)
from hits
inner join reference_rules as rules on hits.rule_id = rules.rule_id
group by hits.municipality_code, hits.period_month, hits.rule_id, rules.severity
order by hits.municipality_code nulls last, hits.period_month, hits.rule_id;

-- name: counts
select
    count(*) filter (where rule_id = 'R08') as rows_duplicate,
    (select count(*) from judged_months) as months_count,
    (select count(*) from judged_months where is_refused) as months_refused
from judged_rows;

-- name: number_kinds
-- Persons let in with a number that is no whole Swedish identity, by kind.
select number_kind, count(distinct person_id)
from judged_rows
semi join (select municipality_code, period_month from judged_months where not is_refused) as accepted
    using (municipality_code, period_month)
where rule_id is null and number_kind is not null
group by number_kind
order by number_kind;

-- name: common_rule
select hits.rule_id
from register.rule_hits as hits
where hits.delivery_id = $delivery_id and hits.severity = 'error' and hits.rule_id <> 'D04'
group by hits.rule_id
order by sum(hits.rows_count) desc, hits.rule_id
limit 1;

-- name: clear
drop table if exists typed_rows;
drop table if exists person_keys;
drop table if exists household_keys;
drop table if exists reason_map;
drop table if exists keyed_rows;
drop table if exists repeated_rows;
drop table if exists households;
drop table if exists judged_rows;
drop table if exists judged_months;

-- name: references
create or replace temp table reference_municipalities as
select
    municipality_code,
    coalesce(try_cast(first_year as integer), 0) as first_year,
    coalesce(try_cast(last_year as integer), 9999) as last_year
from read_csv($municipalities, header = true, all_varchar = true);

create or replace temp table reference_reasons as
select reason_key(reason_code) as reason_key, reason_code, cast(null as varchar) as source_system
from read_csv($reasons, header = true, all_varchar = true)
union
select reason_key(reason_name), reason_code, null
from read_csv($reasons, header = true, all_varchar = true)
union
-- the wordings of a case system are known everywhere, its codes only where a mapping names it
select reason_key(alias), reason_code, case when is_code = 'true' then source_system end
from read_csv($aliases, header = true, all_varchar = true);

create or replace temp table reference_months as
with months as (
    select cast(month_start as date) as period_month
    from generate_series(timestamp '1900-01-01', timestamp '2199-12-01', interval 1 month) as series (month_start)
)

select strftime(period_month, '%Y-%m') as period, period_month from months
union all
select strftime(period_month, '%Y%m') as period, period_month from months;
