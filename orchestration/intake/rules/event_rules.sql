-- Deliveries of what happened to a person on a day (directions to activity, support refused or reduced, measures): what they have in
-- common. `typed_rows` says by which columns two rows are of the same event (`same_event`), and what else they say (`event_content`).

-- name: keyed_rows
-- One row per data row, without anything that names a person. From here on only pseudonyms.
create or replace temp table keyed_rows as
select
    typed.* exclude (person_number, reserve_text, hushalls_id, forsorjningshinder, forsorjningshinder_2),
    person_keys.person_id,
    reasons.reason_code,
    reasons.reason_text
from typed_rows as typed
left join person_keys on typed.person_number = person_keys.person_number
left join reason_map as reasons on typed.forsorjningshinder = reasons.spelling;

drop table typed_rows;
drop table person_keys;
drop table household_keys;

-- name: judged_rows
-- One row per data row with its verdict: the same event again (R08), or with other content (R07, all of them).
create or replace temp table judged_rows as
with events as (
    select
        municipality_code,
        person_id,
        same_event,
        min(row_key) as first_row,
        count(distinct row(event_content, reason_code, reason_text)) > 1 as differs
    from keyed_rows
    where rule_id is null
    group by municipality_code, person_id, same_event
),

verdicts as (
    select
        keyed.*,
        case
            when keyed.rule_id is not null then keyed.rule_id
            when events.differs then 'R07'
            when keyed.row_key > events.first_row then 'R08'
        end as verdict
    from keyed_rows as keyed
    left join events
        on keyed.municipality_code = events.municipality_code
        and keyed.person_id = events.person_id
        and keyed.same_event is not distinct from events.same_event
)

select
    * exclude (rule_id, verdict, is_unread, same_event, event_content),
    cast(null as uuid) as household_id,
    cast(null as text) as role,
    cast(null as smallint) as stated_type_code,
    verdict as rule_id,
    case when verdict is null then nullif(concat_ws(
        ',',
        case when reason_code is null and reason_text is not null then 'R11' end,
        case when number_kind is not null then 'R16' end,
        case when is_unread then 'R22' end
    ), '') end as warnings
from verdicts;
